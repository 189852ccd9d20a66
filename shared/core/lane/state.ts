import type { EpochMs } from '../event/outcome.ts'
import type { LatestChange } from '../latest/change.ts'
import { encodeCell, openPane, restoreCell } from '../metric/pane.ts'
import { type LanePane, LanePanes, neverPublished } from './lane-pane.ts'
import { type Counters, emptyManifest, type FlushState, type Manifest, type SegmentRef } from './manifest.ts'
import { OpenSessions } from './open-sessions.ts'
import { Progress } from './progress.ts'
import { SeenIds } from './seen-ids.ts'
import type { Delta, Liveness, PaneDelta } from './segment.ts'

/**
 * A lane in memory: what its manifest and segments say. The fold changes it in place; whoever fails to commit
 * throws it away. Every rule of what is still alive depends on committed values alone (clock, floors, outbox), so
 * that a lane read back from its segments is the lane that was written.
 */
export class LaneState {
  readonly lane: number
  readonly lanes: number
  version: number
  readonly applied: Map<string, string>
  readonly progress = new Progress()
  clock: EpochMs | undefined
  readonly counters: { -readonly [Name in keyof Counters]: Counters[Name] }
  flush: FlushState
  visitorFloor: number
  paneFloor: number
  segments: readonly SegmentRef[]
  /** Panes of the loaded or last committed version that may not be published yet. */
  outbox: readonly LanePane[] = []
  /** Those of the outbox that wait for their time to be published. */
  deferred: ReadonlySet<LanePane> = new Set()
  /** Latest arrival of what was folded since the lane was loaded. It decides what is published when, and nothing else. */
  arrived: EpochMs = Number.NEGATIVE_INFINITY
  /** Changes of latest value tables in the same case. */
  latest: readonly LatestChange[] = []
  readonly sessions = new OpenSessions()
  readonly panes = new LanePanes()
  readonly ids = new SeenIds()
  /** Ids of arrivals before this minute are forgotten. */
  firstMinute: number

  /** deltas: those of `manifest.segments`, in their order. */
  constructor(manifest: Manifest, deltas: Iterable<Delta> = []) {
    this.lane = manifest.lane
    this.lanes = manifest.lanes
    this.version = manifest.version
    this.applied = new Map(Object.entries(manifest.applied))
    this.progress.restore(manifest.progress)
    this.clock = manifest.clock ?? undefined
    this.firstMinute = manifest.firstMinute
    this.counters = { ...manifest.counters }
    this.flush = manifest.flush
    this.visitorFloor = manifest.visitorFloor
    this.paneFloor = manifest.paneFloor
    this.segments = manifest.segments
    let last: Delta | undefined
    // One after another: all of them at once are several times the size of the lane.
    for (const delta of deltas) {
      this.#restorePanesAndIds(delta)
      this.sessions.restore(delta.visitors)
      last = delta
    }
    this.sessions.settle(this.clock ?? Number.NEGATIVE_INFINITY, this.visitorFloor)
    this.#restoreOutbox(manifest.outbox)
    // An older segment's are published: no commit begins before that.
    if (manifest.segments.at(-1)?.to === manifest.version) this.latest = [...(last?.latest.values() ?? [])]
  }

  /** What the lane holds in memory, for alarms. */
  get held() {
    return {
      visitors: this.sessions.size,
      sessions: this.sessions.count,
      panes: this.panes.size,
      seenIdBytes: this.ids.bytes,
      recordsBeyondMarks: this.progress.recordsBeyond,
    }
  }

  /** For merging segments: keeps what the lane still holds. */
  liveness(): Liveness {
    return {
      visitor: (visitor, version) => this.sessions.versionOf(visitor) === version,
      pane: (key) => this.panes.get(key) !== undefined,
      minute: (minute) => minute >= this.firstMinute,
      forgetThrough: (shardId, origins) => this.progress.forgetThrough(shardId, origins),
    }
  }

  manifest(outbox: readonly string[]): Manifest {
    return {
      ...emptyManifest(this.lane, this.lanes),
      version: this.version,
      applied: Object.fromEntries(this.applied),
      progress: this.progress.snapshot(),
      clock: this.clock ?? null,
      firstMinute: this.firstMinute,
      counters: { ...this.counters },
      flush: this.flush,
      visitorFloor: this.visitorFloor,
      paneFloor: this.paneFloor,
      segments: this.segments,
      outbox,
    }
  }

  #restorePanesAndIds(delta: Delta): void {
    for (const [key, pane] of delta.panes) this.#restorePane(key, pane)
    for (const [minute, keys] of delta.ids) if (minute >= this.firstMinute) this.ids.addAll(keys, minute)
    for (const [shardId, origins] of delta.origins) this.progress.rememberAll(shardId, origins)
  }

  #restorePane(key: string, from: PaneDelta): void {
    const pane =
      this.panes.get(key)?.pane ??
      openPane({
        descriptor: { name: from.metric, kind: from.kind, by: from.by },
        grain: from.grain,
        windowStart: from.windowStart,
        generation: from.generation,
      })
    pane.version = from.version
    for (const [cell, encoded] of from.cells) restoreCell(pane, cell, encoded)
    this.panes.add({
      key,
      pane,
      leavesAfter: from.leavesAfter,
      wholeAt: from.wholeAt,
      publishedAt: neverPublished,
    })
  }

  #restoreOutbox(keys: readonly string[]): void {
    const outbox: LanePane[] = []
    for (const key of keys) {
      const held = this.panes.get(key)
      if (held === undefined)
        throw new Error(`lane ${this.lane}: the segments lack pane ${key} of the outbox`)
      outbox.push(held)
    }
    this.outbox = outbox
    this.evictPanes(new Set(outbox))
  }

  /** Lets go of the panes that have left, but for those still to be published. */
  evictPanes(kept: ReadonlySet<LanePane>): void {
    const clock = this.clock ?? Number.NEGATIVE_INFINITY
    for (const held of this.panes.values()) {
      const isLeaving = held.leavesAfter < clock || held.pane.version <= this.paneFloor
      if (isLeaving && !kept.has(held) && !this.deferred.has(held)) this.panes.remove(held)
    }
  }
}

/** What a segment keeps of a pane: these cells, and all that is not a cell. */
export const paneDelta = (held: LanePane, cells: Iterable<string>): PaneDelta => {
  const { pane, leavesAfter, wholeAt } = held
  const { metric, kind, by, grain, windowStart, generation, version } = pane
  const encoded = new Map(Array.from(cells, (key) => [key, encodeCell(pane, key)]))
  return { metric, kind, by, grain, windowStart, generation, version, leavesAfter, wholeAt, cells: encoded }
}
