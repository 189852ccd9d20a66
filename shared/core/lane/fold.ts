import { hash } from 'node:crypto'
import type { BadReasonCode } from '../bad-row/bad-row.ts'
import { type EpochMs, type Origin, originText } from '../event/outcome.ts'
import { eventKeys } from '../lake/event-columns.ts'
import { sessionRowByKey } from '../lake/row-keys.ts'
import { keepNewest, type LatestChange } from '../latest/change.ts'
import { accountDescriptor } from '../metric/account.ts'
import type { CompiledMetrics } from '../metric/compile.ts'
import type { Contribution, Grain } from '../metric/contribution.ts'
import { type CellKey, mergeIntoPane } from '../metric/pane.ts'
import { addToSessions, type OpenSession, openSession } from '../session/session.ts'
import { sessionFields, sessionRow } from '../session/session-row.ts'
import { windowStart } from '../window/grain.ts'
import { allowedLatenessMs, sessionGapMs } from '../window/timing.ts'
import { Arena } from './arena.ts'
import { keyWords } from './key-words.ts'
import { type LanePane, leavesAfter } from './lane-pane.ts'
import { type NumberList, wordList } from './number-list.ts'
import { listOf, type OriginList } from './origin-list.ts'
import { originWords } from './origin-words.ts'
import type {
  EventsPack,
  FlushPack,
  FoldSettings,
  LaneAccepted,
  LaneEvent,
  LanePack,
  MarkPack,
} from './pack.ts'
import { type Partial, Partials } from './partials.ts'
import { type PublishEvery, publishSparingly } from './publishing.ts'
import { arrivalMinute } from './seen-ids.ts'
import type { LaneState } from './state.ts'

export type LaneSettings = FoldSettings & {
  /** Above this many panes the longest untouched leave early: a later event opens their next generation. */
  readonly maxPanes: number
  /**
   * A commit that has changed this many panes and latest values takes no further record: whoever comes after it must
   * publish all of them before it folds, within the life of one invocation.
   */
  readonly maxPutsPerCommit: number
  /** Every so many versions a lane looks for orphaned segments; listing a prefix costs as much as a PUT. */
  readonly sweepEvery: number
  /**
   * What commits changed is written in the manifest itself until it comes to more than this, and then as an object. A
   * PUT costs the same whatever its size, and a manifest of this size is sent in some milliseconds.
   */
  readonly inlineBytes: number
  /**
   * Above this many segments the young ones are merged. Most die before: each merge reads and writes again what it merges,
   * while a lane that is loaded reads a hundred objects as fast as ten.
   */
  readonly mergeAbove: number
  readonly publishEvery: PublishEvery
}

export const defaultLaneSettings: LaneSettings = {
  gapMs: sessionGapMs,
  latenessMs: allowedLatenessMs,
  horizonMs: 60 * 60_000,
  maxPanes: 20_000,
  // Some ten seconds at 2,000 puts a second.
  maxPutsPerCommit: 20_000,
  sweepEvery: 512,
  inlineBytes: 2 ** 20,
  mergeAbove: 64,
  publishEvery: publishSparingly,
}

export type SessionMeasure = Pick<CompiledMetrics, 'sessionDescriptors' | 'measureSession'>

/** Rows for the lake, each a line of JSON in UTF-8 without its end. */
export type LakeRows = {
  readonly events: Buffer[]
  readonly sessions: Buffer[]
  readonly bad: Buffer[]
}

/** What a fold changed of the state, for the segment of its commit. */
export type Changes = {
  readonly panes: Map<LanePane, Set<CellKey>>
  /** Minute of arrival → words of the keys of accepted events. */
  readonly ids: Map<number, NumberList<Uint32Array<ArrayBuffer>>>
  /** By raw shard. */
  readonly origins: Map<string, OriginList>
  /** By `latestKey`, the newest of what was folded. */
  readonly latest: Map<string, LatestChange>
  /** Latest arrival of what was folded; 0 when nothing was. */
  lastArrival: EpochMs
}

const flushesRemembered = 16

const sessionIdStart = `{"${eventKeys.session_id}":"`

/**
 * Folds lane records into a lane, one by one, in sequence order. A pure function of (state, records): what it does to
 * `state` depends on nothing else, so every attempt at the same records writes the same rows.
 */
export class Fold {
  readonly rows: LakeRows = { events: [], sessions: [], bad: [] }
  readonly changes: Changes = {
    panes: new Map(),
    ids: new Map(),
    origins: new Map(),
    latest: new Map(),
    lastArrival: 0,
  }
  readonly #state: LaneState
  readonly #ownSettings: FoldSettings
  /** Those of the pack at hand. */
  #settings: FoldSettings
  readonly #sessionMetrics: SessionMeasure
  readonly #partials = new Partials()
  readonly #arena = new Arena()
  /** The version that a commit of this fold will have. */
  readonly #version: number

