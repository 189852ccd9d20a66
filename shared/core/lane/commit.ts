import type { EpochMs } from '../event/outcome.ts'
import type { LaneItem } from '../metric/lane-item.ts'
import { toPaneItem } from '../metric/pane-item.ts'
import { type Changes, Fold, type LaneSettings, type SessionMeasure } from './fold.ts'
import type { LanePane } from './lane-pane.ts'
import {
  keysToKeep,
  type LoadedLane,
  loadLane,
  orphans,
  planSegments,
  type SegmentPlan,
} from './lane-store.ts'
import { encodeManifest, manifestKey } from './manifest.ts'
import type { LanePack } from './pack.ts'
import type { LanePorts } from './ports.ts'
import { dueOf, type PublishEvery, publishAtOnce } from './publishing.ts'
import { compareSequenceNumbers } from './sequence-number.ts'
import type { LaneState } from './state.ts'

export type LaneContext = LanePorts & {
  readonly lanes: number
  readonly settings: LaneSettings
  readonly sessionMetrics: SessionMeasure
  readonly cache: LaneCache
  /** True when too little time is left to fold more: what is folded is committed, the rest comes again. */
  isOutOfTime(): boolean
}

/** A lane record. */
export type LaneInput = {
  readonly sequenceNumber: string
  readonly arrivalMs: EpochMs
  /** Unpacked when it is asked for; undefined when it is no pack after all. */
  readonly pack: LanePack | undefined
}

export type LaneBatch = {
  readonly lane: number
  /** `streamCreatedMs/laneShard`: sequence numbers compare within it. */
  readonly laneShard: string
  /** In sequence order. */
  readonly inputs: readonly LaneInput[]
}

export type LaneResult = {
  /** The first record that is not committed, when time ran out or the commit was full. */
  readonly firstLeft: string | undefined
  readonly version: number
  readonly clock: EpochMs | undefined
  readonly counters: LaneState['counters']
  readonly conflicts: number
  /** What grows when a lane is flooded, or when no marks come; nothing of it is ever cut. */
  readonly held: LaneState['held']
}

/**
 * Lanes in memory between invocations. An attempt takes a lane out and puts it back after its commit, so that an
 * attempt that was frozen and goes on later never shares a state with another.
 */
export type LaneCache = Map<number, LoadedLane>

const maxConflicts = 20

/**
 * Load, fold, commit, publish: the protocol of docs/architecture.md, "The commit". Returns once everything that is to
 * be acknowledged is committed and published; throws on faults, and then the whole batch comes again.
 */
export const commitLane = async (batch: LaneBatch, context: LaneContext): Promise<LaneResult> => {
  for (let conflicts = 0; conflicts <= maxConflicts; conflicts++) {
    const outcome = await attempt(batch, context)
    if (outcome !== 'conflict') return { ...outcome, conflicts }
  }
  throw new Error(`lane ${batch.lane}: ${maxConflicts} attempts lost to others; leaving the batch to a retry`)
}

const attempt = async (
  batch: LaneBatch,
  context: LaneContext,
): Promise<Omit<LaneResult, 'conflicts'> | 'conflict'> => {
  const { objects, lake, cache } = context
  const cached = cache.get(batch.lane)
  cache.delete(batch.lane)
  const loaded = await loadLane(objects, { lane: batch.lane, lanes: context.lanes }, cached)
  const { state } = loaded
  // Whoever loads a lane does not know when it was last published.
  await publish(loaded, context, { at: batch.inputs[0]?.arrivalMs ?? 0, every: publishAtOnce })

  const folded = foldBatch(batch, state, context)
  const result = {
    firstLeft: folded.firstLeft,
    version: state.version,
    clock: state.clock,
    counters: { ...state.counters },
    held: state.held,
  }
  const { fold } = folded
  if (fold === undefined) {
    cache.set(batch.lane, loaded)
    return result
  }
  // Rows before the commit: a crash in between sends them twice, and the lake keeps one row per origin.
  await lake.send(fold.rows)
  fold.releaseRows()
  // Nothing waits in a lane that has gone quiet.
  const { changes } = fold
  const isQuiet = changes.panes.size === 0
  const every = isQuiet ? publishAtOnce : context.settings.publishEvery
  const committed = await commit(loaded, { changes, last: folded.last, laneShard: batch.laneShard }, context)
  if (committed === 'conflict') return 'conflict'
  await publish(committed, context, { at: folded.lastArrivalMs, every })
  state.arrived = Math.max(state.arrived, changes.lastArrival)
  cache.set(batch.lane, committed)
  return { ...result, version: state.version }
}

type Folded = {
  /** undefined when nothing was folded. A fold lets go of panes, and a lane that does not commit must stay as it is. */
  readonly fold: Fold | undefined
  readonly last: string | undefined
  /** Arrival of that in the lane stream. */
  readonly lastArrivalMs: EpochMs
  readonly firstLeft: string | undefined
}

