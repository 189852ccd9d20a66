import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { timed } from './measure.ts'

/** What both ways must agree on, over all windows: by name, and by the dimension that both have. */
export type Totals = ReadonlyMap<string, number>

/**
 * A batch program over the events in the order of their arrival, each a line of JSON with its `receivedAt` and number: the first copy of
 * each, sessions by gaps of 30 minutes, and the metrics of analytics/metrics.ts by minute, hour and day. It looks up no country
 * and no agent, checks nothing of the tracking plan but that an order has its money, and writes no row.
 */
const events = (file: string): string => `
CREATE OR REPLACE TEMP TABLE once AS
SELECT visitor, name, type = 'page' AS is_page, revenue, currency, moment,
  date_trunc('minute', moment) AS minute, date_trunc('hour', moment) AS hour, date_trunc('day', moment) AS day,
  CASE WHEN search LIKE '%utm_medium=email%' THEN 'email' WHEN search LIKE '%gclid=%' THEN 'paid_search'
    WHEN referrer = '' THEN 'direct' WHEN host LIKE 'www.google.%' THEN 'search' WHEN host = 't.co' THEN 'social'
    ELSE 'referral' END AS channel
FROM (
  SELECT 'a:' || anonymousId AS visitor, type, CASE WHEN type = 'page' THEN 'Page Viewed' ELSE event END AS name,
    properties.revenue AS revenue, properties.currency AS currency,
    receivedAt - (epoch_ms(sentAt) - epoch_ms(originalTimestamp)) AS moment_ms, make_timestamp(moment_ms * 1000) AS moment,
    context.page.search AS search, context.page.referrer AS referrer,
    split_part(split_part(context.page.referrer, '://', 2), '/', 1) AS host
  FROM read_json('${file}', format = 'newline_delimited', ignore_errors = true, columns = {
    number: 'BIGINT', receivedAt: 'BIGINT', messageId: 'VARCHAR', anonymousId: 'VARCHAR', type: 'VARCHAR', event: 'VARCHAR',
    originalTimestamp: 'TIMESTAMP', sentAt: 'TIMESTAMP',
    properties: 'STRUCT(revenue DECIMAL(18, 2), currency VARCHAR)',
    context: 'STRUCT(page STRUCT(search VARCHAR, referrer VARCHAR))'})
  WHERE messageId IS NOT NULL AND (event IS DISTINCT FROM 'Order Completed' OR properties.revenue IS NOT NULL)
  QUALIFY row_number() OVER (PARTITION BY anonymousId, messageId ORDER BY number) = 1
)`

const sessions = `
CREATE OR REPLACE TEMP TABLE sessions AS
SELECT visitor, min(moment) AS started, epoch_ms(max(moment)) - epoch_ms(min(moment)) AS duration_ms, count(*) AS events,
  count_if(is_page) AS page_views, coalesce(sum(revenue), 0) AS money, arg_min(channel, moment) AS channel,
  duration_ms < 10000 AND page_views < 2 AND money <= 0 AS bounced,
  date_trunc('minute', started) AS minute, date_trunc('hour', started) AS hour, date_trunc('day', started) AS day
FROM (
  SELECT *, sum(opens) OVER (PARTITION BY visitor ORDER BY moment ROWS UNBOUNDED PRECEDING) AS number FROM (
    SELECT *, CASE WHEN moment - lag(moment) OVER (PARTITION BY visitor ORDER BY moment) <= INTERVAL 30 MINUTE THEN 0 ELSE 1 END AS opens
    FROM once))
GROUP BY visitor, number`

/** One pane a row. */
const metric = (name: string, select: string, from: string, by: readonly string[] = []): string => {
  const dims = by.map((dim) => `, ${dim}`).join('')
  const sets = ['minute', 'hour', 'day'].map((grain) => `(${grain}${dims})`).join(', ')
  return `
CREATE OR REPLACE TEMP TABLE "${name}" AS
SELECT minute, hour, day${dims}, ${select} AS value FROM ${from} GROUP BY GROUPING SETS (${sets})`
}

const orders = `once WHERE name = 'Order Completed'`

const metrics = [
  metric('pageViews', 'count(*)', 'once WHERE is_page', ['channel']),
  metric('events', 'count(*)', 'once', ['name']),
  metric('visitors', 'approx_count_distinct(visitor)', 'once'),
  metric('visits', 'count(*)', 'sessions', ['channel']),
  metric('bouncedVisits', 'count(*)', 'sessions WHERE bounced', ['channel']),
  metric('visitDuration', 'approx_quantile(duration_ms, [0.5, 0.75, 0.9, 0.95, 0.99])', 'sessions'),
  metric('orders', 'count(*)', orders, ['channel']),
  metric('revenue', 'sum(revenue)', orders, ['currency', 'channel']),
]

/** DuckDB on one thread, over a file of NDJSON; opening it not counted. */
export const duckdbWay = async (file: string): Promise<{ us: number; totals: Totals }> => {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' })
  try {
    const connection = await instance.connect()
    const { us } = await timed(async () => {
      for (const statement of [events(file), sessions, ...metrics]) await connection.run(statement)
    })
    return { us, totals: await totalsOf(connection) }
  } finally {
    instance.closeSync()
  }
}

/** Of the days, which are counted from the events as minutes and hours are, and not from those. */
const totalsOf = async (connection: DuckDBConnection): Promise<Totals> => {
  const parts = compared.map(
    ({ metric: name, dim }) =>
      `SELECT '${name} ' || ${dim}, sum(value)::DOUBLE FROM "${name}" WHERE day IS NOT NULL GROUP BY ALL`,
  )
  const reader = await connection.runAndReadAll(parts.join(' UNION ALL '))
  return new Map(reader.getRows().map(([name, value]) => [String(name), Number(value)]))
}

/** What both ways count to the last one, by a dimension that both have: its field here, its column there. */
export const compared = [
  { metric: 'pageViews', field: 'channel', dim: 'channel' },
  { metric: 'events', field: 'event', dim: 'name' },
  { metric: 'visits', field: 'channel', dim: 'channel' },
  { metric: 'bouncedVisits', field: 'channel', dim: 'channel' },
  { metric: 'orders', field: 'channel', dim: 'channel' },
  { metric: 'revenue', field: 'properties.currency', dim: 'currency' },
] as const
