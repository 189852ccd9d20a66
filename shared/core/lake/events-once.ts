import type { Compacted } from './compacted.ts'
import { personId, personsNow } from './persons-now.ts'
import { absorbedIds, eventsSince, sessionsSince } from './streamed.ts'
import { dayOfPart, dayOfTime, isOneOf, selectList, timestampLiteral } from './view-sql.ts'

/** Each accepted event once: the closed days from `events_daily`, what arrived since then from `events`. */
export const eventsOnce = (columns: readonly string[], compacted: Compacted | undefined): string => `
WITH absorbed AS (${absorbedIds(sessionsSince(compacted))}
),${compacted?.events.length ? absorbedBefore(compacted) : ''}
persons_now AS (${personsNow(compacted)}
),
once AS (${branches(columns, compacted).join('\n  UNION ALL')}
)
SELECT
${selectList(columns, 'once')},
  once.day,
  ${personId('once')}
FROM once LEFT JOIN persons_now AS person ON person.anonymous_id = once.anonymous_id`

const branches = (columns: readonly string[], compacted: Compacted | undefined): readonly string[] =>
  compacted?.events.length
    ? [daily(columns, compacted), streamed(columns, compacted)]
    : [streamed(columns, compacted)]

/**
 * Sessions that were open at `through` and have absorbed others: a few, so that one map holds them. A map, since an
 * engine leaves out the scalar subquery of a column that nobody asks for, but not a join.
 */
const absorbedBefore = (compacted: Compacted): string => `
absorbed_before AS (
  SELECT map_agg(absorbed_id, survivor) AS survivors
  FROM (${absorbedIds(`${sessionsSince(compacted)} AND started_at <= ${timestampLiteral(compacted.through + clampMs)}`)}
  ) AS open_then
),`

/** No event is later than its arrival by more than this. */
const clampMs = 300_000

const daily = (columns: readonly string[], compacted: Compacted): string => `
  SELECT
${selectList(columns, 'events_daily', {
  session_id:
    'coalesce(element_at((SELECT survivors FROM absorbed_before), events_daily.session_id), events_daily.session_id) AS session_id',
})},
  ${dayOfPart} AS day
  FROM events_daily
  WHERE ${isOneOf('part', compacted.events)}`

/**
 * Of equal copies any one. What all copies agree on is named beside the origin, so that an engine applies a filter on
 * it before it looks for copies, and reads the files of those days only.
 */
const streamed = (columns: readonly string[], compacted: Compacted | undefined): string => `
  SELECT
${selectList(columns, 'copies', { session_id: 'coalesce(absorbed.survivor, copies.session_id) AS session_id' })},
  ${dayOfTime('copies.event_time')} AS day
  FROM (
    SELECT *, row_number() OVER (PARTITION BY origin, received_at, event_time, event) AS copy
    FROM events
    WHERE ${eventsSince(compacted)}
  ) AS copies LEFT JOIN absorbed ON copies.session_id = absorbed.absorbed_id
  WHERE copies.copy = 1`
