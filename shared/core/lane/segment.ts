import { hash } from 'node:crypto'
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import type { EpochMs } from '../event/outcome.ts'
import type { LatestChange } from '../latest/change.ts'
import type { EncodedState } from '../metric/accumulator.ts'
import type { AccumulatorKind, Grain } from '../metric/contribution.ts'
import type { CellKey } from '../metric/pane.ts'
import { listOf, type OriginList } from './origin-list.ts'
import { originWords } from './origin-words.ts'
import { visitorOf } from './record-reader.ts'
import { RecordWriter } from './record-writer.ts'
import { Scratch } from './scratch.ts'
import { recordsOfLines } from './visitor-line.ts'
import { places, recordsOf, versionOf } from './visitor-record.ts'

/** What a run of commits changed of a lane. */
export type Delta = {
  /** All open sessions of each visitor that changed: records as in `visitor-record.ts`. */
  readonly visitors: Uint8Array
  readonly panes: Map<string, PaneDelta>
  /** Minute of arrival → keys of accepted events, one after another. */
  readonly ids: Map<number, Uint8Array>
  /** By raw shard, of the events folded. */
  readonly origins: Map<string, OriginList>
  /** By `latestKey`, the newest of each entity: what the commit of this segment has to publish, and nothing older. */
  readonly latest: Map<string, LatestChange>
}

/** The cells of a pane that changed. */
export type PaneDelta = {
  readonly metric: string
  readonly kind: AccumulatorKind
  readonly by: readonly string[]
  readonly grain: Grain
  readonly windowStart: EpochMs
  readonly generation: number
  readonly version: number
  readonly leavesAfter: EpochMs
  readonly wholeAt: number
  readonly cells: Map<CellKey, EncodedState>
}

export const emptyDelta = (): Delta => ({
  visitors: new Uint8Array(0),
  panes: new Map(),
  ids: new Map(),
  origins: new Map(),
  latest: new Map(),
})

export const isEmptyDelta = (delta: Delta): boolean =>
  delta.visitors.length + delta.panes.size + delta.ids.size + delta.origins.size + delta.latest.size === 0

/**
 * Raised when the layout below changes: an old segment must never be read as an empty one. Up to 2 visitors were lines of
 * text; `visitor-line.ts` reads them. Up to 3 origins were in the JSON.
 */
const segmentFormat = 4

type WireDelta = {
  readonly format: number
  readonly panes: readonly (Omit<PaneDelta, 'cells'> & { key: string; cells: [CellKey, EncodedState][] })[]
  /** Bytes of the keys of each minute; up to format 2 the keys themselves, in base64. */
  readonly ids: readonly [minute: number, keys: number | string][]
  /** Words of each origin of a raw shard, and bytes of all of them; up to format 3 their sequence numbers and indexes. */
  readonly origins: readonly (
    | readonly [shardId: string, width: number, bytes: number]
    | readonly [shardId: string, records: readonly (readonly [sequenceNumber: string, indexes: number[]])[]]
  )[]
  readonly latest?: readonly [string, LatestChange][]
}

/**
 * Compressed: a line of JSON, then event keys minute by minute, origins raw shard by raw shard (little-endian), and records of
 * visitors. Its name carries the hash of it.
 */
export const encodeSegment = (delta: Delta): { bytes: Uint8Array; contentHash: string } => {
  const origins = Array.from(delta.origins, ([shard, list]) => {
    const chunks = bytesOf(list)
    return {
      shard,
      width: list.width,
      chunks,
      bytes: chunks.reduce((total, { length }) => total + length, 0),
    }
  })
  const wire: WireDelta = {
    format: segmentFormat,
    panes: [...delta.panes].map(([key, pane]) => ({ key, ...pane, cells: [...pane.cells] })),
    ids: [...delta.ids].map(([minute, keys]) => [minute, keys.length]),
    origins: origins.map(({ shard, width, bytes }) => [shard, width, bytes]),
    ...(delta.latest.size > 0 && { latest: [...delta.latest] }),
  }
  const content = scratch.join([
    Buffer.from(`${JSON.stringify(wire)}\n`),
    ...delta.ids.values(),
    ...origins.flatMap(({ chunks }) => chunks),
    delta.visitors,
  ])
  const compressed = zstdCompressSync(content, {
    // What comes out mostly fits into one chunk: several are copied together.
    chunkSize: 1_024 + (content.length >> 1),
    params: { [constants.ZSTD_c_compressionLevel]: 1, [constants.ZSTD_c_checksumFlag]: 1 },
  })
  // Not the chunk, of which it fills two thirds: it is kept as long as it may be merged.
  const bytes = Uint8Array.from(compressed)
  return { bytes, contentHash: hash('sha256', bytes, 'hex').slice(0, 16) }
}

