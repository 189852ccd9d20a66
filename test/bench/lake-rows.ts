import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'

export type LakeSize = {
  readonly events: number
  readonly days: number
  /** Midnight UTC. */
  readonly firstDayMs: number
}

const dayMs = 86_400_000
const eventsPerVisit = 4.57

/** SQL of one of the values, the more often the nearer to the first. */
const oneOf = (random: string, values: readonly string[]): string =>
  `[${values.map((value) => `'${value}'`).join(', ')}][1 + CAST(floor(${random} * ${random} * ${values.length}) AS int)]`

const visits = ({ events, days, firstDayMs }: LakeSize): string => `
SELECT i, 'p' || CAST(floor(${Math.max(10, Math.round(events / 20))} * pow(r1, 2.2)) AS bigint) AS anonymous_id,
  epoch_ms(CAST(${firstDayMs} + floor(r2 * ${days * dayMs}) AS bigint)) AS started_at,
  1 + CAST(floor(-4.05 * ln(1 - r3)) AS int) AS n, r4, r5, r6, r7, r8
FROM (SELECT i, random() AS r1, random() AS r2, random() AS r3, random() AS r4, random() AS r5, random() AS r6,
  random() AS r7, random() AS r8 FROM range(${Math.round(events / eventsPerVisit)}) AS numbers (i))`

const steps = `
SELECT visits.* EXCLUDE (n), k, random() AS r, random() AS rp,
  started_at + to_milliseconds(CAST(k * 45000 + floor(random() * 40000) AS bigint)) AS event_time
FROM visits, LATERAL (SELECT unnest(range(visits.n)) AS k)
ORDER BY event_time`

const page = 'CAST(floor(1000 * pow(rp, 3)) AS int)'

/** Rows as the streaming table has them, of one day of arrival. */
const eventRows = `
SELECT 'shardId-000000000000:4965' || lpad(CAST(i AS varchar), 12, '0') || lpad(CAST(k AS varchar), 4, '0') || ':0' AS origin,
  md5(CAST(i * 1000 + k AS varchar)) AS event_id,
  CASE WHEN r < 0.66 THEN 'Page Viewed' WHEN r < 0.84 THEN 'Product Viewed' WHEN r < 0.90 THEN 'Product Added'
    WHEN r < 0.92 THEN 'Order Completed' WHEN r < 0.93 THEN 'Signed Up' WHEN r < 0.96 THEN 'Experiment Viewed'
    WHEN r < 0.98 THEN 'Search Performed' ELSE 'Store Viewed' END AS event,
  CASE WHEN r < 0.66 THEN 'page' ELSE 'track' END AS type,
  'a:' || anonymous_id AS visitor, anonymous_id,
  CASE WHEN hash(anonymous_id) % 5 = 0 THEN 'u' || (hash(anonymous_id) % 100000) END AS user_id,
  md5(CAST(i AS varchar)) AS session_id,
  event_time, event_time + to_milliseconds(CAST(floor(rp * 3000) AS bigint)) AS received_at,
  event_time AS sent_at, event_time AS original_timestamp, CAST([] AS varchar[]) AS flags,
  'https://shop.example.com/p/' || ${page} AS page_url, 'shop.example.com' AS page_host,
  '/p/' || ${page} AS page_path, 'Product ' || ${page} AS page_title,
  CASE WHEN k = 0 THEN 'www.google.com' ELSE 'shop.example.com' END AS referrer_host,
  CASE WHEN k = 0 THEN 'search' ELSE 'internal' END AS referrer_medium,
  CASE WHEN k > 0 THEN 'internal' ELSE ${oneOf('r4', ['direct', 'search', 'paid_search', 'social', 'email', 'referral'])} END AS channel,
  CASE WHEN r4 > 0.7 THEN ${oneOf('r5', ['google', 'facebook', 'newsletter', 'bing'])} END AS utm_source,
  CASE WHEN r4 > 0.7 THEN 'cpc' END AS utm_medium, CASE WHEN r4 > 0.7 THEN 'campaign ' || CAST(floor(r5 * 30) AS int) END AS utm_campaign,
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/' || CAST(floor(r6 * 40) + 100 AS int) || '.0.0.0 Safari/537.36' AS user_agent,
  ${oneOf('r6', ['Chrome', 'Safari', 'Firefox', 'Edge'])} AS browser, CAST(CAST(floor(r6 * 40) + 100 AS int) AS varchar) AS browser_version,
  ${oneOf('r7', ['Windows', 'macOS', 'iOS', 'Android', 'Linux'])} AS os, '10' AS os_version,
  ${oneOf('r7', ['desktop', 'mobile', 'tablet'])} AS device_class, r8 < 0.02 AS is_bot,
  ${oneOf('r8', ['DE', 'FR', 'US', 'GB', 'NL', 'ES', 'IT', 'PL'])} AS geo_country, 'en-US' AS locale, 'Europe/Berlin' AS timezone,
  'analytics.js' AS library_name, '4.1.0' AS library_version,
  '{"url":"https://shop.example.com/p/' || ${page} || '","n":' || CAST(rp AS varchar) || '}' AS properties,
  CASE WHEN r >= 0.90 AND r < 0.92 THEN 'order ' || i || '-' || k END AS properties_order_id,
  CASE WHEN r >= 0.90 AND r < 0.92 THEN round(20 + rp * 200, 2) END AS properties_revenue,
  CASE WHEN r >= 0.90 AND r < 0.92 THEN 'EUR' END AS properties_currency,
  CASE WHEN r >= 0.93 AND r < 0.96 THEN 'exp ' || CAST(floor(r5 * 3) AS int) END AS properties_experiment_id,
  CASE WHEN r >= 0.93 AND r < 0.96 THEN 'var ' || CAST(hash(anonymous_id) % 2 AS int) END AS properties_variation_id,
  CASE WHEN r >= 0.98 THEN 'store-' || CAST(floor(r5 * 40) AS int) END AS properties_store_id
FROM steps`

