import type { AcceptedEvent } from '../../shared/core/event/outcome.ts'
import { originText } from '../../shared/core/event/outcome.ts'
import { manifestKey, parseManifest } from '../../shared/core/lane/manifest.ts'
import { decodePack } from '../../shared/core/lane/pack.ts'
import { decodeSegment } from '../../shared/core/lane/segment.ts'
import { compareSequenceNumbers } from '../../shared/core/lane/sequence-number.ts'
import { LaneState } from '../../shared/core/lane/state.ts'
import { accumulators } from '../../shared/core/metric/accumulators.ts'
import { fromPaneItem } from '../../shared/core/metric/pane-item.ts'
import { parsePaneKeys } from '../../shared/core/metric/pane-keys.ts'
import {
  type Expected,
  eventPanes,
  expectedOf,
  joined,
  type NaivePanes,
  type NaiveSession,
  sessionPanes,
  sessionsOf,
} from './oracle.ts'
import type { SimRecord, SimShard } from './stream.ts'
import { settings, type World } from './world.ts'

/** At every acknowledgement: what was acknowledged is durable (I5), and no clock has gone back. */
export class DurabilityCheck {
  readonly failures: string[] = []
  readonly #clocks = new Map<number, number>()

  constructor(world: World) {
    world.enrich.onAcknowledged = (shard, records) => this.#enriched(world, shard, records)
    world.aggregate.onAcknowledged = (shard, records) => {
      for (const record of records) this.#aggregated(world, shard, record)
    }
  }

  #enriched(world: World, shard: SimShard, records: readonly SimRecord[]): void {
    const inLanes = originsInLanes(world, shard.id)
    for (const origin of records.flatMap((record) => expectedOfRecord(shard, record)))
      if (!inLanes.has(origin)) this.failures.push(`enrich acknowledged ${origin}, which is in no lane`)
  }

  #aggregated(world: World, shard: SimShard, { data, sequenceNumber }: SimRecord): void {
    const { lane } = packOf(data)
    const committed = committedLane(world, lane)
    if (committed?.clock !== undefined) {
      const before = this.#clocks.get(lane)
      if (before !== undefined && committed.clock < before)
        this.failures.push(`the clock of lane ${lane} went back`)
      this.#clocks.set(lane, committed.clock)
    }
    const applied = committed?.applied[`1/${shard.id}`]
    if (applied === undefined || compareSequenceNumbers(applied, sequenceNumber) < 0)
      this.failures.push(`lane ${lane}: ${sequenceNumber} was acknowledged, committed is ${applied}`)
  }
}

const committedLane = (world: World, lane: number) => {
  const stored = world.objects.objects.get(manifestKey(lane))
  if (stored === undefined) return undefined
  const manifest = parseManifest(Buffer.from(stored.bytes).toString('utf8'), { lane, lanes: world.lanes })
  return { ...manifest, clock: manifest.clock ?? undefined }
}

const packCache = new WeakMap<Uint8Array, ReturnType<typeof decodePack>>()
const packOf = (data: Uint8Array) => {
  const known = packCache.get(data) ?? decodePack(data)
  packCache.set(data, known)
  return known
}

const originsInLanes = (world: World, rawShard: string): Set<string> => {
  const origins = new Set<string>()
  for (const shard of world.laneStream.shards)
    for (const { data } of [...shard.records, ...shard.settling]) {
      const pack = packOf(data)
      if (pack.kind !== 'events') continue
      for (const { origin } of pack.events) if (origin.shardId === rawShard) origins.add(originText(origin))
    }
  return origins
}

const expectedOfRecord = (shard: SimShard, record: SimShard['records'][number]): string[] => {
  const expected = expectedOf({ shards: [{ ...shard, records: [record] }] })
  return [...expected.quarantined, ...expected.copies.flat().map(({ origin }) => originText(origin))]
}

type Row = Record<string, string | number | boolean>
const parseRows = (rows: readonly string[]): Row[] => rows.map((row) => JSON.parse(row))

/** After everything has come to rest: the lanes, the panes and the lake against the naive program. */
export const checkEnd = (world: World): string[] => {
  const failures: string[] = world.unexpected.map(
    (error) => `unexpected: ${error instanceof Error ? error.stack : error}`,
  )
  const expected = expectedOf(world.raw)
  const states = committedStates(world)
  const accepted = checkLake(world, expected, failures)
  checkAccount({ world, states, expected, accepted, failures })
  const sessions = checkSessions(world, accepted, failures)
  checkPanes(world, accepted, sessions, failures)
  checkCaps(states, failures)
  checkOrphans(world, states, failures)
  return failures
}