/** Of a segment on its way through the compressor. */
const scratch = new Scratch()

const bytesOf = ({ words }: OriginList): Uint8Array[] =>
  words.map(({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength))

/** Throws on bytes that `encodeSegment` cannot have written. */
export const decodeSegment = (bytes: Uint8Array): Delta => {
  const content = zstdDecompressSync(bytes, { chunkSize: 4_096 + bytes.length * 4 })
  const newline = content.indexOf('\n')
  const headEnd = newline === -1 ? content.length : newline
  const wire: WireDelta = JSON.parse(content.toString('utf8', 0, headEnd))
  return {
    ...bodyOf(wire, content.subarray(headEnd + 1)),
    panes: new Map(wire.panes.map(({ key, cells, ...pane }) => [key, { ...pane, cells: new Map(cells) }])),
    latest: new Map(wire.latest),
  }
}

const bodyOf = (
  { format, ids, origins }: WireDelta,
  rest: Buffer,
): Pick<Delta, 'ids' | 'origins' | 'visitors'> => {
  if (format === 1 || format === 2)
    return {
      ids: new Map(ids.map(([minute, keys]) => [minute, Buffer.from(String(keys), 'base64')])),
      origins: originsOf(origins, noBytes),
      visitors: recordsOfLines(rest.toString('latin1')),
    }
  if (format !== 3 && format !== segmentFormat)
    throw new Error(`segment of format ${format}; this code reads up to ${segmentFormat}`)
  let read = 0
  const take = (length: number): Uint8Array => {
    read += length
    return new Uint8Array(rest.buffer, rest.byteOffset + read - length, length)
  }
  return {
    ids: new Map(ids.map(([minute, length]) => [minute, take(Number(length))])),
    origins: originsOf(origins, take),
    visitors: take(rest.length - read),
  }
}

const noBytes = (): Uint8Array => new Uint8Array(0)

const originsOf = (wire: WireDelta['origins'], take: (bytes: number) => Uint8Array): Delta['origins'] => {
  const lists: Delta['origins'] = new Map()
  for (const [shard, ...of] of wire) {
    const list = listOf(lists, shard)
    // A copy, since numbers must stand at a multiple of their size.
    if (of.length === 2) list.addWords(new Uint32Array(new Uint8Array(take(of[1])).buffer), of[0])
    else
      for (const [sequenceNumber, indexes] of of[0])
        for (const index of indexes) list.add(originWords(sequenceNumber, index))
  }
  return lists
}

const empty = new Uint8Array(0)

/** What is still worth keeping of a delta, asked of the lane as it is now. */
export type Liveness = {
  /** Whether a record of that version is the last word on a visitor. */
  visitor(visitor: string, version: number): boolean
  pane(key: string): boolean
  minute(minute: number): boolean
  /** Leaves those that may come again. */
  forgetThrough(shardId: string, origins: OriginList): void
}

/** One delta out of several, oldest first: the later word on each visitor and cell, without what is dead. */
export const mergeDeltas = (deltas: readonly Delta[], live: Liveness): Delta => {
  const merged = { ...emptyDelta(), visitors: mergeVisitors(deltas, live) }
  for (const delta of deltas) {
    for (const [key, pane] of delta.panes)
      if (live.pane(key)) merged.panes.set(key, mergePanes(merged.panes.get(key), pane))
    for (const [minute, keys] of delta.ids)
      if (live.minute(minute)) merged.ids.set(minute, Buffer.concat([merged.ids.get(minute) ?? empty, keys]))
    for (const [shard, origins] of delta.origins) listOf(merged.origins, shard).addAll(origins)
  }
  for (const [shard, origins] of merged.origins) {
    live.forgetThrough(shard, origins)
    if (origins.records === 0) merged.origins.delete(shard)
  }
  // What the others held is published: no commit begins before that.
  for (const [key, change] of deltas.at(-1)?.latest ?? []) merged.latest.set(key, change)
  return merged
}

const mergeVisitors = (deltas: readonly Delta[], live: Liveness): Uint8Array => {
  const writer = new RecordWriter()
  for (const { visitors } of deltas) {
    const records = recordsOf(visitors)
    for (const at of places(records))
      if (live.visitor(visitorOf(records, at), versionOf(records, at))) writer.copy(records, at)
  }
  return writer.take()
}

const mergePanes = (older: PaneDelta | undefined, newer: PaneDelta): PaneDelta => {
  if (older === undefined) return { ...newer, cells: new Map(newer.cells) }
  for (const [key, cell] of newer.cells) older.cells.set(key, cell)
  return { ...newer, cells: older.cells }
}
