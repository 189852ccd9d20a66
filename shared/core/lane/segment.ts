import { hash } from 'node:crypto'
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import type { EpochMs } from '../event/outcome.ts'
import type { EncodedState } from '../metric/accumulator.ts'
import type { AccumulatorKind, Grain } from '../metric/contribution.ts'
import type { CellKey } from '../metric/pane.ts'
import type { OpenSession } from '../session/session.ts'

/** What a run of commits changed of a lane. Plain data: it is written as it is. */
export type Delta = {
  /** All open sessions of each visitor that changed, and the version that changed them. */
  readonly visitors: Map<string, VisitorDelta>
  readonly panes: Map<string, PaneDelta>
  /** Minute of arrival → keys of accepted events. */
  readonly ids: Map<number, string[]>
  /** Raw shard → sequence number → indexes of the events folded. */
  readonly origins: Map<string, Map<string, number[]>>
}

export type VisitorDelta = { readonly version: number; readonly sessions: readonly OpenSession[] }

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
})

export const isEmptyDelta = (delta: Delta): boolean =>
  delta.visitors.size + delta.panes.size + delta.ids.size + delta.origins.size === 0

type WireDelta = {
  visitors: [string, number, readonly OpenSession[]][]
  panes: (Omit<PaneDelta, 'cells'> & { key: string; cells: [CellKey, EncodedState][] })[]
  /** Keys of a minute one after another, in base64. */
  ids: [number, string][]
  origins: [string, [string, number[]][]][]
}

/** Compressed JSON, and the hash of it that its name carries. */
export const encodeSegment = (delta: Delta): { bytes: Uint8Array; contentHash: string } => {
  const wire: WireDelta = {
    visitors: [...delta.visitors].map(([visitor, { version, sessions }]) => [visitor, version, sessions]),
    panes: [...delta.panes].map(([key, pane]) => ({ key, ...pane, cells: [...pane.cells] })),
    ids: [...delta.ids].map(([minute, keys]) => [
      minute,
      Buffer.from(keys.join(''), 'hex').toString('base64'),
    ]),
    origins: [...delta.origins].map(([shard, records]) => [shard, [...records]]),
  }
  const text = JSON.stringify(wire)
  const bytes = zstdCompressSync(text, {
    params: { [constants.ZSTD_c_compressionLevel]: 1, [constants.ZSTD_c_checksumFlag]: 1 },
  })
  return { bytes, contentHash: hash('sha256', text, 'hex').slice(0, 16) }
}

const hexDigitsPerKey = 32

/** Throws on bytes that `encodeSegment` cannot have written. */
export const decodeSegment = (bytes: Uint8Array): Delta => {
  const wire: WireDelta = JSON.parse(zstdDecompressSync(bytes).toString('utf8'))
  return {
    visitors: new Map(wire.visitors.map(([visitor, version, sessions]) => [visitor, { version, sessions }])),
    panes: new Map(wire.panes.map(({ key, cells, ...pane }) => [key, { ...pane, cells: new Map(cells) }])),
    ids: new Map(wire.ids.map(([minute, keys]) => [minute, keysOf(keys)])),
    origins: new Map(wire.origins.map(([shard, records]) => [shard, new Map(records)])),
  }
}

const keysOf = (base64: string): string[] => {
  const hex = Buffer.from(base64, 'base64').toString('hex')
  const keys: string[] = []
  for (let at = 0; at < hex.length; at += hexDigitsPerKey) keys.push(hex.slice(at, at + hexDigitsPerKey))
  return keys
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
      if (live.minute(minute)) merged.ids.set(minute, [...(merged.ids.get(minute) ?? []), ...keys])
    for (const [shard, records] of delta.origins) mergeOrigins(merged, shard, records, live)
  }
  return merged
}

const mergePanes = (older: PaneDelta | undefined, newer: PaneDelta): PaneDelta =>
  older === undefined ? newer : { ...newer, cells: new Map([...older.cells, ...newer.cells]) }

const mergeOrigins = (merged: Delta, shard: string, records: Map<string, number[]>, live: Liveness): void => {
  const kept = merged.origins.get(shard) ?? new Map<string, number[]>()
  for (const [sequenceNumber, indexes] of records)
    if (live.origin(shard, sequenceNumber))
      kept.set(sequenceNumber, [...(kept.get(sequenceNumber) ?? []), ...indexes])
  if (kept.size > 0) merged.origins.set(shard, kept)
}
