import { type Counts, type HourCounts, noEvents, total } from './counts.ts'

/** One number from both sides. `slack`: by how much the counted side moved while the lake was read. */
export type Check = {
  readonly counted: number
  readonly lake: number
  readonly slack: number
  readonly isRight: boolean
}

export type HourAccount = { readonly hour: string } & Readonly<Record<keyof HourCounts, Check>>

export type Verdict = {
  readonly isRight: boolean
  readonly hours: readonly HourAccount[]
  readonly totals: readonly ({ readonly name: string } & Check)[]
}

/**
 * The lake must lie between what was counted before and after it was read. When nothing flows these are the same, so the
 * check is exact; while events flow, it is exact for the hours that are over.
 */
export function judge(sides: {
  readonly before: Counts
  readonly lake: Counts
  readonly after: Counts
}): Verdict {
  const { before, lake, after } = sides
  const hourNames = [...new Set([...before.hours.keys(), ...lake.hours.keys(), ...after.hours.keys()])].sort()
  const hours = hourNames.map((hour): HourAccount => {
    const [low, found, high] = [before, lake, after].map(({ hours }) => hours.get(hour) ?? noEvents)
    const of = (field: keyof HourCounts) => check(low?.[field] ?? 0, found?.[field] ?? 0, high?.[field] ?? 0)
    return { hour, received: of('received'), accepted: of('accepted'), quarantined: of('quarantined') }
  })
  const totals = [...after.totals].flatMap(([name, high]) => {
    const low = before.totals.get(name)
    // Only counted while no session was open.
    if (name === total.eventsInSessions && low === undefined) return []
    return [{ name, ...check(low ?? 0, lake.totals.get(name) ?? 0, high) }]
  })
  const checks = [
    ...totals,
    ...hours.flatMap(({ received, accepted, quarantined }) => [received, accepted, quarantined]),
  ]
  return { isRight: checks.every(({ isRight }) => isRight), hours, totals }
}

const check = (low: number, found: number, high: number): Check => ({
  counted: high,
  lake: found,
  slack: high - low,
  isRight: low <= found && found <= high,
})
