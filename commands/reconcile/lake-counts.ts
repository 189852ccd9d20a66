import { laneOf } from '../../shared/core/lane/lane-of.ts'
import type { Grain } from '../../shared/core/metric/contribution.ts'
import type { MetricSource, Metrics } from '../../shared/core/metric/definitions.ts'
import { grainMs } from '../../shared/core/window/grain.ts'
import type { LakeReader } from '../lake/lake-reader.ts'
import { type Counts, dayOf, type HourCounts, hourOf, LaneCounts, total } from './counts.ts'
import { countRawArchive } from './raw-account.ts'

/** Counts what lies in the lake, the raw archive decoded anew. */
export async function lakeCounts(
  lake: LakeReader,
  of: { readonly metrics: Metrics; readonly controlKeys: readonly string[]; readonly lanes: number },
): Promise<Counts> {
  const lanes = new LaneCounts()
  const accepted = await countRows(lake, lanes, { ...acceptedRows, laneCount: of.lanes })
  const quarantined = await countRows(lake, lanes, { ...quarantinedRows, laneCount: of.lanes })
  const totals = new Map<string, number>([
    [total.shown, await lake.count('SELECT count(*) FROM events_once')],
    [total.sessions, await lake.count(`SELECT count(*) FROM (${streamedSessions}) AS streamed`)],
    [total.eventsInSessions, await lake.count('SELECT sum(events) FROM sessions_final')],
    [total.sessionsThatDiffer, await lake.count(sessionsThatDiffer)],
  ])
  for (const { name, ...metric } of comparableMetrics(of.metrics)) {
    const rows = { name: total.metric(name), sql: metricRows(metric.of), laneCount: of.lanes }
    for (const grain of comparedGrains(metric.every))
      totals.set(rows.name, sum(await countRows(lake, lanes, { ...rows, grain })))
  }
  for (const { name } of correctedMetrics(of.metrics))
    totals.set(total.corrected(name), await lake.count('SELECT count(*) FROM sessions_final'))
  // Last, since it has most to read: what arrives meanwhile is in it and not in the others, and that is retried.
  const received = await countRawArchive(lake, of.controlKeys)
  const hours = new Map<string, HourCounts>()
  for (const hour of new Set([...received.keys(), ...accepted.keys(), ...quarantined.keys()])) {
    const counts = {
      received: received.get(hour) ?? 0,
      accepted: accepted.get(hour) ?? 0,
      quarantined: quarantined.get(hour) ?? 0,
    }
    // The lake keeps no row of a duplicate: it is what was received and is neither of the others.
    hours.set(hour, { ...counts, duplicate: counts.received - counts.accepted - counts.quarantined })
  }
  for (const field of ['received', 'accepted', 'quarantined', 'duplicate'] as const)
    totals.set(
      total[field],
      [...hours.values()].reduce((all, counts) => all + (counts[field] ?? 0), 0),
    )
  return { hours, lanes, totals }
}

/** How to count the rows of a table by hour and lane: `sql` answers the hour, what decides the lane, and how many. */
type LaneRows = { readonly name: string; readonly sql: string; readonly grain?: Grain }

/** Rows that were written again have the same origin. */
const acceptedRows: LaneRows = {
  name: 'accepted',
  sql: `SELECT date_format(received_at, '%Y-%m-%dT%H') AS hour, visitor, count(DISTINCT origin) AS events
    FROM events GROUP BY date_format(received_at, '%Y-%m-%dT%H'), visitor`,
}

/** A bad event is nobody's: its lane is that of its sequence number. */
const quarantinedRows: LaneRows = {
  name: 'quarantined',
  sql: `SELECT date_format(received_at, '%Y-%m-%dT%H') AS hour, coalesce(visitor, split_part(origin, ':', 2)) AS route,
      count(DISTINCT origin) AS events
    FROM bad_events GROUP BY date_format(received_at, '%Y-%m-%dT%H'), coalesce(visitor, split_part(origin, ':', 2))`,
}

