import type { EpochMs } from '../event/outcome.ts'
import type { Changes, LaneSettings } from './fold.ts'
import {
  emptyManifest,
  inlineSegments,
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
import { Scratch } from './scratch.ts'
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
  /** Where each commit writes its manifest: a megabyte of garbage for each would have the collector look at all of the heap. */
  readonly scratch: Scratch
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
        scratch: new Scratch(),
        isPublished: true,
      }
    }
    const manifest = parseManifest(found.bytes, of)
    const young = inlineSegments(found.bytes, manifest)
    const deltas = await readSegments(objects, manifest, young)
    if (deltas === undefined) {
      // Merged away since the manifest was read, so that there is a newer one; the same one again means damage.
      if (found.etag === etagRead)
        throw new Error(`lane ${of.lane}: the manifest in force names a segment that is gone`)
      etagRead = found.etag
      continue
    }
    const state = new LaneState(manifest, deltas)
    return { state, etag: found.etag, young, scratch: new Scratch(), isPublished: false }
  }
}

/**
 * Of the segments of a lane those whose bytes are kept beside it: the inline ones, which each commit writes, and near them those
 * that may be merged, since a run takes this many of each level. What is so large that eight of it are not merged is not worth
 * the memory.
 */
export const keysToKeep = (segments: readonly SegmentRef[]): ReadonlySet<string> => {
  const [objects, inline] = divided(segments)
  const near = objects.slice(-(mergeWidth - 1) * (maxKeptLevel + 1))
  const kept = near.filter(
    ({ level, bytes }) => level <= maxKeptLevel && bytes * mergeWidth <= maxMergedBytes,
  )
  return new Set([...kept, ...inline].map(({ key }) => key))
}

/** Those that are objects, and the inline ones behind them. */
const divided = (segments: readonly SegmentRef[]): readonly [SegmentRef[], SegmentRef[]] => [
  segments.filter(({ isInline }) => !isInline),
  segments.filter(({ isInline }) => isInline),
]

const readSegments = async (
  objects: ObjectStore,
  manifest: Manifest,
  young: Map<string, Uint8Array>,
): Promise<Iterable<Delta> | undefined> => {
  const read = await Promise.all(manifest.segments.map(({ key }) => readBytes(objects, young, key)))
  const kept = keysToKeep(manifest.segments)
  const segments: Uint8Array[] = []
  for (const [place, segment] of manifest.segments.entries()) {
    const bytes = read[place]
    if (bytes === undefined) return undefined
    if (kept.has(segment.key)) young.set(segment.key, bytes)
    segments.push(bytes)
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
  // The order of the bytes in a key is that of its text, and not that of the machine in its words.
  for (const [minute, keys] of changes.ids) ids.set(minute, Buffer.from(keys.bytes()).swap32())
  return { visitors: records, panes, ids, origins: changes.origins, latest: changes.latest }
}

export type SegmentPlan = {
  readonly segments: readonly SegmentRef[]
  /** The one with what this commit changed. Unless it is inline it is to be written before the manifest that names it. */
  readonly added: { readonly ref: SegmentRef; readonly bytes: Uint8Array } | undefined
  /** Objects named by the manifest in force and not by the next. */
  readonly dropped: readonly string[]
}

export type PlannedCommit = {
  readonly changes: Changes
  /** The visitors that changed. */
  readonly frozen: Frozen
  readonly settings: Pick<LaneSettings, 'horizonMs' | 'inlineBytes' | 'mergeAbove'>
}

/**
 * What the segments of the lane are after this commit. Dead ones at the old end are dropped, once the panes that still
 * lean on them are written whole into the new one. What a commit changed stays inline as long as all that is inline is small: S3
 * bills a PUT by the piece, so a segment of its own would double the price of a commit. What has become too much goes into one
 * object together; objects are merged when there are many, and enough of them stand together.
 * Undefined when a segment is gone: another attempt has committed since.
 */
export const planSegments = async (
  objects: ObjectStore,
  loaded: LoadedLane,
  commit: PlannedCommit,
): Promise<SegmentPlan | undefined> => {
  const { state } = loaded
  const kept = dropDead(state)
  const dead = state.segments.slice(0, state.segments.length - kept.length)
  carryPanes(state, commit.changes, dead.at(-1)?.to)
  const delta = deltaOf(commit.changes, commit.frozen)
  if (isEmptyDelta(delta)) return { segments: kept, added: undefined, dropped: keysOfObjects(dead) }
  const [keptObjects, inline] = divided(kept)
  const small = addedTo([], delta, loaded, commit)
  if (bytesOf([...inline, small.ref]) <= commit.settings.inlineBytes) {
    const ref: SegmentRef = { ...small.ref, isInline: true }
    return { segments: [...kept, ref], added: { ref, bytes: small.bytes }, dropped: keysOfObjects(dead) }
  }
  const run = keptObjects.length < commit.settings.mergeAbove ? [] : mergeRun(keptObjects)
  const taken = [...run, ...inline]
  if (taken.length === 0)
    return { segments: [...kept, small.ref], added: small, dropped: keysOfObjects(dead) }
  const older = await Promise.all(taken.map(({ key }) => readSegment(objects, loaded.young, key)))
  if (!older.every((read) => read !== undefined)) return undefined
  const added = addedTo(taken, mergeDeltas([...older, delta], state.liveness()), loaded, commit)
  return {
    segments: [...keptObjects.slice(0, keptObjects.length - run.length), added.ref],
    added,
    dropped: keysOfObjects([...dead, ...run]),
  }
}

const bytesOf = (segments: readonly SegmentRef[]): number =>
  segments.reduce((total, { bytes }) => total + bytes, 0)

const keysOfObjects = (segments: readonly SegmentRef[]): string[] =>
  divided(segments)[0].map(({ key }) => key)

/** The segment of this commit; `merged` are those that are in it. */
const addedTo = (
  merged: readonly SegmentRef[],
  delta: Delta,
  { state }: LoadedLane,
  commit: PlannedCommit,
): { readonly ref: SegmentRef; readonly bytes: Uint8Array } => {
  const { bytes, contentHash } = encodeSegment(delta)
  const levels = divided(merged)[0].map(({ level }) => level + 1)
  const ref: SegmentRef = {
    key: segmentKey(state.lane, state.version, contentHash),
    to: state.version,
    level: Math.max(0, ...levels),
    bytes: bytes.length,
    liveUntil: Math.max(liveUntil(commit, state), ...merged.map((segment) => segment.liveUntil)),
    lastMinute: Math.max(
      arrivalMinute(commit.changes.lastArrival),
      ...merged.map((segment) => segment.lastMinute),
    ),
  }
  return { ref, bytes }
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
  const bytes = await readBytes(objects, young, key)
  return bytes && decodeSegment(bytes)
}

const readBytes = async (
  objects: ObjectStore,
  young: ReadonlyMap<string, Uint8Array>,
  key: string,
): Promise<Uint8Array | undefined> => {
  const kept = young.get(key)
  if (kept !== undefined) return kept
  const found = await objects.get(key)
  return found === 'missing' || found === 'unchanged' ? undefined : found.bytes
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
