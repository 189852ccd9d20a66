import type { EpochMs } from '../event/outcome.ts'
import type { ProgressSnapshot } from './progress.ts'
import type { Scratch } from './scratch.ts'
import { arrivalMinute } from './seen-ids.ts'

/** Raised when the shape below changes. */
export const manifestFormat = 1

/** Immutable: what the commits up to `to` changed, or what is left of it. */
export type SegmentRef = {
  readonly key: string
  /** It is no object of its own: its bytes stand behind the manifest. Only the youngest segments are, one after another. */
  readonly isInline?: true
  readonly to: number
  /** 0 as a commit wrote it, n when it was merged from segments of level n − 1. */
  readonly level: number
  readonly bytes: number
  /** Once the clock is past this, no session or origin in it is alive. */
  readonly liveUntil: EpochMs
  /** Minute of the last arrival in it. Once the lane has forgotten that, and the clock is past `liveUntil`, only panes are. */
  readonly lastMinute: number
}

export type Counters = {
  readonly received: number
  readonly accepted: number
  readonly quarantined: number
  readonly duplicate: number
  readonly sessionsClosed: number
}

/** All that a lane is, over its segments. Writing it is the one commit. */
export type Manifest = {
  readonly format: number
  readonly lane: number
  /** Fixed for a stage; code with another number refuses to start. */
  readonly lanes: number
  readonly version: number
  /** `streamCreatedMs/laneShard` → sequence number: lane records up to there are folded in. */
  readonly applied: Readonly<Record<string, string>>
  readonly progress: ProgressSnapshot
  readonly clock: EpochMs | null
  /** Ids of arrivals before this minute are forgotten. */
  readonly firstMinute: number
  readonly counters: Counters
  readonly flush: FlushState
  /** Sessions last changed in a version up to this were closed by a flush. */
  readonly visitorFloor: number
  /** Panes last changed in a version up to this have left, unless they are in the outbox. */
  readonly paneFloor: number
  /** Oldest first; what a later one says of a visitor or a cell replaces what an earlier one says. */
  readonly segments: readonly SegmentRef[]
  /** Keys of the panes that this version changed: they may not be published yet. */
  readonly outbox: readonly string[]
}

export type FlushState = {
  /** Ids of the last ones acted on, newest last. */
  readonly done: readonly string[]
  /** Flush id → raw shards that have not brought it yet. */
  readonly waiting: Readonly<Record<string, readonly string[]>>
  /** The panes that the last version changed leave as soon as they are published. */
  readonly sealing: boolean
}

export const emptyManifest = (lane: number, lanes: number): Manifest => ({
  format: manifestFormat,
  lane,
  lanes,
  version: 0,
  applied: {},
  progress: { through: {}, list: { issuedAt: 0, shards: [] } },
  clock: null,
  firstMinute: 0,
  counters: { received: 0, accepted: 0, quarantined: 0, duplicate: 0, sessionsClosed: 0 },
  flush: { done: [], waiting: {}, sealing: false },
  visitorFloor: 0,
  paneFloor: 0,
  segments: [],
  outbox: [],
})

const newline = 0x0a

/** The object of a manifest: a line of JSON, and behind it the segments that are inline. In the memory of `scratch`. */
export const encodeManifest = (
  manifest: Manifest,
  bytesOf: (key: string) => Uint8Array,
  scratch: Scratch,
): Buffer => {
  const inline = manifest.segments.filter(({ isInline }) => isInline).map(({ key }) => bytesOf(key))
  return scratch.join([Buffer.from(`${JSON.stringify(manifest)}\n`), ...inline])
}

/** The segments behind a manifest, by key. Throws when they are not as long as it says. */
export const inlineSegments = (object: Uint8Array, { segments }: Manifest): Map<string, Uint8Array> => {
  const inline = segments.filter(({ isInline }) => isInline)
  let at = object.length - inline.reduce((total, { bytes }) => total + bytes, 0)
  if (inline.length > 0 && object[at - 1] !== newline)
    throw new Error('a manifest with more or less behind it than it says')
  return new Map(
    inline.map(({ key, bytes }) => {
      at += bytes
      return [key, object.subarray(at - bytes, at)]
    }),
  )
}

/** Throws when it is of another format, lane or number of lanes than this code is set up for. */
export const parseManifest = (object: Uint8Array, expected: { lane: number; lanes: number }): Manifest => {
  const end = object.indexOf(newline)
  const manifest: Manifest = JSON.parse(
    Buffer.from(object.subarray(0, end === -1 ? object.length : end)).toString('utf8'),
  )
  if (manifest.format !== manifestFormat)
    throw new Error(
      `lane ${expected.lane}: manifest of format ${manifest.format}; this code reads ${manifestFormat}`,
    )
  if (manifest.lane !== expected.lane || manifest.lanes !== expected.lanes)
    throw new Error(
      `the state is of lane ${manifest.lane} of ${manifest.lanes}, the code is set up for lane ${expected.lane} of ` +
        `${expected.lanes}: the number of lanes of a stage cannot change, set LANES back to ${manifest.lanes}`,
    )
  // Those written before these were kept have none. `liveUntil` is after every arrival in a segment.
  const segments = manifest.segments.map((segment) => ({
    ...segment,
    lastMinute: segment.lastMinute ?? arrivalMinute(segment.liveUntil),
  }))
  return { ...manifest, firstMinute: manifest.firstMinute ?? 0, segments }
}

const lanePrefix = (lane: number): string => `lanes/${String(lane).padStart(4, '0')}/`

export const manifestKey = (lane: number): string => `${lanePrefix(lane)}manifest.json`

export const segmentPrefix = (lane: number): string => `${lanePrefix(lane)}segments/`

/** Named by the version that wrote it and its content: attempts at one version that differ never overwrite each other. */
export const segmentKey = (lane: number, version: number, contentHash: string): string =>
  `${segmentPrefix(lane)}${String(version).padStart(12, '0')}-${contentHash}.json.zst`

/** The version in a segment's key. */
export const versionOfSegmentKey = (key: string): number =>
  Number(key.slice(key.lastIndexOf('/') + 1).split('-')[0])
