import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import type { EpochMs } from '../event/outcome.ts'
import { windowEnd } from '../window/grain.ts'
import { accumulators } from './accumulators.ts'
import { attributeToEncoded, type CellAttribute, stateToAttribute } from './cell-attribute.ts'
import { cellName, cellNameToKey } from './cell-name.ts'
import { type CellKey, encodeCell, openPane, otherCellKey, type Pane, restoreCell } from './pane.ts'
import { type PaneKeys, type PaneWriter, paneKeys, parsePaneKeys } from './pane-keys.ts'

/**
 * A pane as one item of the table `metrics`, in plain values. Either `cells`, readable in the console, or, when that
 * would be too large, `blob` (zstd of JSON pairs of key and encoded state) beside the merged `total`.
 */
export type PaneItem = PaneKeys & {
  /** Version of the lane, or of the batch layer, that wrote it: an item is only ever replaced by a higher one. */
  readonly version: number
  readonly windowStart: EpochMs
  readonly windowEnd: EpochMs
  readonly kind: Pane['kind']
  readonly by: readonly string[]
  readonly cells?: ReadonlyMap<string, CellAttribute>
  readonly blob?: Uint8Array
  readonly total?: CellAttribute
  /** Epoch seconds; absent when it never expires. */
  readonly expiresAt?: number
}

/** An item may have 400 KB; keys and numbers are estimated generously, so this leaves a quarter. */
export const maxItemBytes = 300_000

export const toPaneItem = (of: {
  readonly pane: Pane
  readonly lane: PaneWriter
  readonly version: number
  /** Of the lane; undefined while it has none. */
  readonly clock: EpochMs | undefined
}): PaneItem => {
  const { pane } = of
  const end = windowEnd(pane.windowStart, pane.grain)
  const expiresAt = expirySeconds(pane.grain, Math.max(end, of.clock ?? end))
  return {
    ...paneKeys({ ...pane, lane: of.lane }),
    version: of.version,
    windowStart: pane.windowStart,
    windowEnd: end,
    kind: pane.kind,
    by: pane.by,
    ...(sizeInConsole(pane) <= maxItemBytes ? { cells: readableCells(pane) } : compressedCells(pane)),
    ...(expiresAt === undefined ? {} : { expiresAt }),
  }
}

/** The pane of an item, for reading it: a lane keeps its own panes elsewhere. */
export const fromPaneItem = (item: PaneItem): Pane => {
  const { metric, grain, generation } = parsePaneKeys(item)
  const { kind, by, windowStart } = item
  const pane = openPane({ descriptor: { name: metric, kind, by }, grain, windowStart, generation })
  pane.version = item.version
  for (const [name, attribute] of item.cells ?? []) {
    restoreCell(pane, cellNameToKey(name, by.length), attributeToEncoded(kind, attribute))
  }
  if (item.blob !== undefined) {
    for (const [key, encoded] of JSON.parse(zstdDecompressSync(item.blob).toString()))
      restoreCell(pane, key, encoded)
  }
  return pane
}

const daysKept: Readonly<Record<Pane['grain'], number | undefined>> = {
  '1m': 90,
  '5m': 90,
  '15m': 90,
  '1h': 400,
  '1d': undefined,
}

const expirySeconds = (grain: Pane['grain'], fromMs: EpochMs): number | undefined => {
  const days = daysKept[grain]
  return days === undefined ? undefined : Math.ceil(fromMs / 1_000) + days * 86_400
}

/** A sketch stands beside its estimates, a key may take 4 bytes a character, a map 10 bytes an entry. */
const sizeInConsole = (pane: Pane): number => {
  const accumulator = accumulators[pane.kind]
  const perCell = pane.kind === 'quantiles' ? 220 : 40
  let bytes = 0
  for (const [key, state] of pane.cells) bytes += key.length * 4 + accumulator.sizeBytes(state) + perCell
  return bytes
}

const readableCells = (pane: Pane): ReadonlyMap<string, CellAttribute> => {
  const cells = new Map<string, CellAttribute>()
  for (const [key, state] of pane.cells)
    cells.set(cellName(key), stateToAttribute(pane.kind, state, encodeCell(pane, key)))
  return cells
}

/** Should even the blob be too large, the smaller half of the cells is shown as `(other)`, until it fits. */
const compressedCells = (pane: Pane): { blob: Uint8Array; total: CellAttribute } => {
  const accumulator = accumulators[pane.kind]
  let cells = pane.cells
  let blob = compress(pane.kind, cells)
  while (blob.length > maxItemBytes && cells.size > 1) {
    cells = foldSmallerHalf(pane, cells)
    blob = compress(pane.kind, cells)
  }
  const total = [...pane.cells.values()].reduce(accumulator.merge, accumulator.empty())
  return { blob, total: stateToAttribute(pane.kind, total) }
}

const compress = (kind: Pane['kind'], cells: Pane['cells']): Uint8Array => {
  const pairs = [...cells].map(([key, state]) => [key, accumulators[kind].encode(state)])
  return zstdCompressSync(JSON.stringify(pairs))
}

const foldSmallerHalf = (pane: Pane, cells: Pane['cells']): Pane['cells'] => {
  const { empty, merge, sizeBytes } = accumulators[pane.kind]
  const otherKey = otherCellKey(pane.by)
  const bySize = [...cells]
    .filter(([key]) => key !== otherKey)
    .sort(([a, x], [b, y]) => sizeBytes(y) - sizeBytes(x) || (a < b ? -1 : 1))
  const kept = bySize.slice(0, bySize.length >>> 1)
  const folded = bySize.slice(kept.length).map(([, state]) => state)
  const other = [...folded, ...(cells.has(otherKey) ? [cells.get(otherKey)] : [])].reduce(merge, empty())
  return new Map<CellKey, unknown>([...kept, [otherKey, other]])
}
