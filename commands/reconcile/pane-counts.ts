import type { PaneStore } from '../../shared/aws/dynamodb.ts'
import { type CatalogueEntry, catalogueOf } from '../../shared/core/metric/catalogue.ts'
import type { Grain } from '../../shared/core/metric/contribution.ts'
import type { Metrics } from '../../shared/core/metric/definitions.ts'
import { fromPaneItem } from '../../shared/core/metric/pane-item.ts'
import { type MetricWindow, readMetric } from '../../shared/core/metric/read.ts'
import { grainMs } from '../../shared/core/window/grain.ts'
import { laneTotals } from '../send/flush.ts'
import { type Counts, type HourCounts, hourOf, noEvents, total } from './counts.ts'
import { comparableMetrics } from './lake-counts.ts'

/** What the lanes and their panes say of these days. */
export async function paneCounts(
  store: PaneStore,
  { metrics, days }: { readonly metrics: Metrics; readonly days: readonly string[] },
): Promise<Counts & { readonly hasOpenSessions: boolean }> {
  const catalogue = catalogueOf(metrics)
  const read = async (name: string, grain: Grain, by: readonly string[]): Promise<MetricWindow[]> => {
    const metric = catalogue.find((entry) => entry.name === name)
    if (!metric) throw new Error(`no metric ${name}`)
    const windows = await Promise.all(days.map((day) => windowsOfDay(store, { metric, grain, by, day })))
    return windows.flat()
  }
  const hours = new Map<string, HourCounts>()
  for (const window of await read('account', '1h', ['outcome'])) {
    if (window.cells.length === 0) continue
    const count = (outcome: string) => sumOf(window.cells.filter(({ by }) => by.outcome === outcome))
    hours.set(hourOf(window.start), {
      ...noEvents,
      received: sumOf(window.cells),
      accepted: count('accepted'),
      quarantined: count('quarantined'),
    })
  }
  const totals = new Map<string, number>()
  for (const { name, every } of comparableMetrics(metrics)) {
    const windows = await read(name, widest(every), [])
    totals.set(total.metric(name), sumOf(windows.flatMap(({ cells }) => cells)))
  }
  // After the panes: a lane publishes itself beside them, so its counters are then at least as new.
  const lanes = await store.lanes()
  const counted = laneTotals(lanes)
  totals.set(total.received, counted.received)
  totals.set(total.accepted, counted.accepted)
  totals.set(total.quarantined, counted.quarantined)
  totals.set(total.sessions, counted.sessionsClosed)
  totals.set(total.sessionsThatDiffer, 0)
  const hasOpenSessions = lanes.some(({ earliestOpenStart }) => earliestOpenStart !== undefined)
  // While sessions are open, their events are in no closed one.
  if (!hasOpenSessions) totals.set(total.eventsInSessions, counted.accepted)
  return { hours, totals, hasOpenSessions }
}

async function windowsOfDay(
  store: PaneStore,
  query: {
    readonly metric: CatalogueEntry
    readonly grain: Grain
    readonly by: readonly string[]
    readonly day: string
  },
): Promise<readonly MetricWindow[]> {
  const { metric, grain, by } = query
  const fromMs = Date.parse(`${query.day}T00:00:00Z`)
  const toMs = fromMs + grainMs['1d']
  const items = await store.queryPanes({ metric: metric.name, grain, fromMs, toMs })
  return readMetric({ metric, grain, fromMs, toMs, by }, items.map(fromPaneItem), []).windows
}

const widest = (every: readonly Grain[]): Grain =>
  every.reduce((widestSoFar, grain) => (grainMs[grain] > grainMs[widestSoFar] ? grain : widestSoFar))

const sumOf = (cells: MetricWindow['cells']): number =>
  cells.reduce((sum, { value }) => sum + (typeof value === 'number' ? value : 0), 0)
