import type { MetricSource, Metrics } from '../../shared/core/metric/definitions.ts'
import type { DuckdbLake } from '../lake/duckdb-lake.ts'
import { type Counts, type HourCounts, noEvents, total } from './counts.ts'
import { countRawArchive } from './raw-account.ts'

/** Counts what lies in the lake, the raw archive decoded anew. */
export async function lakeCounts(
  lake: DuckdbLake,
  { metrics, controlKey }: { readonly metrics: Metrics; readonly controlKey: string },
): Promise<Counts> {
  const hours = new Map<string, HourCounts>()
  const add = (byHour: ReadonlyMap<string, number>, field: keyof HourCounts) => {
    for (const [hour, count] of byHour) hours.set(hour, { ...(hours.get(hour) ?? noEvents), [field]: count })
  }
  const [accepted, quarantined] = [
    await originsByHour(lake, 'events'),
    await originsByHour(lake, 'bad_events'),
  ]
  // Last, since it has most to read: what arrives meanwhile is in it and not in the others, and that is retried.
  const received = await countRawArchive(lake, controlKey)
  add(received, 'received')
  add(accepted, 'accepted')
  add(quarantined, 'quarantined')

  const totals = new Map<string, number>([
    [total.received, sum(received)],
    [total.accepted, sum(accepted)],
    [total.quarantined, sum(quarantined)],
    [total.sessions, await lake.count('SELECT count(*) FROM sessions_final')],
    [total.eventsInSessions, await lake.count('SELECT sum(events) FROM sessions_final')],
    [total.sessionsThatDiffer, await lake.count(sessionsThatDiffer)],
  ])
  for (const { name, of } of comparableMetrics(metrics))
    totals.set(total.metric(name), await lake.count(`SELECT count(*) FROM ${rowsOf(of)}`))
  return { hours, totals }
}

/** Metrics whose value a count of rows must give: those that count, without a condition of their own. */
export const comparableMetrics = (metrics: Metrics) =>
  Object.entries(metrics)
    .filter(([, { kind, where }]) => kind === 'count' && where === undefined)
    .map(([name, metric]) => ({ name, ...metric }))

/** UTC days that events were received on, happened on, or sessions began on: days that may have panes. */
export async function daysOfLake(lake: DuckdbLake): Promise<string[]> {
  const { rows } = await lake.query(`
    SELECT DISTINCT CAST(CAST(time AS date) AS varchar) AS day FROM (
      SELECT received_at AS time FROM raw UNION ALL SELECT received_at FROM events
      UNION ALL SELECT event_time FROM events UNION ALL SELECT received_at FROM bad_events
      UNION ALL SELECT started_at FROM sessions
    ) AS times WHERE time IS NOT NULL ORDER BY day`)
  return rows.map(([day]) => String(day))
}

async function originsByHour(lake: DuckdbLake, table: 'events' | 'bad_events'): Promise<Map<string, number>> {
  const { rows } = await lake.query(`
    SELECT strftime(received_at, '%Y-%m-%dT%H') AS hour, count(DISTINCT origin) AS events
    FROM ${table} GROUP BY strftime(received_at, '%Y-%m-%dT%H')`)
  return new Map(rows.map(([hour, events]) => [String(hour), Number(events)]))
}

const sessionsThatDiffer = `
  SELECT count(*) FROM sessions_final AS s LEFT JOIN (
    SELECT session_id, count(*) AS events, min(event_time) AS first_time, max(event_time) AS last_time
    FROM events_once GROUP BY session_id
  ) AS e ON e.session_id = s.session_id
  WHERE e.events IS DISTINCT FROM s.events
     OR e.first_time IS DISTINCT FROM s.started_at
     OR e.last_time IS DISTINCT FROM s.ended_at`

function rowsOf(of: MetricSource): string {
  switch (of.source) {
    case 'any':
      return 'events_once'
    case 'sessions':
      return 'sessions_final'
    case 'page':
      return "events_once WHERE type IN ('page', 'screen') OR event = 'Page Viewed'"
    case 'event':
      return `events_once WHERE event = '${of.name.replaceAll("'", "''")}'`
  }
}

const sum = (byHour: ReadonlyMap<string, number>): number => [...byHour.values()].reduce((a, b) => a + b, 0)