/** Folds what is not applied yet, until time runs out or there is as much to publish as one commit may leave. */
const foldBatch = (batch: LaneBatch, state: LaneState, context: LaneContext): Folded => {
  let fold: Fold | undefined
  const applied = state.applied.get(batch.laneShard)
  let last: string | undefined
  let lastArrivalMs = 0
  for (const input of batch.inputs) {
    const { sequenceNumber, arrivalMs } = input
    // Per record, not per batch: a batch may come again regrouped.
    if (applied !== undefined && compareSequenceNumbers(sequenceNumber, applied) <= 0) continue
    if (context.isOutOfTime() || (fold !== undefined && isFull(fold, context.settings)))
      return { fold, last, lastArrivalMs, firstLeft: sequenceNumber }
    const { pack } = input
    if (pack === undefined) continue
    fold ??= new Fold(state, context.settings, context.sessionMetrics)
    fold.fold(pack, arrivalMs)
    last = sequenceNumber
    lastArrivalMs = arrivalMs
  }
  return { fold, last, lastArrivalMs, firstLeft: undefined }
}

const isFull = ({ changes }: Fold, { maxPutsPerCommit }: LaneSettings): boolean =>
  changes.panes.size + changes.latest.size >= maxPutsPerCommit

/** Old lane shards are kept for as many reshardings back as a zombie could still read. */
const maxAppliedShards = 64

const commit = async (
  loaded: LoadedLane,
  of: { readonly changes: Changes; readonly last: string | undefined; readonly laneShard: string },
  context: LaneContext,
): Promise<LoadedLane | 'conflict'> => {
  const { state, young, scratch } = loaded
  const { objects } = context
  const { changes } = of
  state.version++
  advanceApplied(state, of.laneShard, of.last)
  const frozen = state.sessions.freeze(state.version)
  // Before the plan: what it writes once more has not changed.
  const outbox = [...new Set([...state.deferred, ...changes.panes.keys()])]
  const plan = await planSegments(objects, loaded, {
    changes,
    frozen,
    settings: context.settings,
  })
  if (plan === undefined) return 'conflict'
  const { added } = plan
  if (added !== undefined && !added.ref.isInline) await objects.put(added.ref.key, added.bytes)
  state.segments = plan.segments
  keepYoung(young, plan)
  const manifest = encodeManifest(
    state.manifest(outbox.map(({ key }) => key)),
    (key) => bytesIn(young, key),
    scratch,
  )
  const put = await objects.compareAndSet(manifestKey(state.lane), manifest, loaded.etag)
  if (put === 'conflict') return 'conflict'
  state.outbox = outbox
  state.latest = [...changes.latest.values()]
  await sweep(state, plan, context)
  return { state, etag: put.etag, young, scratch, isPublished: false }
}

const advanceApplied = (state: LaneState, laneShard: string, last: string | undefined): void => {
  if (last === undefined) return
  state.applied.delete(laneShard)
  state.applied.set(laneShard, last)
  for (const oldest of state.applied.keys()) {
    if (state.applied.size <= maxAppliedShards) break
    state.applied.delete(oldest)
  }
}

const keepYoung = (young: Map<string, Uint8Array>, { segments, added }: SegmentPlan): void => {
  if (added !== undefined) young.set(added.ref.key, added.bytes)
  const kept = keysToKeep(segments)
  for (const key of young.keys()) if (!kept.has(key)) young.delete(key)
}

const bytesIn = (young: ReadonlyMap<string, Uint8Array>, key: string): Uint8Array => {
  const bytes = young.get(key)
  if (bytes === undefined) throw new Error(`the bytes of segment ${key} are not at hand`)
  return bytes
}

/** Deletes what no manifest names any more. Whoever still reads an older manifest finds it missing and loads again. */
const sweep = async (state: LaneState, plan: SegmentPlan, context: LaneContext): Promise<void> => {
  const { objects, settings } = context
  const dead = state.version % settings.sweepEvery === 0 ? await orphans(objects, state) : plan.dropped
  if (dead.length > 0) await objects.delete(dead)
}

/**
 * The panes and latest values that the last commit changed, then the lane itself: readers see the panes before their
 * window is complete.
 */
const publish = async (
  loaded: LoadedLane,
  { panes, latest, settings, sessionMetrics }: LaneContext,
  when: { readonly at: EpochMs; readonly every: PublishEvery },
): Promise<void> => {
  const { state } = loaded
  if (loaded.isPublished) return
  const said = laneItem(state)
  const due = dueOf(state, { ...when, arrivedBefore: state.arrived, said, settings, sessionMetrics })
  await panes.publish(due.map((held) => paneItem(held, state.lane)))
  for (const held of due) held.publishedAt = when.at
  const published = new Set(due)
  state.deferred = new Set(state.outbox.filter((held) => !published.has(held)))
  if (state.latest.length > 0) await latest.publish(state.latest)
  await panes.publishLane(said)
  loaded.isPublished = true
}

const paneItem = ({ pane, leavesAfter }: LanePane, lane: number) =>
  // `leavesAfter` is the later of window end and last touch: a lane without a clock expires nothing early.
  toPaneItem({ pane, lane, version: pane.version, clock: leavesAfter })

const laneItem = (state: LaneState): LaneItem => {
  const earliestOpenStart = state.sessions.earliestStart()
  const flushed = state.flush.done.at(-1)
  return {
    lane: state.lane,
    lanes: state.lanes,
    version: state.version,
    ...(state.clock === undefined ? {} : { clock: state.clock }),
    ...(earliestOpenStart === undefined ? {} : { earliestOpenStart }),
    ...(flushed === undefined ? {} : { flushed }),
    counters: { ...state.counters },
  }
}
