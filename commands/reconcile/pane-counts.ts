import type { PaneStore } from '../../shared/aws/dynamodb.ts'
import { type CatalogueEntry, catalogueOf } from '../../shared/core/metric/catalogue.ts'
import type { Grain } from '../../shared/core/metric/contribution.ts'
import type { Metrics } from '../../shared/core/metric/definitions.ts'
import { fromPaneItem } from '../../shared/core/metric/pane-item.ts'
import { type PaneWriter, parsePaneKeys } from '../../shared/core/metric/pane-keys.ts'
import { type MetricWindow, readMetric } from '../../shared/core/metric/read.ts'
import { grainMs } from '../../shared/core/window/grain.ts'
import { laneTotals } from '../send/flush.ts'
import { type Counts, type HourCounts, hourOf, LaneCounts, noEvents, total } from './counts.ts'
import { comparableMetrics, comparedGrains, correctedMetrics, windowName } from './lake-counts.ts'

/** What the lanes and their panes say of these days. */
export async function paneCounts(
  store: PaneStore,
  { metrics, days }: { readonly metrics: Metrics; readonly days: readonly string[] },
): Promise<Counts> {
  const catalogue = catalogueOf(metrics)
  const read = async (name: string, grain: Grain, by: readonly string[]): Promise<WrittenWindow[]> => {
    const metric = catalogue.find((entry) => entry.name === name)
    if (!metric) throw new Error(`no metric ${name}`)
    const windows = await Promise.all(days.map((day) => windowsOfDay(store, { metric, grain, by, day })))
    return windows.flat()
  }
  const lanes = new LaneCounts()
  const hours = new Map<string, HourCounts>()
  for (const { lane, start, cells } of (await read('account', '1h', ['outcome'])).filter(isOfLane)) {
    const window = hourOf(start)
    const count = (outcome: string) => sumOf(cells.filter(({ by }) => by.outcome === outcome))
    const [accepted, quarantined] = [count('accepted'), count('quarantined')]
    lanes.add({ window, lane, name: 'accepted' }, accepted)
    lanes.add({ window, lane, name: 'quarantined' }, quarantined)
    const before = hours.get(window) ?? noEvents
    hours.set(window, {
      received: before.received + sumOf(cells),
      accepted: before.accepted + accepted,
      quarantined: before.quarantined + quarantined,
      duplicate: before.duplicate + count('duplicate'),
    })
  }
  const totals = new Map<string, number>()
  const corrected = new Set(correctedMetrics(metrics).map(({ name }) => name))
  for (const { name, every } of comparableMetrics(metrics))
    for (const grain of comparedGrains(every)) {
      const windows = await read(name, grain, [])
      const ofLanes = windows.filter(isOfLane)
      for (const { lane, start, cells } of ofLanes)
        lanes.add({ window: windowName(grain, start), lane, name: total.metric(name) }, sumOf(cells))
      totals.set(total.metric(name), sumOf(ofLanes.flatMap(({ cells }) => cells)))
      if (corrected.has(name)) totals.set(total.corrected(name), sumOf(windows.flatMap(({ cells }) => cells)))
    }
  // After the panes: a lane publishes itself beside them, so its counters are then at least as new.
  for (const [name, count] of await laneItemTotals(store)) totals.set(name, count)
  return { hours, lanes, totals }
}

/** What the lanes say of themselves. */
async function laneItemTotals(store: PaneStore): Promise<Map<string, number>> {
  const lanes = await store.lanes()
  const counted = laneTotals(lanes)
  const totals = new Map<string, number>([
    [total.received, counted.received],
    [total.accepted, counted.accepted],
    [total.shown, counted.accepted],
    [total.quarantined, counted.quarantined],
    [total.duplicate, counted.duplicate],
    [total.sessions, counted.sessionsClosed],
    [total.sessionsThatDiffer, 0],
  ])
  // While sessions are open, their events are in no closed one.
  const hasOpenSessions = lanes.some(({ earliestOpenStart }) => earliestOpenStart !== undefined)
  if (!hasOpenSessions) totals.set(total.eventsInSessions, counted.accepted)
  return totals
}

type WrittenWindow = Pick<MetricWindow, 'start' | 'cells'> & { readonly lane: PaneWriter }
type LaneWindow = WrittenWindow & { readonly lane: number }

const isOfLane = (window: WrittenWindow): window is LaneWindow => window.lane !== 'batch'

/** The windows of the day that hold something, of each lane on its own, and of the batch layer. */
async function windowsOfDay(
  store: PaneStore,
  query: {
    readonly metric: CatalogueEntry
    readonly grain: Grain
    readonly by: readonly string[]
    readonly day: string
  },
): Promise<WrittenWindow[]> {
  const { metric, grain, by } = query
  const fromMs = Date.parse(`${query.day}T00:00:00Z`)
  const range = { metric, grain, by, fromMs, toMs: fromMs + grainMs['1d'] }
  const items = await store.queryPanes({ ...range, metric: metric.name })
  const byLane = Map.groupBy(items, (item) => parsePaneKeys(item).lane)
  return [...byLane].flatMap(([lane, ofLane]) =>
    readMetric(range, ofLane.map(fromPaneItem), [])
      .windows.filter(({ cells }) => cells.length > 0)
      .map(({ start, cells }) => ({ lane, start, cells })),
  )
}

const sumOf = (cells: MetricWindow['cells']): number =>
  cells.reduce((sum, { value }) => sum + (typeof value === 'number' ? value : 0), 0)
