import { closesAfterMs } from '../streamed.ts'
import { arrivedSince, timestampLiteral } from '../view-sql.ts'

/** Arrivals in `[from, to)`. */
export type Span = { readonly from: number; readonly to: number }

/** Rows of `events` that arrived in the span. */
export const arrivedIn = ({ from, to }: Span): string =>
  `${arrivedSince(from)} AND received_at >= ${timestampLiteral(from)} AND received_at < ${timestampLiteral(to)}`

/** The same, each origin once: what was written again is equal to the last byte. */
export const arrivals = (span: Span, columns: readonly string[], where = 'true'): string => `
  SELECT ${columns.join(', ')} FROM (
    SELECT ${columns.join(', ')}, row_number() OVER (PARTITION BY origin, received_at, event_time) AS copy
    FROM events
    WHERE ${arrivedIn(span)} AND ${where}
  ) AS copies
  WHERE copy = 1`

/** Whose time to close came in the span. */
export const closedIn = ({ from, to }: Span, row = ''): string => {
  const last = `greatest(${row}last_arrival, ${row}ended_at)`
  const before = (ms: number): string => timestampLiteral(ms - closesAfterMs)
  return `${last} >= ${before(from)} AND ${last} < ${before(to)}`
}

/** Partitions that hold the rows of sessions that closed since then: a flush writes a row ahead of its time. */
export const writtenSince = (from: number): string => arrivedSince(from - closesAfterMs)

/** Rows of `sessions` that closed in the span, each id once. */
export const closedSessions = (span: Span, columns: readonly string[], where = 'true'): string => `
  SELECT ${columns.join(', ')} FROM (
    SELECT ${columns.join(', ')}, row_number() OVER (PARTITION BY session_id, started_at) AS copy
    FROM sessions
    WHERE ${writtenSince(span.from)} AND ${closedIn(span)} AND ${where}
  ) AS copies
  WHERE copy = 1`

/** Every id that events of these sessions may carry, with the id of the session they are in now. */
export const idsOf = (sessions: string): string => `
  SELECT session_id AS old_id, session_id FROM ${sessions}
  UNION
  SELECT absorbed_id AS old_id, session_id
  FROM ${sessions} CROSS JOIN UNNEST(absorbed_ids) AS absorbed (absorbed_id)`