const committedStates = (world: World): LaneState[] => {
  const states: LaneState[] = []
  for (let lane = 0; lane < world.lanes; lane++) {
    const stored = world.objects.objects.get(manifestKey(lane))
    if (stored === undefined) continue
    const manifest = parseManifest(Buffer.from(stored.bytes).toString('utf8'), { lane, lanes: world.lanes })
    const deltas = manifest.segments.map(({ key }) => {
      const segment = world.objects.objects.get(key)
      if (segment === undefined) throw new Error(`the manifest of lane ${lane} names ${key}, which is gone`)
      return decodeSegment(segment.bytes)
    })
    states.push(new LaneState(manifest, deltas))
  }
  return states
}

/** One copy of each event, and every bad row, by origin; answers the events as the lake has them. */
const checkLake = (world: World, expected: Expected, failures: string[]): AcceptedEvent[] => {
  const inLake = new Set(parseRows(world.lake.rows.events).map(({ origin }) => String(origin)))
  const accepted: AcceptedEvent[] = []
  let copies = 0
  for (const group of expected.copies) {
    const present = group.filter(({ origin }) => inLake.has(originText(origin)))
    copies += present.length
    const [first] = present
    if (present.length !== 1)
      failures.push(`${present.length} copies of ${group[0]?.visitor} ${group[0]?.eventId} are in the lake`)
    if (first !== undefined) accepted.push(first)
  }
  if (inLake.size !== copies) failures.push(`the lake has ${inLake.size - copies} events that nobody sent`)
  const bad = new Set(parseRows(world.lake.rows.bad).map(({ origin }) => String(origin)))
  for (const origin of expected.quarantined)
    if (!bad.has(origin)) failures.push(`bad event ${origin} is lost`)
  if (bad.size !== expected.quarantined.size)
    failures.push(`${bad.size} bad rows, expected ${expected.quarantined.size}`)
  return accepted
}

/** I1, in the counters and in the panes of the account. */
const checkAccount = (of: {
  world: World
  states: LaneState[]
  expected: Expected
  accepted: readonly AcceptedEvent[]
  failures: string[]
}): void => {
  const { expected, accepted, failures } = of
  const want = {
    received: expected.received,
    accepted: accepted.length,
    quarantined: expected.quarantined.size,
    duplicate: expected.received - accepted.length - expected.quarantined.size,
  }
  const got = { received: 0, accepted: 0, quarantined: 0, duplicate: 0 }
  for (const { counters } of of.states)
    for (const name of ['received', 'accepted', 'quarantined', 'duplicate'] as const)
      got[name] += counters[name]
  for (const name of ['received', 'accepted', 'quarantined', 'duplicate'] as const) {
    if (got[name] !== want[name]) failures.push(`counters: ${got[name]} ${name}, expected ${want[name]}`)
    const inPanes = accountOf(of.world, name)
    if (inPanes !== want[name]) failures.push(`account panes: ${inPanes} ${name}, expected ${want[name]}`)
  }
}

const accountOf = (world: World, outcome: string): number => {
  let total = 0
  for (const item of world.table.panes.values()) {
    const { metric, grain } = parsePaneKeys(item)
    if (metric !== 'account' || grain !== '1h') continue
    for (const [cell, count] of fromPaneItem(item).cells)
      if (outcome === 'received' || JSON.parse(cell)[0] === outcome) total += Number(count)
  }
  return total
}

/**
 * Each session once, absorbed ones resolved. Sessions within the gap of each other are one that was cut because an
 * event came after its end: the later one must say so.
 */
const checkSessions = (world: World, accepted: readonly AcceptedEvent[], failures: string[]): Row[] => {
  const byId = new Map<string, string>()
  for (const text of world.lake.rows.sessions) {
    const id = String(JSON.parse(text).session_id)
    byId.set(id, text)
  }
  const rows = parseRows([...byId.values()])
  const want = sessionsOf(accepted).map(describe).sort()
  const got = rejoined(rows, world.hasFlushed, failures).map(describe).sort()
  for (const session of want) if (!got.includes(session)) failures.push(`missing session ${session}`)
  for (const session of got) if (!want.includes(session)) failures.push(`wrong session ${session}`)
  if (want.length !== got.length) failures.push(`${got.length} sessions, expected ${want.length}`)
  checkSessionIds(world, rows, failures)
  return rows
}

const time = (text: unknown): number => Date.parse(`${String(text).replace(' ', 'T')}Z`)

