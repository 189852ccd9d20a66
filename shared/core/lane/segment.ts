import { hash } from 'node:crypto'
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import type { EpochMs } from '../event/outcome.ts'
import type { LatestChange } from '../latest/change.ts'
import type { EncodedState } from '../metric/accumulator.ts'
import type { AccumulatorKind, Grain } from '../metric/contribution.ts'
import type { CellKey } from '../metric/pane.ts'
import { asciiJson, type VisitorLine } from './visitor-line.ts'

/** What a run of commits changed of a lane. Plain data: it is written as it is. */
export type Delta = {
  /** All open sessions of each visitor that changed. */
  readonly visitors: Map<string, VisitorLine>
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
  visitors: new Map(),
  panes: new Map(),
  ids: new Map(),
  origins: new Map(),
  latest: new Map(),
})

export const isEmptyDelta = (delta: Delta): boolean =>
  delta.visitors.size + delta.panes.size + delta.ids.size + delta.origins.size + delta.latest.size === 0

/** Raised when the text below changes: an old segment must never be read as an empty one. */
const segmentFormat = 1
/** Of segments with changes of latest value tables: code that knows of none must not lose them. */
const segmentFormatWithLatest = 2

type WireDelta = {
  readonly format: number
  readonly panes: readonly (Omit<PaneDelta, 'cells'> & { key: string; cells: [CellKey, EncodedState][] })[]
  /** In base64. */
  readonly ids: readonly [number, string][]
  readonly origins: readonly [string, [string, number[]][]][]
  readonly latest?: readonly [string, LatestChange][]
}

/** Compressed text, all ASCII: a line of JSON, then a line a visitor. Its name carries the hash of it. */
export const encodeSegment = (delta: Delta): { bytes: Uint8Array; contentHash: string } => {
  const wire: WireDelta = {
    format: delta.latest.size === 0 ? segmentFormat : segmentFormatWithLatest,
    panes: [...delta.panes].map(([key, pane]) => ({ key, ...pane, cells: [...pane.cells] })),
    ids: [...delta.ids].map(([minute, keys]) => [minute, Buffer.from(keys).toString('base64')]),
    origins: [...delta.origins].map(([shard, records]) => [shard, [...records]]),
    ...(delta.latest.size > 0 && { latest: [...delta.latest] }),
  }
  const lines = [asciiJson(wire)]
  for (const [visitor, line] of delta.visitors) lines.push(`${asciiJson(visitor)}\t${line}`)
  const text = Buffer.from(lines.join('\n'), 'latin1')
  const bytes = zstdCompressSync(text, {
    params: { [constants.ZSTD_c_compressionLevel]: 1, [constants.ZSTD_c_checksumFlag]: 1 },
  })
  return { bytes, contentHash: hash('sha256', text, 'hex').slice(0, 16) }
}

const newline = 0x0a

/** Throws on bytes that `encodeSegment` cannot have written. */
export const decodeSegment = (bytes: Uint8Array): Delta => {
  const text = zstdDecompressSync(bytes)
  const headerEnd = lineEnd(text, 0)
  const wire: WireDelta = JSON.parse(text.toString('latin1', 0, headerEnd))
  if (wire.format !== segmentFormat && wire.format !== segmentFormatWithLatest)
    throw new Error(`segment of format ${wire.format}; this code reads up to ${segmentFormatWithLatest}`)
  const visitors = new Map<string, VisitorLine>()
  for (let start = headerEnd + 1; start < text.length; ) {
    const end = lineEnd(text, start)
    // A string of its own for each line: a slice would keep the whole segment in memory.
    const line = text.toString('latin1', start, end)
    const tab = line.indexOf('\t')
    visitors.set(JSON.parse(line.slice(0, tab)), line.slice(tab + 1))
    start = end + 1
  }
  return {
    visitors,
    panes: new Map(wire.panes.map(({ key, cells, ...pane }) => [key, { ...pane, cells: new Map(cells) }])),
    ids: new Map(wire.ids.map(([minute, keys]) => [minute, Buffer.from(keys, 'base64')])),
    origins: new Map(wire.origins.map(([shard, records]) => [shard, new Map(records)])),
    latest: new Map(wire.latest),
  }
}

const lineEnd = (text: Buffer, start: number): number => {
  const end = text.indexOf(newline, start)
  return end === -1 ? text.length : end
}

/** What is still worth keeping of a delta, asked of the lane as it is now. */
export type Liveness = {
  visitor(visitor: string): boolean
  pane(key: string): boolean
  minute(minute: number): boolean
  origin(shardId: string, sequenceNumber: string): boolean
}

/** One delta out of several, oldest first: the later word on each visitor and cell, without what is dead. */
export const mergeDeltas = (deltas: readonly Delta[], live: Liveness): Delta => {
  const merged = emptyDelta()
  for (const delta of deltas) {
    for (const [visitor, sessions] of delta.visitors)
      if (live.visitor(visitor)) merged.visitors.set(visitor, sessions)
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

const empty = new Uint8Array(0)

const mergePanes = (older: PaneDelta | undefined, newer: PaneDelta): PaneDelta =>
  older === undefined ? newer : { ...newer, cells: new Map([...older.cells, ...newer.cells]) }

const mergeOrigins = (merged: Delta, shard: string, records: Map<string, number[]>, live: Liveness): void => {
  const kept = merged.origins.get(shard) ?? new Map<string, number[]>()
  for (const [sequenceNumber, indexes] of records)
    if (live.origin(shard, sequenceNumber))
      kept.set(sequenceNumber, [...(kept.get(sequenceNumber) ?? []), ...indexes])
  if (kept.size > 0) merged.origins.set(shard, kept)
}
