import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import type { BadReasonCode } from '../bad-row/bad-row.ts'
import type { EpochMs, Origin } from '../event/outcome.ts'
import { joinLines, newline, splitLines } from '../lake/lines.ts'
import { withShortKeys } from '../lake/short-keys.ts'
import type { LatestChange } from '../latest/change.ts'
import type { Contribution, MetricDescriptor } from '../metric/contribution.ts'
import type { EventFacts, SessionSettings } from '../session/session.ts'
import {
  fromOldWireEvents,
  isOldPackVersion,
  isWellFormedOldEvents,
  type OldWireEvents,
} from './old-packs.ts'
import {
  fromWireEvents,
  isSequenceNumber,
  isWellFormedEvents,
  numberBytes,
  PackWriter,
  type WireEvents,
} from './pack-events.ts'
import { Scratch } from './scratch.ts'

/** One event as it travels in a lane: a small header, and its finished lake row, which nobody parses again. */
export type LaneEvent = LaneAccepted | LaneQuarantined

export type LaneAccepted = {
  readonly verdict: 'accepted'
  readonly origin: Origin
  readonly receivedAt: EpochMs
  /** See `eventKey`. */
  readonly key: string
  readonly visitor: string
  readonly eventTime: EpochMs
  readonly facts: EventFacts
  /** Money in millionths, as decimal text. */
  readonly revenue: string
  readonly contributions: readonly Contribution[]
  /** What it says of entities of latest value tables. */
  readonly latest?: readonly LatestChange[]
  /** A line of JSON in UTF-8, without its end. */
  readonly row: Buffer
}

export type LaneQuarantined = {
  readonly verdict: 'quarantined'
  readonly origin: Origin
  readonly receivedAt: EpochMs
  readonly reason: BadReasonCode
  /** A line of JSON in UTF-8, without its end. */
  readonly row: Buffer
}

/**
 * Settings that decide what rows a lane writes. They travel with what is folded, so that an attempt of other code, after
 * a deploy that changed them, folds the same records to the same rows.
 */
export type FoldSettings = SessionSettings & {
  /** How long an event id is remembered, by arrival. */
  readonly horizonMs: number
}

/** Absent in packs of code that knew of none. */
type WithSettings = { readonly settings?: FoldSettings }

export type ListedShard = { readonly id: string; readonly parents: readonly string[]; readonly open: boolean }

/** Events of one raw shard for one lane, in their order there. */
export type EventsPack = WithSettings & {
  readonly kind: 'events'
  readonly lanes: number
  readonly lane: number
  readonly metrics: readonly MetricDescriptor[]
  readonly events: readonly LaneEvent[]
}

/** A punctuation: raw shard `shard` is through sequence number `through`, arrival time `arrival`. */
export type MarkPack = WithSettings & {
  readonly kind: 'mark'
  readonly lanes: number
  readonly lane: number
  readonly shard: string
  readonly through: string
  readonly arrival: EpochMs
  readonly issuedAt: EpochMs
  readonly shards: readonly ListedShard[]
}

/** A flush, which came through raw shard `shard`; the lane acts when it has it from every open shard listed. */
export type FlushPack = WithSettings & {
  readonly kind: 'flush'
  readonly lanes: number
  readonly lane: number
  readonly id: string
  readonly origin: Origin
  readonly receivedAt: EpochMs
  readonly shards: readonly ListedShard[]
}

export type LanePack = EventsPack | MarkPack | FlushPack

/** A lane record holds at most this, compressed; see DESIGN, "lane". */
export const maxPackBytes = 256 * 1024

/**
 * Raised when the shape of the text below changes: code that does not know a pack must not pass it over. What the version before
 * wrote is still in the stream after a deploy, and is read.
 */
export const packVersion = 5
/** As now, but rows have names of columns in place of their keys: all of them in version 3, those of the plan in version 4. */
const versionsOfNamedRows: readonly number[] = [3, 4]

type WireControl = MarkPack | FlushPack
/** Control packs are the same in all versions. */
type WireHeader = { readonly v: number } & (WireControl | WireEvents | OldWireEvents)

/** Compressed: a line that says what it is, and of events their numbers, and then their rows, a line each. */
export const encodePack = (pack: LanePack): Uint8Array => {
  if (pack.kind !== 'events') return compress(lineOf(pack))
  const writer = new PackWriter()
  for (const event of pack.events) writer.add(event)
  return encodeEvents(pack, writer)
}

/** As `encodePack`, of events that are written already. */
export const encodeEvents = (of: Omit<EventsPack, 'events'>, writer: PackWriter): Uint8Array => {
  const { header, numbers } = writer.wire(of)
  return compress(joinLines([lineOf(header), numbers, ...writer.rows], scratch.take))
}

/** Text on its way through the compressor, which is done with it when it returns: a new one for each pack keeps the collector busy. */
const scratch = new Scratch()

