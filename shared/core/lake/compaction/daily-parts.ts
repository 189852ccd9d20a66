import { timestampLiteral } from '../view-sql.ts'
import { type DailyTables, movedIds, supersededIds } from './daily-sessions.ts'
import { dayMs, startOfDay } from './day.ts'
import { columnNames, columnsOf, inParts } from './sql-text.ts'
import { arrivals, type Span } from './stream-rows.ts'

const isOnDay = (column: string, day: string): string => {
  const start = startOfDay(day)
  return `${column} >= ${timestampLiteral(start)} AND ${column} < ${timestampLiteral(start + dayMs)}`
}

type PartOf = {
  readonly span: Span
  readonly tables: DailyTables
  /** Work table of the sessions of the span. */
  readonly sessions: string
  /** The day's parts so far; none or one. */
  readonly oldParts: readonly string[]
}

/**
 * The events of a day: those that are there, those that have arrived, each with the session it belongs to now.
 * The order is asked for; Athena may ignore it.
 */
export const eventsOfDay = (day: string, { span, tables, sessions, oldParts }: PartOf): string => {
  const columns = columnNames(tables.events)
  const final = columns.map((name) =>
    name === 'session_id' ? 'coalesce(moved.session_id, e.session_id) AS session_id' : `e.${name}`,
  )
  return `
WITH moved AS (
  ${movedIds(sessions)}
),
here AS (
  SELECT ${columns.join(', ')} FROM events_daily WHERE ${inParts(oldParts)}
  UNION ALL
  ${arrivals(span, columns, isOnDay('event_time', day))}
)
SELECT ${final.join(', ')}
FROM here AS e LEFT JOIN moved
  ON moved.old_id = e.session_id AND e.event_time >= moved.started_at AND e.event_time <= moved.ended_at
ORDER BY event, event_time`
}

/** The sessions that begin on a day: those that are there and still stand, and the new ones. */
export const sessionsOfDay = (day: string, { tables, sessions, oldParts }: PartOf): string => {
  const columns = columnNames(tables.sessions)
  return `
WITH superseded AS (
  ${supersededIds(sessions)}
)
SELECT ${columnsOf(columns, 'old')}
FROM sessions_daily AS old LEFT JOIN superseded ON superseded.old_id = old.session_id
WHERE ${inParts(oldParts, 'old.part')} AND superseded.old_id IS NULL
UNION ALL
SELECT ${columns.join(', ')} FROM ${sessions} WHERE ${isOnDay('started_at', day)}
ORDER BY started_at`
}

/** The user last seen with each anonymous id: by event time, then by origin. */
export const personsOf = ({ span, oldParts }: Pick<PartOf, 'span' | 'oldParts'>): string => {
  const both = "anonymous_id <> '' AND user_id <> ''"
  return `
WITH seen AS (
  SELECT anonymous_id, user_id, last_seen_at, last_origin FROM persons WHERE ${inParts(oldParts)}
  UNION ALL
  SELECT anonymous_id, user_id, event_time AS last_seen_at, origin AS last_origin FROM (
    ${arrivals(span, ['origin', 'anonymous_id', 'user_id', 'event_time'], both)}
  ) AS new
),
ranked AS (
  SELECT seen.*,
    row_number() OVER (PARTITION BY anonymous_id ORDER BY last_seen_at DESC, last_origin DESC) AS place
  FROM seen
)
SELECT anonymous_id, user_id, last_seen_at, last_origin FROM ranked WHERE place = 1
ORDER BY anonymous_id`
}
