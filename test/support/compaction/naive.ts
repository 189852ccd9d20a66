import { formatTimestamp } from '../../../shared/core/event/timestamp.ts'
import { laneSettings } from '../lane-events.ts'
import type { Arrival } from './stream.ts'

/** Bounds and measures of a session as one line. */
export const sessionLine = (of: {
  readonly visitor: string
  readonly start: string
  readonly end: string
  readonly events: number
  readonly pageViews: number
  readonly revenue: number
}): string => [of.visitor, of.start, of.end, of.events, of.pageViews, of.revenue.toFixed(2)].join(' | ')

/** Sort, scan, cut where the silence is longer than the gap: the sessions of all these events, sorted. */
export const naiveSessions = (events: readonly Arrival[]): string[] => {
  const runs: Arrival[][] = []
  const sorted = events.toSorted(
    (a, b) => (a.visitor < b.visitor ? -1 : a.visitor > b.visitor ? 1 : 0) || a.eventTime - b.eventTime,
  )
  for (const event of sorted) {
    const run = runs.at(-1)
    const last = run?.at(-1)
    if (run && last?.visitor === event.visitor && event.eventTime - last.eventTime <= laneSettings.gapMs)
      run.push(event)
    else runs.push([event])
  }
  return runs
    .map((run) => {
      const [first] = run
      return sessionLine({
        visitor: first?.visitor ?? '',
        start: formatTimestamp(first?.eventTime ?? 0),
        end: formatTimestamp(run.at(-1)?.eventTime ?? 0),
        events: run.length,
        pageViews: run.filter(({ page }) => page !== '').length,
        revenue: run.reduce((sum, { revenue }) => sum + revenue, 0),
      })
    })
    .sort()
}