const sessionRows = `
SELECT session_id, min(visitor) AS visitor, min(anonymous_id) AS anonymous_id, max(user_id) AS user_id,
  min(event_time) AS started_at, max(event_time) AS ended_at,
  date_diff('millisecond', min(event_time), max(event_time)) AS duration_ms, count(*) AS events,
  count_if(type = 'page') AS page_views, min_by(page_path, event_time) AS entry_page, max_by(page_path, event_time) AS exit_page,
  min_by(referrer_host, event_time) AS referrer_host, min_by(channel, event_time) AS channel,
  min_by(utm_source, event_time) AS utm_source, min_by(utm_medium, event_time) AS utm_medium,
  min_by(utm_campaign, event_time) AS utm_campaign, min_by(geo_country, event_time) AS geo_country,
  min_by(device_class, event_time) AS device_class, min_by(browser, event_time) AS browser, min_by(os, event_time) AS os,
  bool_or(is_bot) AS is_bot, count(*) = 1 AS bounced, count(*) > 1 AS engaged,
  coalesce(sum(properties_revenue), 0) AS revenue, false AS late, CAST([] AS varchar[]) AS absorbed_ids,
  max(received_at) AS last_arrival
FROM rows_of_stream GROUP BY session_id`

/** Fills `events` and `sessions` of a lake's folder as Firehose leaves them, a file an hour, from a seed. */
export const fillLake = async (folder: string, size: LakeSize): Promise<void> => {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const database = join(folder, 'rows.duckdb')
  // One thread, so that the seed decides.
  const instance = await DuckDBInstance.create(database, { threads: '1', memory_limit: '6GB' })
  const connection = await instance.connect()
  await connection.run('SELECT setseed(0.42)')
  await connection.run(`CREATE TABLE visits AS ${visits(size)}`)
  await connection.run(`CREATE TABLE steps AS ${steps}`)
  await connection.run('SET threads = 2')
  await connection.run(`CREATE VIEW rows_of_stream AS ${eventRows}`)
  await connection.run(`CREATE TABLE sessions_of_stream AS ${sessionRows}`)
  for (let day = 0; day < size.days + 1; day++)
    await copyDay(connection, { folder, dayStartMs: size.firstDayMs + day * dayMs })
  connection.closeSync()
  instance.closeSync()
  rmSync(database)
}

const copyDay = async (
  connection: DuckDBConnection,
  { folder, dayStartMs }: { readonly folder: string; readonly dayStartMs: number },
): Promise<void> => {
  const copy = async (table: string, rows: string, at: string, near = '') => {
    const partitions = `strftime(${at}, '%Y-%m-%d') AS dt, strftime(${at}, '%H') AS hour`
    const inDay = `${at} >= epoch_ms(${dayStartMs}) AND ${at} < epoch_ms(${dayStartMs + dayMs})${near}`
    await connection.run(`COPY (SELECT *, ${partitions} FROM ${rows} WHERE ${inDay})
      TO '${join(folder, table)}' (FORMAT parquet, COMPRESSION snappy, PARTITION_BY (dt, hour), APPEND)`)
  }
  // An event arrives within seconds: with this the engine skips the rest of the table.
  const near = ` AND event_time >= epoch_ms(${dayStartMs - 60_000}) AND event_time < epoch_ms(${dayStartMs + dayMs})`
  await copy('events', 'rows_of_stream', 'received_at', near)
  // A session's row comes when its time to close has come.
  await copy('sessions', 'sessions_of_stream', "(last_arrival + INTERVAL '45' MINUTE)")
}
