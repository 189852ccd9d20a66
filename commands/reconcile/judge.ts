import { type Counts, type HourCounts, keyOf, type LanePlace, noEvents, total } from './counts.ts'

/** One number from both sides. `slack`: by how much the counted side moved while the lake was read. */
export type Check = {
  readonly counted: number
  readonly lake: number
  readonly slack: number
  readonly isRight: boolean
}

export type HourAccount = { readonly hour: string } & Readonly<Record<keyof HourCounts, Check>>

/** A number that differs, and where. Without lane: not known to be of one. Without window: over all time. */
export type Difference = Partial<Pick<LanePlace, 'window' | 'lane'>> & { readonly name: string } & Check

export type Verdict = {
  readonly isRight: boolean
  readonly hours: readonly HourAccount[]
  readonly totals: readonly ({ readonly name: string } & Check)[]
  /** What differs, the earliest hour of arrival first, and in it the lowest lane. */
  readonly differences: readonly Difference[]
}

type Sides = { readonly before: Counts; readonly lake: Counts; readonly after: Counts }

/**
 * The lake must lie between what was counted before and after it was read. When nothing flows these are the same, so the
 * check is exact; while events flow, it is exact for the hours that are over.
 * panesWait: a lane holds panes of metrics back for minutes while events flow, so that they are judged when nothing flows.
 */
export function judge(sides: Sides, of: { readonly panesWait: boolean }): Verdict {
  const { before, lake, after } = sides
  const hourNames = [...new Set([...before.hours.keys(), ...lake.hours.keys(), ...after.hours.keys()])].sort()
  const hours = hourNames.map((hour): HourAccount => {
    const [low, found, high] = [before, lake, after].map(({ hours }) => hours.get(hour) ?? noEvents)
    const of = (field: keyof HourCounts) => check(low?.[field] ?? 0, found?.[field] ?? 0, high?.[field] ?? 0)
    const received = of('received')
    const duplicate = of('duplicate')
    return {
      hour,
      received,
      accepted: of('accepted'),
      quarantined: of('quarantined'),
      // The lake has it by subtraction, which says nothing while the raw archive runs ahead of the other tables.
      duplicate: { ...duplicate, isRight: duplicate.isRight || received.slack > 0 },
    }
  })
  const isMoving = hours.some(({ received }) => received.slack > 0)
  const isJudged = (name: string) => !(of.panesWait && isMoving && isOfMetric(name))
  const totals = [...after.totals].flatMap(([name, high]) => {
    const low = before.totals.get(name)
    // Only counted while no session was open.
    if (name === total.eventsInSessions && low === undefined) return []
    if ((name === total.duplicate && isMoving) || !isJudged(name)) return []
    return [{ name, ...check(low ?? 0, lake.totals.get(name) ?? 0, high) }]
  })
  const differences = [
    ...inOrder([...ofHours(hours), ...ofLanes(sides).filter(({ name }) => isJudged(name))]),
    ...totals.filter(({ isRight }) => !isRight),
  ]
  return { isRight: differences.length === 0, hours, totals, differences }
}

const isOfMetric = (name: string): boolean => name.startsWith(total.metric(''))

const accountFields = ['accepted', 'quarantined', 'received', 'duplicate'] as const
const fieldOrder: readonly string[] = accountFields

const ofHours = (hours: readonly HourAccount[]): Difference[] =>
  hours.flatMap((account) =>
    accountFields
      .map((name) => ({ window: account.hour, name, ...account[name] }))
      .filter(({ isRight }) => !isRight),
  )

function ofLanes({ before, lake, after }: Sides): Difference[] {
  const sides = [before, lake, after].flatMap(({ lanes }) => lanes.places())
  const places = new Map(sides.map((place) => [keyOf(place), place]))
  return [...places.values()]
    .map((place) => ({
      ...place,
      ...check(before.lanes.get(place), lake.lanes.get(place), after.lanes.get(place)),
    }))
    .filter(({ isRight }) => !isRight)
}

/** The account before the metrics, since their windows are not of arrival; then by hour; then what names a lane. */
const inOrder = (differences: readonly Difference[]): Difference[] =>
  differences
    .map((difference) => ({ difference, order: orderOf(difference) }))
    .sort((a, b) => (a.order < b.order ? -1 : 1))
    .map(({ difference }) => difference)

function orderOf({ name, window, lane }: Difference): string {
  const field = fieldOrder.indexOf(name)
  const ofMetric = field === -1 ? 'metric' : 'account'
  const ofLane = lane === undefined ? 'none' : String(lane).padStart(4, '0')
  return [ofMetric, window, ofLane, field, name].join(' ')
}

const check = (low: number, found: number, high: number): Check => ({
  counted: high,
  lake: found,
  slack: high - low,
  isRight: low <= found && found <= high,
})
