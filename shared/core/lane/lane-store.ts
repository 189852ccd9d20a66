import type { EpochMs } from '../event/outcome.ts'
import type { Changes, LaneSettings } from './fold.ts'
import {
  emptyManifest,
  type Manifest,
  manifestKey,
  parseManifest,
  type SegmentRef,
  segmentKey,
  segmentPrefix,
  versionOfSegmentKey,
} from './manifest.ts'
import type { Frozen } from './open-sessions.ts'
import type { ObjectStore } from './ports.ts'
import { arrivalMinute } from './seen-ids.ts'
import { type Delta, decodeSegment, encodeSegment, isEmptyDelta, mergeDeltas } from './segment.ts'
import { LaneState, paneDelta } from './state.ts'

/** This many neighbours of one level are merged into one of the next. */
const mergeWidth = 8
/** Larger ones are left alone: they die whole within the horizon. */
const maxMergedBytes = 16 * 1024 * 1024
/** Segments up to here are kept as bytes beside a warm lane, if they may be merged soon. */
const maxKeptLevel = 1

/** A lane as last committed: its state, the etag that the next commit must match, and the bytes of young segments. */
export type LoadedLane = {
  readonly state: LaneState
  /** null when nothing was ever committed. */
  readonly etag: string | null
  readonly young: Map<string, Uint8Array>
  /** True once everything in the state's outbox is in the metrics table, or deferred. */
  isPublished: boolean
}

/** Reads the lane, or revalidates the one in hand. The answer is the lane as committed at some time after the call. */
export const loadLane = async (
  objects: ObjectStore,
  of: { readonly lane: number; readonly lanes: number },
  cached: LoadedLane | undefined,
): Promise<LoadedLane> => {
  let etagRead: string | undefined
  for (;;) {
    const found = await objects.get(manifestKey(of.lane), cached?.etag ?? undefined)
    if (found === 'unchanged' && cached !== undefined) return cached
    if (found === 'unchanged' || found === 'missing') {
      // Also when another lane object is cached: it never was committed.
      return {
        state: new LaneState(emptyManifest(of.lane, of.lanes)),
        etag: null,
        young: new Map(),
        isPublished: true,
      }
    }
    const manifest = parseManifest(Buffer.from(found.bytes).toString('utf8'), of)
    const young = new Map<string, Uint8Array>()
    const deltas = await readSegments(objects, manifest, young)
    if (deltas === undefined) {
      // Merged away since the manifest was read, so that there is a newer one; the same one again means damage.
      if (found.etag === etagRead)
        throw new Error(`lane ${of.lane}: the manifest in force names a segment that is gone`)
      etagRead = found.etag
      continue
    }
    const state = new LaneState(manifest, deltas)
    return { state, etag: found.etag, young, isPublished: false }
  }
}

/**
 * Of the segments of a lane those whose bytes are kept beside it. Only what stands near the end is ever merged: a run takes
 * this many of each level. And what is so large that eight of it are not merged is not worth the memory.
 */
export const keysToKeep = (segments: readonly SegmentRef[]): ReadonlySet<string> => {
  const near = segments.slice(-(mergeWidth - 1) * (maxKeptLevel + 1))
  const kept = near.filter(
    ({ level, bytes }) => level <= maxKeptLevel && bytes * mergeWidth <= maxMergedBytes,
  )
  return new Set(kept.map(({ key }) => key))
}

const readSegments = async (
  objects: ObjectStore,
  manifest: Manifest,
  young: Map<string, Uint8Array>,
): Promise<Iterable<Delta> | undefined> => {
  const read = await Promise.all(manifest.segments.map(({ key }) => objects.get(key)))
  const kept = keysToKeep(manifest.segments)
  const segments: Uint8Array[] = []
  for (const [place, segment] of manifest.segments.entries()) {
    const found = read[place]
    if (found === undefined || found === 'missing' || found === 'unchanged') return undefined
    if (kept.has(segment.key)) young.set(segment.key, found.bytes)
    segments.push(found.bytes)
  }
  return decodeInTurn(segments)
}

/** Each when it is asked for, and then let go of. */
function* decodeInTurn(segments: Uint8Array[]): Generator<Delta> {
  for (let bytes = segments.shift(); bytes !== undefined; bytes = segments.shift()) yield decodeSegment(bytes)
}

/** The changed part of the state as one delta. */
export const deltaOf = (changes: Changes, { records }: Frozen): Delta => {
  const panes: Delta['panes'] = new Map()
  for (const [held, cells] of changes.panes) panes.set(held.key, paneDelta(held, cells))
  const ids: Delta['ids'] = new Map()
  for (const [minute, keys] of changes.ids) ids.set(minute, Buffer.from(keys.join(''), 'hex'))
  return { visitors: records, panes, ids, origins: changes.origins, latest: changes.latest }
}

export type SegmentPlan = {
  readonly segments: readonly SegmentRef[]
  /** To be written before the manifest that names it. */
  readonly written: { readonly ref: SegmentRef; readonly bytes: Uint8Array } | undefined
  /** Named by the manifest in force and not by the next. */
  readonly dropped: readonly string[]
}