const rejoined = (rows: readonly Row[], flushed: boolean, failures: string[]): NaiveSession[] => {
  const sorted = [...rows].sort((a, b) =>
    a.visitor === b.visitor
      ? time(a.started_at) - time(b.started_at)
      : String(a.visitor) < String(b.visitor)
        ? -1
        : 1,
  )
  const result: { session: NaiveSession; parts: Row[] }[] = []
  for (const row of sorted) {
    const session: NaiveSession = {
      visitor: String(row.visitor),
      start: time(row.started_at),
      end: time(row.ended_at),
      events: Number(row.events),
      pageViews: Number(row.page_views),
      revenue: BigInt(Math.round(Number(row.revenue) * 1e6)),
    }
    const last = result.at(-1)
    if (last?.session.visitor === session.visitor && session.start - last.session.end <= settings.gapMs) {
      last.session = joined(last.session, session)
      last.parts.push(row)
    } else result.push({ session, parts: [row] })
  }
  if (!flushed) for (const { parts } of result) checkOnTime(parts, failures)
  return result.map(({ session }) => session)
}

/** Late parts may bridge what was apart; two parts on time that reach each other should have been one. */
const checkOnTime = (parts: readonly Row[], failures: string[]): void => {
  let end = Number.NEGATIVE_INFINITY
  for (const part of parts) {
    if (part.late === true) continue
    if (time(part.started_at) - end <= settings.gapMs)
      failures.push(
        `${part.visitor}: the session on time at ${part.started_at} was cut from the one before it`,
      )
    end = Math.max(end, time(part.ended_at))
  }
}

const describe = ({ visitor, start, end, events, pageViews, revenue }: NaiveSession): string =>
  `${visitor} ${new Date(start).toISOString()} ${new Date(end).toISOString()} ${events} events ${pageViews} views ${revenue}`

/** Each event's session, absorbed ids resolved, holds it. */
const checkSessionIds = (world: World, rows: readonly Row[], failures: string[]): void => {
  const owners = new Map<string, Row>()
  for (const row of rows) {
    owners.set(String(row.session_id), row)
    const absorbed: unknown = row.absorbed_ids
    if (Array.isArray(absorbed)) for (const id of absorbed) owners.set(String(id), row)
  }
  for (const event of parseRows(world.lake.rows.events)) {
    const session = owners.get(String(event.session_id))
    const holds =
      session !== undefined &&
      session.visitor === event.visitor &&
      time(event.event_time) >= time(session.started_at) &&
      time(event.event_time) <= time(session.ended_at)
    if (!holds)
      failures.push(`event ${event.origin} names session ${event.session_id}, which does not hold it`)
  }
}

/** The panes of the table, all lanes and generations merged, against the naive program. */
const checkPanes = (
  world: World,
  accepted: readonly AcceptedEvent[],
  sessions: readonly Row[],
  failures: string[],
): void => {
  const want: NaivePanes = new Map([...eventPanes(accepted), ...sessionPanes(sessions)])
  const got = mergedPanes(world)
  for (const [key, state] of want)
    if (got.get(key) !== state)
      failures.push(`pane ${key}: ${got.get(key)?.slice(0, 40)}, expected ${state.slice(0, 40)}`)
  for (const key of got.keys()) if (!want.has(key)) failures.push(`pane ${key} should not be`)
}

const mergedPanes = (world: World): NaivePanes => {
  const merged = new Map<string, { kind: keyof typeof accumulators; state: unknown }>()
  for (const item of world.table.panes.values()) {
    const { metric, grain, windowStart } = parsePaneKeys(item)
    if (metric === 'account' || metric === 'added') continue
    const pane = fromPaneItem(item)
    for (const [cell, state] of pane.cells) {
      const key = `${metric} ${grain} ${windowStart} ${cell}`
      const known = merged.get(key)?.state ?? accumulators[pane.kind].empty()
      merged.set(key, { kind: pane.kind, state: accumulators[pane.kind].merge(known, state) })
    }
  }
  return new Map([...merged].map(([key, { kind, state }]) => [key, String(accumulators[kind].encode(state))]))
}

/** Everything has closed, so nothing but a few ids and marks may be left in the lanes. */
const checkCaps = (states: readonly LaneState[], failures: string[]): void => {
  for (const state of states) {
    if (state.sessions.size > 0)
      failures.push(`lane ${state.lane}: ${state.sessions.size} visitors never closed`)
    // What the outbox names stays until the next commit.
    const stale = [...state.panes.values()].filter(
      (held) => held.leavesAfter < (state.clock ?? 0) && !state.outbox.includes(held),
    )
    if (stale.length > 0) failures.push(`lane ${state.lane}: ${stale.length} panes never left`)
    if (state.progress.recordsBeyond > 100)
      failures.push(`lane ${state.lane}: ${state.progress.recordsBeyond} records beyond`)
    if (state.segments.length > 30) failures.push(`lane ${state.lane}: ${state.segments.length} segments`)
  }
}

const checkOrphans = (world: World, states: readonly LaneState[], failures: string[]): void => {
  for (const state of states)
    for (const { key } of state.segments)
      if (!world.objects.objects.has(key)) failures.push(`segment ${key} is gone`)
}
