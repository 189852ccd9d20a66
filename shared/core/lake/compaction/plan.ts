import { dayOfTime } from '../view-sql.ts'
import type { Attempt } from './attempt.ts'
import { compactedShare } from './bucket-count.ts'
import {
  type DailyTables,
  dailySessions,
  movedIds,
  supersededIds,
  touchedSessions,
} from './daily-sessions.ts'
import { dayMs, dayOf, daysBetween } from './day.ts'
import { dayOfPart, partsOfDays } from './names.ts'
import type { CompactionPorts } from './ports.ts'
import { columnNames, inParts } from './sql-text.ts'
import type { CompactionState } from './state.ts'
import { arrivedIn, closedSessions, type Span } from './stream-rows.ts'
import { writeWorkTable } from './write-part.ts'

/** Computes the sessions of the span into work tables, and what days have to be written. */
export const planAttempt = async (
  of: {
    readonly span: Span
    readonly state: CompactionState
    readonly version: number
    readonly run: string
  },
  tables: DailyTables,
  ports: CompactionPorts,
): Promise<Attempt> => {
  const { span, state, run } = of
  const columns = columnNames(tables.sessions)
  const closed = await writeWorkTable({ run, kind: 'closed', select: closedSessions(span, columns) }, ports)
  const closedOn = await daysOf(closed, ports)
  const sessionParts = reachingInto(state, closedOn.all)
  const touched = `(${touchedSessions(closed, sessionParts)}) AS touched`
  const touchedOn = sessionParts.length === 0 ? [] : (await daysOf(touched, ports)).all
  const eventParts = partsOfDays(state.events, new Set([...closedOn.all, ...touchedOn]))
  const select = dailySessions({ span, closed, tables, eventParts, sessionParts })
  const sessions = await writeWorkTable({ run, kind: 'sessions', select }, ports)

  const sessionsOn = await daysOf(sessions, ports)
  const sessionDays = sorted([...sessionsOn.first, ...(await supersededDays(sessions, sessionParts, ports))])
  const arrived = await arrivedByDay(span, ports)
  const moved = await movedDays(sessions, eventParts, ports)
  return {
    version: of.version,
    through: span.to,
    from: span.from,
    run,
    eventDays: { ...Object.fromEntries(moved.map((day) => [day, 0])), ...arrived.days },
    sessionDays,
    comparedDays: sorted([...sessionDays, ...closedOn.first]),
    longestSessionDays: Math.max(state.longestSessionDays, sessionsOn.longest),
    bytesPerRow: arrived.bytesPerRow,
    events: [],
    sessions: [],
    persons: null,
    compared: null,
    finished: false,
  }
}

const sorted = (days: readonly string[]): string[] => [...new Set(days)].sort()

type SessionDays = {
  /** On which one begins. */
  readonly first: readonly string[]
  /** Which one touches. */
  readonly all: readonly string[]
  /** How many days the longest touches. */
  readonly longest: number
}

const daysOf = async (sessions: string, { sql }: CompactionPorts): Promise<SessionDays> => {
  const { rows } = await sql.run(
    `SELECT DISTINCT ${dayOfTime('started_at')} AS first_day, ${dayOfTime('ended_at')} AS last_day FROM ${sessions}`,
  )
  const spans = rows.map(([first, last]) => daysBetween(first ?? '', last ?? ''))
  return {
    first: sorted(rows.map(([first]) => first ?? '')),
    all: sorted(spans.flat()),
    longest: Math.max(1, ...spans.map((days) => days.length)),
  }
}

/** Parts with sessions that may come within the gap of one on these days. */
const reachingInto = (state: CompactionState, days: readonly string[]): string[] => {
  const reached = new Set(
    days.flatMap((day) => {
      const start = Date.parse(`${day}T00:00:00Z`)
      return daysBetween(dayOf(start - state.longestSessionDays * dayMs), dayOf(start + dayMs))
    }),
  )
  return partsOfDays(state.sessions, reached)
}

/** New rows by event day, and what a row takes where it lies now. */
const arrivedByDay = async (
  span: Span,
  { sql, objects }: CompactionPorts,
): Promise<{ readonly days: Record<string, number>; readonly bytesPerRow: number }> => {
  const { rows } = await sql.run(`
    SELECT ${dayOfTime('event_time')} AS event_day, dt, count(*) AS events
    FROM events
    WHERE ${arrivedIn(span)}
    GROUP BY ${dayOfTime('event_time')}, dt`)
  const days: Record<string, number> = {}
  for (const [day = null, , events = null] of rows)
    if (day !== null) days[day] = (days[day] ?? 0) + Number(events)
  const total = Object.values(days).reduce((sum, count) => sum + count, 0)
  let bytes = 0
  for (const dt of new Set(rows.map(([, dt]) => dt)))
    bytes += (await objects.sizeOf(`events/dt=${dt}/`)).bytes
  return { days, bytesPerRow: total === 0 ? 0 : (bytes / total) * compactedShare }
}

/** Days of events that stand in the daily table and belong to another session now. */
const movedDays = async (
  sessions: string,
  eventParts: readonly string[],
  { sql }: CompactionPorts,
): Promise<string[]> => {
  if (eventParts.length === 0) return []
  const { rows } = await sql.run(`
    SELECT DISTINCT e.part
    FROM events_daily AS e JOIN (${movedIds(sessions)}) AS moved
      ON moved.old_id = e.session_id AND e.event_time >= moved.started_at AND e.event_time <= moved.ended_at
    WHERE ${inParts(eventParts, 'e.part')}`)
  return rows.map(([part]) => dayOfPart(part ?? ''))
}

/** Days on which a daily session began that is part of another now. */
const supersededDays = async (
  sessions: string,
  sessionParts: readonly string[],
  { sql }: CompactionPorts,
): Promise<string[]> => {
  if (sessionParts.length === 0) return []
  const { rows } = await sql.run(`
    SELECT DISTINCT old.part
    FROM sessions_daily AS old JOIN (${supersededIds(sessions)}) AS superseded ON superseded.old_id = old.session_id
    WHERE ${inParts(sessionParts, 'old.part')}`)
  return rows.map(([part]) => dayOfPart(part ?? ''))
}
