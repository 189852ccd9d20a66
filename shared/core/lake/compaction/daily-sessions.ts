import { maxMagnitude } from '../../metric/scaled.ts'
import { engagedAfterMs } from '../../session/session-row.ts'
import { sessionGapMs } from '../../window/timing.ts'
import type { Table } from '../tables.ts'
import { columnNames, columnsOf, inParts } from './sql-text.ts'
import { arrivals, idsOf, type Span } from './stream-rows.ts'

/** As SQL: the silence that divides two sessions. */
export const gap = `INTERVAL '${sessionGapMs / 60_000}' MINUTE`

/** The tables of a stage, as far as the compaction reads their columns. */
export type DailyTables = Readonly<Record<'events' | 'sessions' | 'persons', Pick<Table, 'columns'>>>

/** Facts that a session takes from its first event. */
const firstFacts = [
  'referrer_host',
  'channel',
  'utm_source',
  'utm_medium',
  'utm_campaign',
  'geo_country',
  'device_class',
  'browser',
  'os',
]

const eventFacts = [
  'origin',
  'visitor',
  'anonymous_id',
  'user_id',
  'event_time',
  'received_at',
  'type',
  'event',
  'page_path',
  'is_bot',
  ...firstFacts,
]

/** What an event adds to the revenue of its session, as in the stream: what is too large to be added counts nothing. */
const moneyOf = ({ events }: DailyTables): { readonly column: string; readonly sql: string } => {
  const typed = 'properties_revenue'
  const isTyped = events.columns.some(({ name, type }) => name === typed && type === 'double')
  const value = isTyped ? typed : "TRY_CAST(json_extract_scalar(properties, '$.revenue') AS double)"
  return {
    column: isTyped ? typed : 'properties',
    sql: `CASE WHEN type = 'track' AND event = 'Order Completed' AND abs(${value}) < ${maxMagnitude.toExponential().replace('+', '')} THEN ${value} END`,
  }
}

/** Daily sessions that a newly closed one touches: with it they are one session, whose event was late. */
export const touchedSessions = (closed: string, parts: readonly string[]): string => `
  SELECT DISTINCT daily.session_id, daily.started_at, daily.ended_at
  FROM sessions_daily AS daily JOIN ${closed} AS new ON daily.visitor = new.visitor
    AND daily.started_at <= new.ended_at + ${gap} AND daily.ended_at >= new.started_at - ${gap}
  WHERE ${inParts(parts, 'daily.part')}`

/**
 * The sessions of the span, exact: all events of the sessions that closed in it, and of the daily sessions that these
 * touch, sorted and cut anew where the silence is longer than the gap. A session is called after the stream's session
 * of its first-arrived event. Where it is what the stream saw, the stream's row is taken as it is: its ties are decided
 * by ids that the lake does not have.
 */
