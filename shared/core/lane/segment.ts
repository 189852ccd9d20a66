import { hash } from 'node:crypto'
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import type { EpochMs } from '../event/outcome.ts'
import type { LatestChange } from '../latest/change.ts'
import type { EncodedState } from '../metric/accumulator.ts'
import type { AccumulatorKind, Grain } from '../metric/contribution.ts'
import type { CellKey } from '../metric/pane.ts'
import { visitorOf } from './record-reader.ts'
import { RecordWriter } from './record-writer.ts'
import { recordsOfLines } from './visitor-line.ts'
import { places, recordsOf, versionOf } from './visitor-record.ts'

/** What a run of commits changed of a lane. Plain data: it is written as it is. */
export type Delta = {
  /** All open sessions of each visitor that changed: records as in `visitor-record.ts`. */
  readonly visitors: Uint8Array
  readonly panes: Map<string, PaneDelta>
  /** Minute of arrival → keys of accepted events, one after another. */
  readonly ids: Map<number, Uint8Array>
  /** Raw shard → sequence number → indexes of the events folded. */
  readonly origins: Map<string, Map<string, number[]>>
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
 * text; `visitor-line.ts` reads them.
 */
const segmentFormat = 3

type WireDelta = {
  readonly format: number
  readonly panes: readonly (Omit<PaneDelta, 'cells'> & { key: string; cells: [CellKey, EncodedState][] })[]
  /** Bytes of the keys of each minute; up to format 2 the keys themselves, in base64. */
  readonly ids: readonly [minute: number, keys: number | string][]
  readonly origins: readonly [string, [string, number[]][]][]
  readonly latest?: readonly [string, LatestChange][]
}

/**
 * Compressed: a line of JSON, then event keys minute by minute, then records of visitors. Its name carries the hash of
 * it.
 */
export const encodeSegment = (delta: Delta): { bytes: Uint8Array; contentHash: string } => {
  const wire: WireDelta = {
    format: segmentFormat,
    panes: [...delta.panes].map(([key, pane]) => ({ key, ...pane, cells: [...pane.cells] })),
    ids: [...delta.ids].map(([minute, keys]) => [minute, keys.length]),
    origins: [...delta.origins].map(([shard, records]) => [shard, [...records]]),
    ...(delta.latest.size > 0 && { latest: [...delta.latest] }),
  }
  const head = Buffer.from(`${JSON.stringify(wire)}\n`)
  const bytes = zstdCompressSync(Buffer.concat([head, ...delta.ids.values(), delta.visitors]), {
    params: { [constants.ZSTD_c_compressionLevel]: 1, [constants.ZSTD_c_checksumFlag]: 1 },
  })
  return { bytes, contentHash: hash('sha256', bytes, 'hex').slice(0, 16) }
}

/** Throws on bytes that `encodeSegment` cannot have written. */
export const decodeSegment = (bytes: Uint8Array): Delta => {
  const content = zstdDecompressSync(bytes)
  const newline = content.indexOf('\n')
  const headEnd = newline === -1 ? content.length : newline
  const wire: WireDelta = JSON.parse(content.toString('utf8', 0, headEnd))
  return {
    ...idsAndVisitors(wire, content.subarray(headEnd + 1)),
    panes: new Map(wire.panes.map(({ key, cells, ...pane }) => [key, { ...pane, cells: new Map(cells) }])),
    origins: new Map(wire.origins.map(([shard, records]) => [shard, new Map(records)])),
    latest: new Map(wire.latest),
  }
}

const idsAndVisitors = ({ format, ids }: WireDelta, rest: Buffer): Pick<Delta, 'ids' | 'visitors'> => {
  if (format === 1 || format === 2)
    return {
      ids: new Map(ids.map(([minute, keys]) => [minute, Buffer.from(String(keys), 'base64')])),
      visitors: recordsOfLines(rest.toString('latin1')),
    }
  if (format !== segmentFormat)
    throw new Error(`segment of format ${format}; this code reads up to ${segmentFormat}`)
  let read = 0
  const take = (length: number): Uint8Array => {
    read += length
    return new Uint8Array(rest.buffer, rest.byteOffset + read - length, length)
  }
  const keys = new Map(ids.map(([minute, length]) => [minute, take(Number(length))]))
  return { ids: keys, visitors: take(rest.length - read) }
}

const empty = new Uint8Array(0)

/** What is still worth keeping of a delta, asked of the lane as it is now. */
export type Liveness = {
  /** Whether a record of that version is the last word on a visitor. */
  visitor(visitor: string, version: number): boolean
  pane(key: string): boolean
  minute(minute: number): boolean
  origin(shardId: string, sequenceNumber: string): boolean
}

/** One delta out of several, oldest first: the later word on each visitor and cell, without what is dead. */
export const mergeDeltas = (deltas: readonly Delta[], live: Liveness): Delta => {
  const merged = { ...emptyDelta(), visitors: mergeVisitors(deltas, live) }
  for (const delta of deltas) {
    for (const [key, pane] of delta.panes)
      if (live.pane(key)) merged.panes.set(key, mergePanes(merged.panes.get(key), pane))
    for (const [minute, keys] of delta.ids)
      if (live.minute(minute)) merged.ids.set(minute, Buffer.concat([merged.ids.get(minute) ?? empty, keys]))
    for (const [shard, records] of delta.origins) mergeOrigins(merged, shard, records, live)
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

const mergeOrigins = (merged: Delta, shard: string, records: Map<string, number[]>, live: Liveness): void => {
  const kept = merged.origins.get(shard) ?? new Map<string, number[]>()
  for (const [sequenceNumber, indexes] of records)
    if (live.origin(shard, sequenceNumber))
      kept.set(sequenceNumber, [...(kept.get(sequenceNumber) ?? []), ...indexes])
  if (kept.size > 0) merged.origins.set(shard, kept)
}