export type PlannedCommit = {
  readonly changes: Changes
  /** The visitors that changed. */
  readonly frozen: Frozen
  readonly settings: Pick<LaneSettings, 'horizonMs' | 'mergeAbove'>
}

/**
 * What the segments of the lane are after this commit. Dead ones at the old end are dropped, once the panes that still
 * lean on them are written whole into the new one; young ones are merged when there are many, and enough of
 * them stand together.
 * Undefined when a segment is gone: another attempt has committed since.
 */
export const planSegments = async (
  objects: ObjectStore,
  loaded: LoadedLane,
  commit: PlannedCommit,
): Promise<SegmentPlan | undefined> => {
  const { state, young } = loaded
  const kept = dropDead(state)
  const dropped = state.segments.slice(0, state.segments.length - kept.length)
  carryPanes(state, commit.changes, dropped.at(-1)?.to)
  const delta = deltaOf(commit.changes, commit.frozen)
  if (isEmptyDelta(delta))
    return { segments: kept, written: undefined, dropped: dropped.map(({ key }) => key) }
  const run = kept.length < commit.settings.mergeAbove ? [] : mergeRun(kept)
  const older = await Promise.all(run.map(({ key }) => readSegment(objects, young, key)))
  if (!older.every((read) => read !== undefined)) return undefined
  const merged = run.length === 0 ? delta : mergeDeltas([...older, delta], state.liveness())
  const { bytes, contentHash } = encodeSegment(merged)
  const ref: SegmentRef = {
    key: segmentKey(state.lane, state.version, contentHash),
    to: state.version,
    level: run.length === 0 ? 0 : (run[0]?.level ?? 0) + 1,
    bytes: bytes.length,
    liveUntil: Math.max(liveUntil(commit, state), ...run.map((segment) => segment.liveUntil)),
    lastMinute: Math.max(
      arrivalMinute(commit.changes.lastArrival),
      ...run.map((segment) => segment.lastMinute),
    ),
  }
  return {
    segments: [...kept.slice(0, kept.length - run.length), ref],
    written: { ref, bytes },
    dropped: [...dropped, ...run].map(({ key }) => key),
  }
}

const dropDead = (state: LaneState): readonly SegmentRef[] => {
  const clock = state.clock ?? Number.NEGATIVE_INFINITY
  // By the first minute, too: a mark whose pack carries a longer horizon than this code has leaves it further back.
  const firstAlive = state.segments.findIndex(
    ({ liveUntil, lastMinute }) => liveUntil >= clock || lastMinute >= state.firstMinute,
  )
  return firstAlive === -1 ? [] : state.segments.slice(firstAlive)
}

/** Panes live longer than the segments they were written to: those that need a dropped one are written again. */
const carryPanes = (state: LaneState, changes: Changes, droppedTo: number | undefined): void => {
  if (droppedTo === undefined) return
  for (const held of state.panes.values()) {
    if (held.wholeAt > droppedTo) continue
    held.wholeAt = state.version
    changes.panes.set(held, new Set(held.pane.cells.keys()))
  }
}

/** The youngest segments that the new one is merged with, oldest first. */
const mergeRun = (segments: readonly SegmentRef[]): readonly SegmentRef[] => {
  let level = 0
  let run: readonly SegmentRef[] = []
  for (;;) {
    const start = segments.length - run.length
    const next = segments.slice(Math.max(0, start - (mergeWidth - 1)), start)
    const isFull = next.length === mergeWidth - 1 && next.every((segment) => segment.level === level)
    const bytes = [...next, ...run].reduce((total, segment) => total + segment.bytes, 0)
    if (!isFull || bytes > maxMergedBytes) return run
    run = [...next, ...run]
    level++
  }
}

const readSegment = async (
  objects: ObjectStore,
  young: Map<string, Uint8Array>,
  key: string,
): Promise<Delta | undefined> => {
  const kept = young.get(key)
  if (kept !== undefined) return decodeSegment(kept)
  const found = await objects.get(key)
  return found === 'missing' || found === 'unchanged' ? undefined : decodeSegment(found.bytes)
}

const minuteMs = 60_000

/** When the last session of it has closed, and its ids and origins are beyond the horizon. */
const liveUntil = ({ changes, frozen, settings }: PlannedCommit, state: LaneState): EpochMs =>
  Math.max(Math.max(changes.lastArrival, state.clock ?? 0) + minuteMs + settings.horizonMs, frozen.lastClose)

/** Segments that attempts wrote which then lost, and those merged away whose deletion failed. */
export const orphans = async (objects: ObjectStore, state: LaneState): Promise<string[]> => {
  const named = new Set(state.segments.map(({ key }) => key))
  const keys = await objects.list(segmentPrefix(state.lane))
  // One of a higher version may be named by the next manifest; one of this version or a lower never will.
  return keys.filter((key) => !named.has(key) && versionOfSegmentKey(key) <= state.version)
}
