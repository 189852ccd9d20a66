import { type ExpectedRow, groupBy } from './query-oracle-rows.ts'

export type FunnelEvent = {
  readonly person_id: string
  readonly event: string
  readonly event_time: number
  readonly channel: string | null
}

export type FunnelQuestion = {
  readonly steps: readonly string[]
  readonly withinMs: number
  readonly isOrdered: boolean
  readonly isByChannel: boolean
  readonly from: number
  readonly to: number
}

type Journey = { readonly segment: string; readonly start: number; readonly times: readonly number[] }

/** Tries every start of every person. */
export function funnelOracle(events: readonly FunnelEvent[], question: FunnelQuestion): ExpectedRow[] {
  const journeys = [...groupBy(events, ({ person_id }) => person_id).values()].flatMap((own) => {
    const tried = own
      .filter(({ event, event_time }) => {
        const isStart = question.isOrdered ? event === question.steps[0] : question.steps.includes(event)
        return isStart && event_time >= question.from && event_time < question.to
      })
      .map((start) => journeyFrom(start, own, question))
      .filter(({ times }) => times.length > 0)
    const furthest = Math.max(...tried.map(({ times }) => times.length))
    const best = tried
      .filter(({ times }) => times.length === furthest)
      .toSorted((a, b) => a.start - b.start || (a.segment < b.segment ? -1 : 1))
    return best.slice(0, 1)
  })
  const bySegment = groupBy(journeys, ({ segment }) => segment)
  if (!question.isByChannel && journeys.length === 0) bySegment.set('(all)', [])
  return [...bySegment].flatMap(([segment, group]) =>
    question.steps.map((event, index) => {
      const reached = group.filter(({ times }) => times.length > index)
      const before = group.filter(({ times }) => times.length >= index)
      return {
        segment,
        step: index + 1,
        event,
        people: reached.length,
        of_first: group.length === 0 ? null : reached.length / group.length,
        of_previous: index === 0 || before.length === 0 ? null : reached.length / before.length,
        dropped: index === 0 ? null : before.length - reached.length,
        median_ms_from_previous:
          index === 0
            ? null
            : lowerMedian(reached.map(({ times }) => (times[index] ?? 0) - (times[index - 1] ?? 0))),
        median_ms_from_first: lowerMedian(reached.map(({ start, times }) => (times[index] ?? 0) - start)),
      }
    }),
  )
}

function journeyFrom(start: FunnelEvent, own: readonly FunnelEvent[], question: FunnelQuestion): Journey {
  const { steps, withinMs, isOrdered, isByChannel } = question
  const atStart = own.filter(
    ({ event, event_time }) =>
      event_time === start.event_time && (isOrdered ? event === steps[0] : steps.includes(event)),
  )
  const segments = atStart.map(({ channel }) => channel ?? '(none)').toSorted()
  const segment = isByChannel ? (segments[0] ?? '') : '(all)'
  const inTime = own
    .filter(({ event_time }) => event_time >= start.event_time && event_time <= start.event_time + withinMs)
    .toSorted((a, b) => a.event_time - b.event_time)
  const used = new Set<FunnelEvent>(isOrdered ? [start] : [])
  const times: number[] = isOrdered ? [start.event_time] : []
  for (const name of steps.slice(times.length)) {
    const earliest = isOrdered ? (times.at(-1) ?? 0) : start.event_time
    const next = inTime.find(
      (candidate) => candidate.event === name && candidate.event_time >= earliest && !used.has(candidate),
    )
    if (next === undefined) break
    used.add(next)
    times.push(Math.max(next.event_time, times.at(-1) ?? next.event_time))
  }
  return { segment, start: start.event_time, times }
}

/** The longest chain there is, by trying every event for every step: what taking the earliest one each time must not miss. */
export function longestChain(own: readonly FunnelEvent[], question: FunnelQuestion): number {
  const { steps, withinMs, from, to } = question
  const longestAfter = (used: readonly FunnelEvent[]): number => {
    const name = steps[used.length]
    const [first, last] = [used[0], used.at(-1)]
    const candidates = own.filter(
      (candidate) =>
        candidate.event === name &&
        !used.includes(candidate) &&
        (first === undefined || last === undefined
          ? candidate.event_time >= from && candidate.event_time < to
          : candidate.event_time >= last.event_time && candidate.event_time <= first.event_time + withinMs),
    )
    return Math.max(used.length, ...candidates.map((candidate) => longestAfter([...used, candidate])))
  }
  return longestAfter([])
}

const lowerMedian = (values: readonly number[]): number | null =>
  values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? null
