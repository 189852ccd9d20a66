import { type ExpectedRow, groupBy, periodOf } from './query-oracle-rows.ts'

export type Grain = 'day' | 'week' | 'month'

export type PersonEvent = {
  readonly person_id: string
  readonly event: string
  readonly event_time: number
  readonly is_bot: boolean
}

export type PersonSession = {
  readonly person_id: string
  readonly started_at: number
  readonly events: number
  readonly revenue: number
  readonly is_bot: boolean
}

const dayMs = 86_400_000
const distinct = <Value>(values: readonly Value[]): number => new Set(values).size
const msOf = (day: string): number => Date.parse(day)

/** First days of all periods from one to another, both included. */
function periodsBetween(first: string, last: string, grain: Grain): string[] {
  const found: string[] = []
  for (let ms = msOf(first); ms <= msOf(last); ms += dayMs) found.push(periodOf(ms, grain))
  return [...new Set(found)]
}

const maxText = (texts: readonly string[]): string => texts.toSorted().at(-1) ?? ''
const minText = (texts: readonly string[]): string => texts.toSorted()[0] ?? ''

export type RetentionQuestion = {
  readonly grain: Grain
  readonly mode: 'first' | 'recurring'
  readonly measure: 'exact' | 'rolling'
  readonly start: string
  readonly return: string
  readonly periods: number
  readonly from: number
  readonly to: number
}

export function retentionOracle(events: readonly PersonEvent[], asked: RetentionQuestion): ExpectedRow[] {
  const { grain, mode, measure, periods, from, to } = asked
  const isFrom = (name: string, event: string) => name === '' || name === event
  const known = events.filter(
    ({ event, event_time, is_bot }) =>
      !is_bot && event_time < to && (isFrom(asked.start, event) || isFrom(asked.return, event)),
  )
  const rows = [...groupBy(known, ({ person_id }) => person_id).values()].map((own) => {
    const of = (name: string) =>
      own.filter(({ event }) => isFrom(name, event)).map(({ event_time }) => periodOf(event_time, grain))
    const starts = of(asked.start)
    return {
      cohorts: new Set(mode === 'first' && starts.length > 0 ? [minText(starts)] : starts),
      returns: of(asked.return),
    }
  })
  const last = maxText(known.map(({ event_time }) => periodOf(event_time, grain)))
  const cohorts = [...new Set(rows.flatMap((row) => [...row.cohorts]))].filter((day) => msOf(day) >= from)
  return cohorts.flatMap((cohort) => {
    const members = rows.filter((row) => row.cohorts.has(cohort))
    return periodsBetween(cohort, last, grain)
      .slice(0, periods + 1)
      .map((later, period) => {
        const returned = members.filter(({ returns }) =>
          measure === 'exact' ? returns.includes(later) : returns.some((day) => day >= later),
        ).length
        return { cohort, people: members.length, period, returned, share: returned / members.length }
      })
  })
}

export function cohortsOracle(
  sessions: readonly PersonSession[],
  asked: {
    readonly measure: 'revenue' | 'sessions' | 'events'
    readonly grain: Grain
    readonly periods: number
    readonly from: number
    readonly to: number
  },
): ExpectedRow[] {
  const { measure, grain, periods, from, to } = asked
  const known = sessions
    .filter(({ started_at, is_bot }) => !is_bot && started_at < to)
    .map((session) => ({ ...session, period: periodOf(session.started_at, grain) }))
  const people = [...groupBy(known, ({ person_id }) => person_id).values()]
  const last = maxText(known.map(({ period }) => period))
  const cohortOf = (own: typeof known) => minText(own.map(({ period }) => period))
  return [...groupBy(people, cohortOf)]
    .filter(([cohort]) => msOf(cohort) >= from)
    .flatMap(([cohort, members]) => {
      let soFar = 0
      return periodsBetween(cohort, last, grain)
        .slice(0, periods + 1)
        .map((day, period) => {
          const there = members.flat().filter((session) => session.period === day)
          const amounts = there.map((session) => (measure === 'sessions' ? 1 : session[measure]))
          const total = amounts.reduce((sum, amount) => sum + amount, 0)
          soFar += total
          return {
            cohort,
            people: members.length,
            period,
            active: distinct(there.map(({ person_id }) => person_id)),
            total,
            per_person: total / members.length,
            per_person_so_far: soFar / members.length,
          }
        })
    })
}

export function activeUsersOracle(
  events: readonly PersonEvent[],
  sessions: readonly PersonSession[],
  bounds: { readonly from: number; readonly to: number },
): ExpectedRow[] {
  const known = events.filter(({ event_time, is_bot }) => !is_bot && event_time < bounds.to)
  // Of what lies further back than a month nothing is asked.
  const horizon = msOf(periodOf(bounds.from, 'day')) - 29 * dayMs
  const days = known
    .map(({ event_time }) => periodOf(event_time, 'day'))
    .filter((day) => msOf(day) >= horizon)
  if (days.length === 0) return []
  const firstSeen = (person: string) =>
    Math.min(...sessions.filter(({ person_id }) => person_id === person).map(({ started_at }) => started_at))
  const peopleIn = (day: string, length: number) =>
    new Set(
      known
        .filter(({ event_time }) => {
          const age = msOf(day) - msOf(periodOf(event_time, 'day'))
          return age >= 0 && age < length * dayMs && msOf(day) - age >= horizon
        })
        .map(({ person_id }) => person_id),
    )
  return periodsBetween(minText(days), maxText(days), 'day')
    .filter((day) => msOf(day) >= bounds.from && peopleIn(day, 30).size > 0)
    .map((day) => {
      const dau = peopleIn(day, 1)
      const fresh = [...dau].filter((person) => firstSeen(person) >= msOf(day)).length
      return {
        day,
        dau: dau.size,
        wau: peopleIn(day, 7).size,
        mau: peopleIn(day, 30).size,
        stickiness: dau.size / peopleIn(day, 30).size,
        new_people: fresh,
        returning_people: dau.size - fresh,
      }
    })
}