/** Adds to `lanes`, and answers the counts of all lanes by window. */
async function countRows(
  lake: LakeReader,
  lanes: LaneCounts,
  rows: LaneRows & { readonly laneCount: number },
): Promise<Map<string, number>> {
  const windows = new Map<string, number>()
  for await (const chunk of lake.stream(rows.sql))
    for (const [hour, key, value] of chunk) {
      const window = rows.grain === '1d' ? String(hour).slice(0, 10) : String(hour)
      const count = Number(value)
      windows.set(window, (windows.get(window) ?? 0) + count)
      lanes.add({ window, lane: laneOf(String(key), rows.laneCount), name: rows.name }, count)
    }
  return windows
}

/** By which grains a metric is compared: by the hour, which finds the place, and by its widest. */
export const comparedGrains = (every: readonly Grain[]): Grain[] => {
  const widest = every.reduce((widestSoFar, grain) =>
    grainMs[grain] > grainMs[widestSoFar] ? grain : widestSoFar,
  )
  return [...new Set<Grain>(every.includes('1h') ? ['1h', widest] : [widest])]
}

/** The name of a window in the account: a day by its date, a narrower one by its hour. */
export const windowName = (grain: Grain, startMs: number): string =>
  grain === '1d' ? dayOf(startMs) : hourOf(startMs)

/** Metrics whose value a count of rows must give: those that count, without a condition of their own. */
export const comparableMetrics = (metrics: Metrics) =>
  Object.entries(metrics)
    .filter(([, { kind, where }]) => kind === 'count' && where === undefined)
    .map(([name, metric]) => ({ name, ...metric }))

/** Of these, those of sessions: the batch layer corrects their panes where sessions were joined later. */
export const correctedMetrics = (metrics: Metrics) =>
  comparableMetrics(metrics).filter(({ of }) => of.source === 'sessions')

/** Sessions as the lanes closed them, which is what their panes count; written again, a row is the same. */
const streamedSessions = 'SELECT DISTINCT session_id, visitor, started_at FROM sessions'

/** UTC days that events were received on, happened on, or sessions began on: days that may have panes. */
export async function daysOfLake(lake: LakeReader): Promise<string[]> {
  const days: string[] = []
  const rows = lake.stream(`
    SELECT DISTINCT CAST(CAST(time AS date) AS varchar) AS day FROM (
      SELECT received_at AS time FROM raw UNION ALL SELECT received_at FROM events
      UNION ALL SELECT event_time FROM events UNION ALL SELECT received_at FROM bad_events
      UNION ALL SELECT started_at FROM sessions
    ) AS times WHERE time IS NOT NULL ORDER BY day`)
  for await (const chunk of rows) for (const [day] of chunk) days.push(String(day))
  return days
}

const sessionsThatDiffer = `
  SELECT count(*) FROM sessions_final AS s LEFT JOIN (
    SELECT session_id, count(*) AS events, min(event_time) AS first_time, max(event_time) AS last_time
    FROM events_once GROUP BY session_id
  ) AS e ON e.session_id = s.session_id
  WHERE e.events IS DISTINCT FROM s.events
     OR e.first_time IS DISTINCT FROM s.started_at
     OR e.last_time IS DISTINCT FROM s.ended_at`

const metricRows = (of: MetricSource): string => {
  const time = of.source === 'sessions' ? 'started_at' : 'event_time'
  return `SELECT date_format(${time}, '%Y-%m-%dT%H') AS hour, visitor, count(*) AS events
    FROM ${rowsOf(of)} GROUP BY date_format(${time}, '%Y-%m-%dT%H'), visitor`
}

function rowsOf(of: MetricSource): string {
  switch (of.source) {
    case 'any':
      return 'events_once'
    case 'sessions':
      return `(${streamedSessions}) AS streamed`
    case 'page':
      return "events_once WHERE type IN ('page', 'screen') OR event = 'Page Viewed'"
    case 'event':
      return `events_once WHERE event = '${of.name.replaceAll("'", "''")}'`
  }
}

const sum = (byHour: ReadonlyMap<string, number>): number => [...byHour.values()].reduce((a, b) => a + b, 0)
