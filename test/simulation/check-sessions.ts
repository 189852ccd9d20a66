import type { AcceptedEvent } from '../../shared/core/event/outcome.ts'
import type { Lake } from './check-lake.ts'
import { describe, joined, type NaiveSession, sessionsOf } from './naive-sessions.ts'
import type { ExpectedEvent } from './oracle.ts'
import { type Row, rowsByName, timeIn } from './rows.ts'
import type { World } from './world.ts'

type SessionParts = {
  readonly row: Row
  readonly session: NaiveSession
  /** Those of the lake that name it or one that it absorbed. */
  readonly events: ExpectedEvent[]
}

/** Each session once, absorbed ones resolved, against the events that name it and against the naive program. */
export const checkSessions = (world: World, lake: Lake, failures: string[]): Row[] => {
  const rows = [...rowsByName(world.lake.rows.sessions, 'session_id', failures).values()]
  const parts = partsOf(rows, lake, failures)
  for (const part of parts) checkPart(world, part, failures)
  const groups = rejoined(parts, world.gaps.least)
  for (const group of groups) checkCuts(world, group, failures)
  checkGroups(world, { groups, accepted: acceptedIn(lake) }, failures)
  for (const { row } of parts) {
    if (row.late === true) world.scheduler.play('late session')
    if (Array.isArray(row.absorbed_ids) && row.absorbed_ids.length > 0)
      world.scheduler.play('session that absorbed others')
  }
  return rows
}

const acceptedIn = (lake: Lake): AcceptedEvent[] =>
  lake.accepted.flatMap(({ accepted }) => (accepted === undefined ? [] : [accepted]))

const partsOf = (rows: readonly Row[], lake: Lake, failures: string[]): SessionParts[] => {
  const owners = new Map<string, SessionParts>()
  const parts = rows.map((row) => ({ row, session: sessionIn(row), events: [] }))
  for (const part of parts) {
    const absorbed: unknown = part.row.absorbed_ids
    for (const id of [part.row.session_id, ...(Array.isArray(absorbed) ? absorbed : [])]) {
      if (owners.has(String(id))) failures.push(`session ${id} is in two others`)
      owners.set(String(id), part)
    }
  }
  for (const event of lake.accepted) {
    const named = String(lake.events.get(event.origin)?.session_id)
    const owner = owners.get(named)
    if (owner === undefined) failures.push(`event ${event.origin} names session ${named}, which is not there`)
    else owner.events.push(event)
  }
  return parts
}

const sessionIn = (row: Row): NaiveSession => ({
  visitor: String(row.visitor),
  start: timeIn(row.started_at),
  end: timeIn(row.ended_at),
  events: Number(row.events),
  pageViews: Number(row.page_views),
  revenue: BigInt(Math.round(Number(row.revenue) * 1e6)),
})

/** A session is what its events are: together, none of them further from the next than the gap, no flush between. */
const checkPart = (world: World, { row, session, events }: SessionParts, failures: string[]): void => {
  const ofEvents = sessionsOf(
    events.flatMap(({ accepted }) => (accepted === undefined ? [] : [accepted])),
    world.gaps.most,
  )
  const want = ofEvents.map(describe).join(' and ')
  if (want !== describe(session))
    failures.push(`session ${row.session_id} is ${describe(session)}, its events are ${want}`)
  checkLate(row, events, failures)
  if (new Set(events.map(({ first }) => first.flushes)).size > 1)
    failures.push(`session ${row.session_id} went on after a flush`)
}

/** Late: one of its events was, by the clock of the lane then. The first to come had no bounds to lie within. */
const checkLate = (row: Row, events: readonly ExpectedEvent[], failures: string[]): void => {
  const inOrder = [...events].sort((a, b) => a.first.place - b.first.place)
  const [opener] = inOrder
  if (row.late === true && !inOrder.some(isLate))
    failures.push(`session ${row.session_id} is flagged late, no event of it was`)
  if (row.late !== true && opener !== undefined && isLate(opener))
    failures.push(`session ${row.session_id} was opened by a late event, and is not flagged`)
}

const isLate = ({ accepted, first }: ExpectedEvent): boolean =>
  accepted !== undefined && accepted.eventTime + first.latenessMs < (first.clock ?? 0)

type Group = { session: NaiveSession; readonly parts: SessionParts[] }

/** Sessions within the gap of each other are one that was cut: an event came after its end, or a flush. */
const rejoined = (parts: readonly SessionParts[], gapMs: number): Group[] => {
  const sorted = [...parts].sort(({ session: a }, { session: b }) =>
    a.visitor === b.visitor ? a.start - b.start : a.visitor < b.visitor ? -1 : 1,
  )
  const groups: Group[] = []
  for (const part of sorted) {
    const last = groups.at(-1)
    const { session } = part
    if (last?.session.visitor === session.visitor && session.start - last.session.end <= gapMs) {
      last.session = joined(last.session, session)
      last.parts.push(part)
    } else groups.push({ session, parts: [part] })
  }
  return groups
}

/**
 * Late sessions may bridge what was apart. Two on time that reach each other should have been one, unless a flush came
 * between them, or packs of code that waits longer: what was closed before it stays closed.
 */
const checkCuts = (world: World, { parts }: Group, failures: string[]): void => {
  if (world.gaps.least !== world.gaps.most) return
  const onTime = parts.filter(({ row }) => row.late !== true)
  for (const [place, one] of onTime.entries())
    for (const other of onTime.slice(0, place)) {
      const isReached = one.session.start - other.session.end <= world.gaps.least
      const isFlushed = one.events[0]?.first.flushes !== other.events[0]?.first.flushes
      if (isReached && !isFlushed)
        failures.push(
          `${one.session.visitor}: the session on time at ${one.row.started_at} was cut from one before it`,
        )
    }
}

/** While the gap stays as it is, the groups are the naive sessions; else they lie between those of the two gaps. */
const checkGroups = (
  world: World,
  of: { readonly groups: readonly Group[]; readonly accepted: readonly AcceptedEvent[] },
  failures: string[],
): void => {
  const got = new Set(of.groups.map(({ session }) => describe(session)))
  const { least, most } = world.gaps
  if (least === most) {
    const want = new Set(sessionsOf(of.accepted, least).map(describe))
    for (const session of want) if (!got.has(session)) failures.push(`missing session ${session}`)
    for (const session of got) if (!want.has(session)) failures.push(`wrong session ${session}`)
    return
  }
  const finest = sessionsOf(of.accepted, least)
  const coarsest = sessionsOf(of.accepted, most)
  const groups = of.groups.map(({ session }) => session)
  for (const session of finest)
    if (!groups.some((group) => holds(group, session))) failures.push(`torn session ${describe(session)}`)
  for (const group of groups)
    if (!coarsest.some((session) => holds(session, group))) failures.push(`wide session ${describe(group)}`)
}

const holds = (outer: NaiveSession, inner: NaiveSession): boolean =>
  outer.visitor === inner.visitor && outer.start <= inner.start && inner.end <= outer.end