  /** The outbox of the state must have been published, but for what is deferred: panes that waited for that leave now. */
  constructor(state: LaneState, settings: LaneSettings, sessionMetrics: SessionMeasure) {
    this.#state = state
    this.#ownSettings = settings
    this.#settings = settings
    this.#sessionMetrics = sessionMetrics
    this.#version = state.version + 1
    if (state.flush.sealing) {
      state.paneFloor = state.version
      state.flush = { ...state.flush, sealing: false }
    }
    if (state.panes.size > settings.maxPanes)
      state.paneFloor = Math.max(state.paneFloor, this.#oldPaneVersion())
    state.evictPanes(new Set())
  }

  /** Once the rows have been sent: nobody may look at them any more. */
  releaseRows(): void {
    this.#arena.release()
  }

  /** laneArrival: when the record arrived in the lane stream. */
  fold(pack: LanePack, laneArrival: EpochMs): void {
    this.#settings = pack.settings ?? this.#ownSettings
    switch (pack.kind) {
      case 'events':
        this.#events(pack)
        break
      case 'mark':
        this.#mark(pack, laneArrival)
        break
      case 'flush':
        this.#flush(pack)
        break
      default:
        assertNever(pack)
    }
  }

  #events(pack: EventsPack): void {
    for (const event of pack.events) {
      if (!this.#isFirstDelivery(event.origin, event.receivedAt)) continue
      this.#account(event, pack)
    }
    this.#addPartials()
  }

  /** False when this copy of an event was folded before, for certain. */
  #isFirstDelivery({ shardId, sequenceNumber, index }: Origin, receivedAt: EpochMs): boolean {
    const { progress } = this.#state
    if (progress.isThrough(shardId, sequenceNumber)) return false
    const origin = originWords(sequenceNumber, index)
    if (!progress.remember(shardId, origin)) return false
    listOf(this.changes.origins, shardId).add(origin)
    this.changes.lastArrival = Math.max(this.changes.lastArrival, receivedAt)
    return true
  }

