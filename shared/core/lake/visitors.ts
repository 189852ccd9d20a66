import { type Column, columnsFrom } from './column.ts'

/** What the first or the last session of a person says, be it NULL; sessions that began together order by id. */
const first = (column: string): string => `min_by(${column}, ROW(started_at, session_id))`
const last = (column: string): string => `max_by(${column}, ROW(started_at, session_id))`
/** DuckDB sums whole numbers to a wider type. */
const total = (what: string): string => `CAST(sum(${what}) AS bigint)`

/** Columns of `visitors`, each with the SQL that makes it of the sessions of a person. */
const measures: Readonly<Record<string, string>> = {
  person_id: 'person_id',
  is_known: 'max(user_id) IS NOT NULL',
  anonymous_ids: 'count(DISTINCT anonymous_id)',
  first_seen_at: 'min(started_at)',
  last_seen_at: 'max(ended_at)',
  active_days: 'count(DISTINCT day)',
  sessions: 'count(*)',
  engaged_sessions: total('CASE WHEN engaged THEN 1 ELSE 0 END'),
  events: total('events'),
  page_views: total('page_views'),
  duration_ms: total('duration_ms'),
  revenue: 'sum(revenue)',
  is_bot: 'bool_or(is_bot)',
  first_channel: first('channel'),
  first_referrer_host: first('referrer_host'),
  first_utm_source: first('utm_source'),
  first_utm_medium: first('utm_medium'),
  first_utm_campaign: first('utm_campaign'),
  first_entry_page: first('entry_page'),
  last_channel: last('channel'),
  geo_country: last('geo_country'),
  device_class: last('device_class'),
  browser: last('browser'),
  os: last('os'),
}

export const visitorColumns: readonly Column[] = [
  ...columnsFrom('sessions_final: person_id', [
    'person_id',
    'string',
    'u-1001',
    'The person: a user id, else an anonymous id, else a visitor',
  ]),
  ...columnsFrom(
    'their sessions',
    ['is_known', 'boolean', 'true', 'True when one of their sessions has a user id'],
    ['anonymous_ids', 'bigint', '2', 'Devices or browsers they came with', 'anonymous ids'],
    ['first_seen_at', 'timestamp', '2026-11-01 10:00:00.000', 'Start of their first session'],
    ['last_seen_at', 'timestamp', '2026-11-21 04:17:40.120', 'Last event of any of their sessions'],
    ['active_days', 'bigint', '4', 'UTC days on which a session of theirs began', 'days'],
    ['sessions', 'bigint', '6', 'Their closed sessions', 'sessions'],
    ['engaged_sessions', 'bigint', '5', 'Those that did not bounce', 'sessions'],
    ['events', 'bigint', '83', 'Events in them', 'events'],
    ['page_views', 'bigint', '31', 'Pages and screens seen in them', 'pages'],
    ['duration_ms', 'bigint', '4519986', 'Time in sessions, each from first to last event', 'ms'],
    ['revenue', 'double', '179.4', 'Money of their orders', 'sum over orders, in the currency they name'],
    ['is_bot', 'boolean', 'false', 'True when a session of theirs is of a crawler'],
  ),
  ...columnsFrom(
    'their first session',
    ['first_channel', 'string', 'search', 'Channel that brought them first'],
    ['first_referrer_host', 'string', 'www.google.com', 'Host they came from first'],
    ['first_utm_source', 'string', 'news', 'Campaign source then'],
    ['first_utm_medium', 'string', 'email', 'Campaign medium then'],
    ['first_utm_campaign', 'string', 'spring-sale', 'Campaign name then'],
    ['first_entry_page', 'string', '/', 'Path of the first page they saw'],
  ),
  ...columnsFrom(
    'their last session',
    ['last_channel', 'string', 'direct', 'Channel that brought them last'],
    ['geo_country', 'string', 'FR', 'ISO 3166-1 alpha-2 code'],
    ['device_class', 'string', 'mobile', 'desktop, mobile, tablet, tv, bot or other'],
    ['browser', 'string', 'Firefox', 'Name of the browser'],
    ['os', 'string', 'Linux', 'Name of the operating system'],
  ),
]

/** One row a person, from their closed sessions: no events are read. */
export const visitors = `
SELECT
${visitorColumns.map(({ name }) => (measures[name] === name ? `  ${name}` : `  ${measures[name]} AS ${name}`)).join(',\n')}
FROM sessions_final
GROUP BY person_id`
