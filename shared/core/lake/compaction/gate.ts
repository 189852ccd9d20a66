import { accountDescriptor } from '../../metric/account.ts'
import { cellDims } from '../../metric/pane.ts'
import { fromPaneItem } from '../../metric/pane-item.ts'
import { closesAfterMs } from '../streamed.ts'
import { arrivedSince, timestampLiteral } from '../view-sql.ts'
import { gap } from './daily-sessions.ts'
import { dayMs } from './day.ts'
import type { CompactionPorts } from './ports.ts'
import { arrivedIn, closedIn, idsOf, type Span, writtenSince } from './stream-rows.ts'

/** How long rows that are missing are waited for. */
export const patienceMs = dayMs

export type GateAnswer =
  | { readonly open: true; readonly missing: number }
  | { readonly open: false; readonly reason: string }

const hourMs = 3_600_000

/**
 * Whether the lake holds all that arrived in the span: every lane's clock has passed it, every event that was counted
 * as accepted is in `events`, and every session that closed is in `sessions`. A clock is never overruled: what a lane
 * has not folded is not counted yet, so nobody could say how much would be lost. Rows that were counted and do not come
 * are given up after a day.
 */
export const gate = async (span: Span, ports: CompactionPorts): Promise<GateAnswer> => {
  const reason = await clocksBehind(span.to, ports)
  if (reason !== undefined) return { open: false, reason }
  const missingEvents = await countMissingEvents(span, ports)
  const missingSessions = await countMissingSessions(span, ports)
  const missing = missingEvents + missingSessions
  if (missing > 0 && ports.now() < span.to + patienceMs)
    return {
      open: false,
      reason: `${missingEvents} events and ${missingSessions} sessions are still on their way to the lake`,
    }
  return { open: true, missing }
}

/** Which clocks have not come to an instant; undefined when all have. */
export const clocksBehind = async (
  instant: number,
  { panes }: Pick<CompactionPorts, 'panes'>,
): Promise<string | undefined> => {
  const lanes = await panes.lanes()
  if (lanes.length === 0 || lanes.length < (lanes[0]?.lanes ?? 1)) return 'not every lane has spoken yet'
  const behind = lanes.filter(({ clock }) => clock === undefined || clock < instant)
  if (behind.length === 0) return undefined
  return `the clock of lane ${behind.map(({ lane }) => lane).join(', ')} is behind`
}

/** A first run looks for events that were accepted this long before the first in the lake: no stream keeps any for longer. */
const firstReachMs = 35 * dayMs

/** Accepted by the panes of the account, less the origins in `events`, hour by hour of arrival. */
const countMissingEvents = async (span: Span, { sql, panes }: CompactionPorts): Promise<number> => {
  const { rows } = await sql.run(`
    SELECT substr(CAST(received_at AS varchar), 1, 13) AS arrival_hour, count(DISTINCT origin) AS events
    FROM events
    WHERE ${arrivedIn(span)}
    GROUP BY substr(CAST(received_at AS varchar), 1, 13)`)
  const found = new Map(
    rows.map(([hour, events]) => [Date.parse(`${hour?.replace(' ', 'T')}:00Z`), Number(events)]),
  )
  // Of a first run nobody knows the beginning: what is in the lake need not be the first that was accepted.
  const from = span.from === 0 ? Math.min(span.to, ...found.keys()) - firstReachMs : span.from
  const items = await panes.queryPanes({
    metric: accountDescriptor.name,
    grain: '1h',
    fromMs: from,
    toMs: span.to,
  })
  const accepted = new Map<number, number>()
  for (const pane of items.map(fromPaneItem))
    for (const [key, state] of pane.cells)
      if (cellDims(key)[0] === 'accepted')
        accepted.set(pane.windowStart, (accepted.get(pane.windowStart) ?? 0) + Number(state))
  let missing = 0
  for (const [hour, count] of accepted)
    if (hour >= from - hourMs && hour < span.to) missing += Math.max(0, count - (found.get(hour) ?? 0))
  return missing
}

/** An event may arrive this long before the span and be of a session that closes in it. */
const reachMs = 2 * hourMs

/**
 * Sessions of the events whose time to close has come, without a row. A visitor who is not gone may have a session open still
 * that absorbed others, and no row says so yet: of theirs, only those that stand alone. One that absorbed another has
 * an event within the gap of it.
 */
const countMissingSessions = async (span: Span, { sql }: CompactionPorts): Promise<number> => {
  const { rows } = await sql.run(`
    WITH rows_there AS (
      SELECT session_id, absorbed_ids FROM sessions WHERE ${writtenSince(span.from)}
    ),
    ids AS (${idsOf('rows_there')}
    ),
    seen AS (
      SELECT session_id, visitor, max(received_at) AS last_arrival, min(event_time) AS started_at, max(event_time) AS ended_at
      FROM events
      WHERE ${arrivedSince(span.from - reachMs)} AND received_at >= ${timestampLiteral(span.from - reachMs)}
      GROUP BY session_id, visitor
    ),
    known AS (
      SELECT seen.*,
        max(greatest(last_arrival, ended_at)) OVER (PARTITION BY visitor) AS last_seen,
        max(ended_at) OVER (
          PARTITION BY visitor ORDER BY started_at ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS previous_end,
        lead(started_at) OVER (PARTITION BY visitor ORDER BY started_at) AS next_start
      FROM seen
    )
    SELECT count(*) AS sessions
    FROM known LEFT JOIN ids ON ids.old_id = known.session_id
    WHERE ids.old_id IS NULL
      AND ${closedIn(span, 'known.')}
      AND (
        known.last_seen < ${timestampLiteral(span.to - closesAfterMs)}
        OR coalesce(known.previous_end < known.started_at - ${gap}, true)
          AND coalesce(known.next_start > known.ended_at + ${gap}, true)
      )`)
  return Number(rows[0]?.[0] ?? 0)
}