  /** Every event that is received comes by here once, and leaves as exactly one of the three. */
  #account(event: LaneEvent, pack: EventsPack): void {
    const { counters } = this.#state
    counters.received++
    if (event.verdict === 'quarantined') {
      counters.quarantined++
      this.rows.bad.push(event.row)
      this.#count(event.receivedAt, quarantinedFor(event.reason))
      return
    }
    const key = keyWords(event.key)
    if (this.#isDuplicate(key, event.receivedAt)) {
      counters.duplicate++
      this.#count(event.receivedAt, duplicate)
    } else {
      counters.accepted++
      this.#rememberId(key, event.receivedAt)
      this.#accept(event, pack)
      this.#count(event.receivedAt, accepted)
    }
  }

  /** Decided by arrival times alone, so that it does not depend on how far the clock happens to be. */
  #isDuplicate(key: Uint32Array, receivedAt: EpochMs): boolean {
    const seen = this.#state.ids.minuteOf(key)
    if (seen === undefined) return false
    return Math.abs(arrivalMinute(receivedAt) - seen) * 60_000 <= this.#settings.horizonMs
  }

  #rememberId(key: Uint32Array, receivedAt: EpochMs): void {
    const minute = arrivalMinute(receivedAt)
    this.#state.ids.add(key, minute)
    const ids = this.changes.ids.get(minute) ?? wordList()
    this.changes.ids.set(minute, ids)
    for (const word of key) ids.push(word)
  }

  #accept(event: LaneAccepted, pack: EventsPack): void {
    for (const change of event.latest ?? []) keepNewest(this.changes.latest, change)
    const session = this.#sessionize(event)
    // One more column, in front.
    this.rows.events.push(this.#arena.join(`${sessionIdStart}${session.id}",`, event.row.subarray(1)))
    const at = { time: event.eventTime, touchedAt: event.receivedAt }
    for (const contribution of event.contributions) {
      const descriptor = pack.metrics[contribution.metric]
      if (descriptor === undefined) throw new Error(`pack without metric ${contribution.metric}`)
      this.#partials.add(descriptor, contribution, at)
    }
  }

  #sessionize(event: LaneAccepted): OpenSession {
    const { sessions, clock, counters } = this.#state
    const { latenessMs } = this.#settings
    const late = clock !== undefined && event.eventTime + latenessMs < clock
    const single = openSession(event, { id: '', order: counters.received, late }, this.#settings)
    const change = addToSessions(sessions.of(event.visitor), single, this.#settings)
    // Only one that is new needs a name of its own.
    const current = change.current === single ? { ...single, id: sessionId(event.origin) } : change.current
    sessions.change(event.visitor, { ...change, current })
    return current
  }

  #count(receivedAt: EpochMs, contribution: Contribution): void {
    this.#partials.add(accountDescriptor, contribution, { time: receivedAt, touchedAt: receivedAt })
  }

  /** Before anything looks at the panes. */
  #addPartials(): void {
    for (const partial of this.#partials.take())
      for (const { grain, key } of partial.series.grains) this.#addPartial(partial, grain, key)
  }

  /** series: the key of the panes of the grain. */
  #addPartial(partial: Partial, grain: Grain, series: string): void {
    const held = this.#openPane(partial, grain, series)
    const cell = mergeIntoPane(held.pane, partial)
    held.pane.version = this.#version
    const leaves = leavesAfter(held.pane, partial.touchedAt, this.#settings.latenessMs)
    if (leaves > held.leavesAfter) held.leavesAfter = leaves
    const cells = this.changes.panes.get(held)
    if (cells === undefined) this.changes.panes.set(held, new Set([cell]))
    else cells.add(cell)
  }

  #openPane({ time, series: { descriptor } }: Partial, grain: Grain, series: string): LanePane {
    const { panes } = this.#state
    const start = windowStart(time, grain)
    return (
      panes.series(series).get(start) ??
      panes.open({ descriptor, grain, windowStart: start, version: this.#version })
    )
  }

  #mark(mark: MarkPack, laneArrival: EpochMs): void {
    const state = this.#state
    if (!state.progress.apply(mark, laneArrival)) return
    const clock = state.progress.clock()
    if (clock === undefined || (state.clock !== undefined && clock <= state.clock)) return
    state.clock = clock
    // Never back, when a deploy makes the horizon longer: what was forgotten stays so, in memory as in segments.
    state.firstMinute = Math.max(state.firstMinute, arrivalMinute(clock - this.#settings.horizonMs))
    state.ids.forgetBefore(state.firstMinute)
    for (const [visitor, session] of state.sessions.takeClosing(clock)) this.#close(visitor, session, clock)
    this.#addPartials()
    state.evictPanes(new Set(this.changes.panes.keys()))
  }

  #flush(flush: FlushPack): void {
    if (!this.#isFirstDelivery(flush.origin, flush.receivedAt)) return
    const state = this.#state
    const { done, waiting } = state.flush
    if (done.includes(flush.id)) return
    const open = waiting[flush.id] ?? flush.shards.filter((shard) => shard.open).map(({ id }) => id)
    const left = open.filter((shard) => shard !== flush.origin.shardId)
    if (left.length > 0) {
      state.flush = { ...state.flush, waiting: newest({ ...waiting, [flush.id]: left }) }
      return
    }
    const { [flush.id]: _, ...stillWaiting } = waiting
    state.flush = {
      done: [...done, flush.id].slice(-flushesRemembered),
      waiting: stillWaiting,
      sealing: true,
    }
    for (const [visitor, session] of state.sessions.takeAll())
      this.#close(visitor, session, state.clock ?? session.lastArrival)
    this.#addPartials()
    state.visitorFloor = this.#version - 1
    state.paneFloor = this.#version - 1
    state.evictPanes(new Set(this.changes.panes.keys()))
  }

  /** A session counts when it closes, in the window in which it started. */
  #close(visitor: string, session: OpenSession, touchedAt: EpochMs): void {
    const row = sessionRow(visitor, session)
    this.rows.sessions.push(this.#arena.text(JSON.stringify(sessionRowByKey(row))))
    this.#state.counters.sessionsClosed++
    const { sessionDescriptors, measureSession } = this.#sessionMetrics
    for (const contribution of measureSession(sessionFields(row))) {
      const descriptor = sessionDescriptors[contribution.metric]
      if (descriptor === undefined) throw new Error(`no session metric ${contribution.metric}`)
      this.#partials.add(descriptor, contribution, { time: session.start, touchedAt })
    }
  }

  /** About half of the panes are of this version or older; never those that the last commit touched. */
  #oldPaneVersion(): number {
    const versions = Array.from(this.#state.panes.values(), ({ pane }) => pane.version).sort((a, b) => a - b)
    const median = versions[Math.floor(versions.length / 2)] ?? 0
    return Math.min(median, (versions.at(-1) ?? 0) - 1)
  }
}

const outcome = (...dims: readonly string[]): Contribution => ({ metric: 0, value: 1, dims })
const accepted = outcome('accepted', '')
const duplicate = outcome('duplicate', '')
const quarantined = new Map<string, Contribution>()

const quarantinedFor = (reason: BadReasonCode): Contribution => {
  const known = quarantined.get(reason) ?? outcome('quarantined', reason)
  quarantined.set(reason, known)
  return known
}

/** Names the session by its first-arrived event; an origin is never used again, as an event id can be. */
const sessionId = (origin: Origin): string => hash('md5', originText(origin), 'base64url')

const newest = (waiting: Record<string, readonly string[]>): Record<string, readonly string[]> =>
  Object.fromEntries(Object.entries(waiting).slice(-flushesRemembered))

const assertNever = (pack: never): never => {
  throw new Error(`unknown pack: ${JSON.stringify(pack)}`)
}
