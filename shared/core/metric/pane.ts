import type { EpochMs } from '../event/outcome.ts'
import type { EncodedState } from './accumulator.ts'
import { accumulators } from './accumulators.ts'
import type { AccumulatorKind, Grain, MetricDescriptor } from './contribution.ts'

/**
 * One window of one metric in one lane: a state for each combination of dimension values.
 * Cumulative while it lives in the lane; late events after it left open the next generation.
 */
export type Pane = {
  readonly metric: string
  readonly kind: AccumulatorKind
  readonly by: readonly string[]
  readonly grain: Grain
  readonly windowStart: EpochMs
  /** Lane version that opened it; never reused. */
  readonly generation: number
  readonly cells: Map<CellKey, unknown>
  /** Sketches as `encodeCell` last wrote them: one takes longer to write than to add to, and most of a pane rests. */
  readonly written: Map<CellKey, EncodedState>
  /** About the size of its cells, encoded. Kept by the functions below. */
  bytes: number
  /** The lane's: version of the last commit that changed it. 0 when new. */
  version: number
}

/** JSON of the dimension values, in the order of `by`: `["FR","paid"]`, `[]` without dimensions. */
export type CellKey = string

export type PaneCaps = { readonly maxCells: number; readonly maxBytes: number }

/** A new cell opens only below both. 300 KB leaves room in a DynamoDB item of 400 KB. */
export const defaultPaneCaps: PaneCaps = { maxCells: 1_000, maxBytes: 300_000 }

export const otherDimension = '(other)'

export const cellKey = (dims: readonly string[]): CellKey => (dims.length === 0 ? '[]' : JSON.stringify(dims))

export const cellDims = (key: CellKey): readonly string[] => JSON.parse(key)

/** Where the contributions go that found no room: totals stay right. */
export const otherCellKey = (by: readonly string[]): CellKey => cellKey(by.map(() => otherDimension))

export const openPane = (of: {
  readonly descriptor: Pick<MetricDescriptor, 'name' | 'kind' | 'by'>
  readonly grain: Grain
  readonly windowStart: EpochMs
  readonly generation: number
}): Pane => ({
  metric: of.descriptor.name,
  kind: of.descriptor.kind,
  by: of.descriptor.by,
  grain: of.grain,
  windowStart: of.windowStart,
  generation: of.generation,
  cells: new Map(),
  written: new Map(),
  bytes: 0,
  version: 0,
})

/** Adds one contribution and answers the key of the cell that took it: its own, or the `(other)` cell. */
export const addToPane = (
  pane: Pane,
  contribution: { readonly dims: readonly string[]; readonly value: number | string },
  caps: PaneCaps = defaultPaneCaps,
): CellKey => {
  const key = roomFor(pane, cellKey(contribution.dims), caps)
  const accumulator = accumulators[pane.kind]
  setState(pane, key, (state) => accumulator.add(state, contribution.value))
  return key
}

/** Adds what `accumulators[pane.kind]` made of several contributions to one cell. Answers as `addToPane`. */
export const mergeIntoPane = (
  pane: Pane,
  from: { readonly key: CellKey; readonly state: unknown },
  caps: PaneCaps = defaultPaneCaps,
): CellKey => {
  const key = roomFor(pane, from.key, caps)
  const accumulator = accumulators[pane.kind]
  setState(pane, key, (state) => accumulator.merge(state, from.state))
  return key
}

/** Takes one contribution back, in a pane that corrects others. Nothing happens where its kind cannot. */
export const takeFromPane = (
  pane: Pane,
  contribution: { readonly dims: readonly string[]; readonly value: number | string },
  caps: PaneCaps = defaultPaneCaps,
): void => {
  const { takeBack } = accumulators[pane.kind]
  if (takeBack === undefined) return
  const key = roomFor(pane, cellKey(contribution.dims), caps)
  setState(pane, key, (state) => takeBack(state, contribution.value))
}

/** Puts back what `encodeCell` wrote, in place of what the cell held, whatever the caps. For loading a segment. */
export const restoreCell = (pane: Pane, key: CellKey, encoded: EncodedState): void => {
  setState(pane, key, () => decodeCell(pane.kind, encoded))
}

/** Throws when the pane has no such cell. */
export const encodeCell = (pane: Pane, key: CellKey): EncodedState => {
  const state = pane.cells.get(key)
  if (state === undefined) throw new Error(`pane ${pane.metric} ${pane.grain}: no cell ${key}`)
  const { encode } = accumulators[pane.kind]
  if (!isSketch(pane.kind)) return encode(state)
  const written = pane.written.get(key)
  if (written !== undefined) return written
  const encoded = encode(state)
  pane.written.set(key, encoded)
  return encoded
}

/** Of the other kinds a state is written sooner than what was written is found. */
const isSketch = (kind: AccumulatorKind): boolean => kind === 'unique' || kind === 'quantiles'

export const decodeCell = (kind: AccumulatorKind, encoded: EncodedState): unknown =>
  accumulators[kind].decode(encoded)

const roomFor = (pane: Pane, key: CellKey, caps: PaneCaps): CellKey => {
  if (pane.cells.has(key)) return key
  // One place is kept for (other) itself.
  const isFull = pane.cells.size >= caps.maxCells - 1 || pane.bytes >= caps.maxBytes
  return isFull ? otherCellKey(pane.by) : key
}

const setState = (pane: Pane, key: CellKey, change: (state: unknown) => unknown): void => {
  const accumulator = accumulators[pane.kind]
  const before = pane.cells.get(key)
  const isNew = before === undefined
  const start = isNew ? accumulator.empty() : before
  const bytesBefore = isNew ? -key.length : accumulator.sizeBytes(start)
  const after = change(start)
  pane.cells.set(key, after)
  if (isSketch(pane.kind)) pane.written.delete(key)
  pane.bytes += accumulator.sizeBytes(after) - bytesBefore
}