export const dailySessions = (of: {
  readonly span: Span
  /** Work table of the sessions that closed in the span. */
  readonly closed: string
  readonly tables: DailyTables
  readonly eventParts: readonly string[]
  readonly sessionParts: readonly string[]
}): string => {
  const columns = columnNames(of.tables.sessions)
  const money = moneyOf(of.tables)
  const needed = [...eventFacts, 'session_id', money.column]
  return `
WITH ids AS (
  ${idsOf(of.closed)}
  UNION
  SELECT session_id AS old_id, session_id FROM (${touchedSessions(of.closed, of.sessionParts)}) AS touched
),
found AS (
  ${arrivals(of.span, needed)}
  UNION ALL
  SELECT ${needed.join(', ')} FROM events_daily WHERE ${inParts(of.eventParts)}
),
source AS (
  SELECT ${columnsOf(eventFacts, 'e')}, ${money.sql} AS money, ids.old_id, ids.session_id AS stream_id
  FROM found AS e JOIN ids ON ids.old_id = e.session_id
),
ordered AS (
  SELECT source.*,
    row_number() OVER (PARTITION BY visitor ORDER BY event_time, origin) AS place,
    lag(event_time) OVER (PARTITION BY visitor ORDER BY event_time, origin) AS previous_time
  FROM source
),
marked AS (
  SELECT ordered.*, CASE WHEN previous_time >= event_time - ${gap} THEN 0 ELSE 1 END AS opens
  FROM ordered
),
cut AS (
  SELECT marked.*,
    sum(opens) OVER (PARTITION BY visitor ORDER BY place ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS run
  FROM marked
),
named AS (
  SELECT cut.*,
    first_value(stream_id) OVER (PARTITION BY visitor, run ORDER BY received_at, origin) AS first_id
  FROM cut
),
measured AS (
  SELECT visitor, run, first_id,
    max_by(anonymous_id, CASE WHEN anonymous_id <> '' THEN place END) AS anonymous_id,
    max_by(user_id, CASE WHEN user_id <> '' THEN place END) AS user_id,
    min(event_time) AS started_at,
    max(event_time) AS ended_at,
    CAST(count(*) AS bigint) AS events,
    CAST(sum(CASE WHEN type IN ('page', 'screen') OR event = 'Page Viewed' THEN 1 ELSE 0 END) AS bigint) AS page_views,
    min_by(page_path, CASE WHEN page_path <> '' THEN place END) AS entry_page,
    max_by(page_path, CASE WHEN page_path <> '' THEN place END) AS exit_page,
${firstFacts.map((name) => `    max(CASE WHEN opens = 1 THEN ${name} END) AS ${name}`).join(',\n')},
    coalesce(bool_or(is_bot), false) AS is_bot,
    CAST(coalesce(sum(CAST(money AS decimal(38, 6))), 0) AS double) AS revenue,
    array_sort(array_agg(DISTINCT old_id) FILTER (WHERE old_id <> first_id)) AS merged_ids,
    max(received_at) AS last_arrival,
    row_number() OVER (PARTITION BY first_id ORDER BY min(event_time)) AS share
  FROM named
  GROUP BY visitor, run, first_id
),
exact AS (
  SELECT ${exactColumns(columns)}
  FROM measured
)
SELECT ${columns.map((name) => `CASE WHEN seen.session_id IS NULL THEN exact.${name} ELSE seen.${name} END AS ${name}`).join(',\n  ')}
FROM exact LEFT JOIN ${of.closed} AS seen ON ${sameSession('exact', 'seen')}`
}

const tolerance = (revenue: string): string => `(0.0000005 + abs(${revenue}) * 1e-15)`

/** Two rows of one session that says the same: id, bounds and measures. */
export const sameSession = (a: string, b: string): string =>
  [
    ...['session_id', 'visitor', 'started_at', 'ended_at', 'events', 'page_views', 'is_bot'].map(
      (name) => `${a}.${name} = ${b}.${name}`,
    ),
    // Sums of doubles: equal to less than half of the sixth decimal, or to the last digits that a double has. Told as
    // comparisons of one side with the other: by any other condition DuckDB would compare each row with each.
    `${a}.revenue > ${b}.revenue - ${tolerance(`${b}.revenue`)}`,
    `${a}.revenue < ${b}.revenue + ${tolerance(`${b}.revenue`)}`,
  ].join(' AND ')

const duration = "CAST(date_diff('millisecond', started_at, ended_at) AS bigint)"
const engaged = `(${duration} >= ${engagedAfterMs} OR page_views >= 2 OR revenue > 0)`

/** Columns of `sessions` that are not computed one by one above. */
const exactly: Readonly<Record<string, string>> = {
  // A stream's session that is in fact two, as when an event of it never reached the lake: each needs an id of its own.
  session_id: "CASE WHEN share = 1 THEN first_id ELSE first_id || '-' || CAST(share AS varchar) END",
  duration_ms: duration,
  engaged,
  bounced: `NOT ${engaged}`,
  // What was late has found its place.
  late: 'false',
  absorbed_ids:
    'CASE WHEN share = 1 THEN merged_ids WHEN merged_ids IS NULL THEN ARRAY[first_id] ELSE merged_ids || ARRAY[first_id] END',
}

const exactColumns = (columns: readonly string[]): string =>
  columns.map((name) => (exactly[name] === undefined ? name : `${exactly[name]} AS ${name}`)).join(',\n    ')

/** Which id the events of a session carried before, and in which stretch of time they carry another now. */
export const movedIds = (sessions: string): string => `
  SELECT old_id, session_id, started_at, ended_at
  FROM ${sessions} CROSS JOIN UNNEST(absorbed_ids) AS absorbed (old_id)`

/** Ids of daily sessions that the new ones take the place of. */
export const supersededIds = (sessions: string): string => `
  SELECT session_id AS old_id FROM ${sessions}
  UNION
  SELECT old_id FROM (${movedIds(sessions)}) AS moved`