const compressing = { [constants.ZSTD_c_compressionLevel]: 1, [constants.ZSTD_c_checksumFlag]: 1 }

/** What comes out fits into one chunk, and a mark, of which there are many, does not take the memory of a pack. */
const compress = (text: Uint8Array): Uint8Array =>
  zstdCompressSync(text, {
    chunkSize: Math.min(maxPackBytes, 1_024 + (text.length >> 2)),
    params: compressing,
  })

const lineOf = (header: MarkPack | FlushPack | WireEvents): Buffer =>
  Buffer.from(JSON.stringify({ v: packVersion, ...header }))

/** No pack of ours is larger than this decompressed; keeps a damaged one from eating the memory. */
const maxDecompressedBytes = 64 * 1024 * 1024

/** A pack of newer code, in the middle of a deploy: it must wait for the code that reads it. */
export class PackVersionError extends Error {
  constructor(version: number) {
    super(`pack of version ${version}; this code reads up to ${packVersion}`)
  }
}

/** A pack of which only what it is has been read, and not its events: those of a whole batch, read at once, fill the memory. */
export type OpenedPack = {
  readonly lanes: number
  readonly lane: number
  /** Each time anew. Throws as `decodePack` does. */
  read(): LanePack
}

/** Throws on bytes that no `encodePack` can have written, and a `PackVersionError` on those of newer code. */
export const decodePack = (bytes: Uint8Array): LanePack => openPack(bytes).read()

/** Throws as `decodePack` does, but for what is wrong with the events. */
export const openPack = (bytes: Uint8Array): OpenedPack => {
  // What comes out fits into one chunk or a few: they are copied together.
  const chunkSize = Math.min(2 ** 21, 4_096 + bytes.length * 10)
  const options = { maxOutputLength: maxDecompressedBytes, chunkSize }
  const text = zstdDecompressSync(bytes, options)
  const headEnd = text.indexOf(newline)
  const head = headEnd === -1 ? text.length : headEnd
  const header: WireHeader = JSON.parse(text.toString('utf8', 0, head))
  if (Number.isInteger(header.v) && !isKnownVersion(header.v)) throw new PackVersionError(header.v)
  checkHeader(header)
  const { lanes, lane } = header
  return {
    lanes,
    lane,
    read: () => (header.kind === 'events' ? readEvents(header, text.subarray(head + 1)) : header),
  }
}

type Versioned<Wire> = Wire & { readonly v: number }

/** body: what stands behind the line of the header. */
const readEvents = (header: Versioned<WireEvents | OldWireEvents>, body: Buffer): EventsPack => {
  if (isOld(header)) return fromOldWireEvents(header, linesOf(body))
  const numbersEnd = numberBytes(header)
  const pack = fromWireEvents(header, body.subarray(0, numbersEnd), linesOf(body.subarray(numbersEnd + 1)))
  return versionsOfNamedRows.includes(header.v) ? { ...pack, events: pack.events.map(withKeys) } : pack
}

const isKnownVersion = (version: number): boolean =>
  version === packVersion || versionsOfNamedRows.includes(version) || isOldPackVersion(version)

/** What was quarantined goes to a table whose rows have the names of its columns. */
const withKeys = (event: LaneEvent): LaneEvent =>
  event.verdict === 'accepted' ? { ...event, row: withShortKeys(event.row) } : event

/** A row is never empty. */
const linesOf = (rows: Buffer): readonly Buffer[] => (rows.length === 0 ? [] : splitLines(rows))

const isOld = (header: Versioned<WireEvents | OldWireEvents>): header is Versioned<OldWireEvents> =>
  isOldPackVersion(header.v)

/** What the fold relies on: a record that is no pack must be skipped, and not stop its lane half way. */
const checkHeader = (header: WireHeader): void => {
  const { lane, lanes } = header
  const isLane = Number.isInteger(lanes) && Number.isInteger(lane) && lane >= 0 && lane < lanes
  if (!isLane || !isWellFormed(header)) throw new Error('not a pack')
}

const isWellFormed = (header: WireHeader): boolean => {
  switch (header.kind) {
    case 'events':
      return isOld(header) ? isWellFormedOldEvents(header) : isWellFormedEvents(header)
    case 'mark':
      return (
        typeof header.shard === 'string' &&
        isSequenceNumber(header.through) &&
        Number.isFinite(header.arrival) &&
        Number.isFinite(header.issuedAt) &&
        areShards(header.shards)
      )
    case 'flush':
      return (
        typeof header.id === 'string' &&
        typeof header.origin?.shardId === 'string' &&
        isSequenceNumber(header.origin.sequenceNumber) &&
        Number.isFinite(header.receivedAt) &&
        areShards(header.shards)
      )
    default:
      return false
  }
}

const areShards = (shards: readonly ListedShard[]): boolean =>
  Array.isArray(shards) && shards.every(({ id, parents }) => typeof id === 'string' && Array.isArray(parents))
