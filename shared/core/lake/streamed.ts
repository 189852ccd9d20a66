import { allowedLatenessMs, sessionGapMs } from '../window/timing.ts'
import type { Compacted } from './compacted.ts'
import { arrivedSince, timestampLiteral } from './view-sql.ts'

/** A session closes this long after the later of its last arrival and its last event. */
export const closesAfterMs = sessionGapMs + allowedLatenessMs

/**
 * Rows of `events` that the daily tables do not hold. All copies of an event have one received_at, so that a copy
 * written late is left out with the others.
 */
export const eventsSince = (compacted: Compacted | undefined): string =>
  compacted === undefined
    ? 'true'
    : `${arrivedSince(compacted.through)} AND received_at >= ${timestampLiteral(compacted.through)}`

/**
 * Rows of `sessions` that the daily tables do not hold: those the stream closes at `through` or later. A flush writes
 * a session before it would close, but not before its last event arrived.
 */
export const sessionsSince = (compacted: Compacted | undefined): string => {
  if (compacted === undefined) return 'true'
  const since = compacted.through - closesAfterMs
  const bound = timestampLiteral(since)
  return `${arrivedSince(since)} AND (last_arrival >= ${bound} OR ended_at >= ${bound})`
}

/** Each id that a session of the stream has absorbed, and the session; a row may be there twice. */
export const absorbedIds = (where: string): string => `
  SELECT absorbed_id, min(session_id) AS survivor
  FROM sessions CROSS JOIN UNNEST(absorbed_ids) AS ids (absorbed_id)
  WHERE ${where}
  GROUP BY absorbed_id`
