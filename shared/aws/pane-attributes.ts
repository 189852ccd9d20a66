import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import { isAccumulatorKind } from '../core/metric/accumulators.ts'
import type { CellAttribute } from '../core/metric/cell-attribute.ts'
import type { LaneItem } from '../core/metric/lane-item.ts'
import type { PaneItem } from '../core/metric/pane-item.ts'

/** An item as the API takes it. */
export type Attributes = Record<string, AttributeValue>

export const lanesPartition = 'lanes'

export const paneToAttributes = (item: PaneItem): Attributes => ({
  pk: { S: item.pk },
  sk: { S: item.sk },
  version: numberAttribute(item.version),
  windowStart: numberAttribute(item.windowStart),
  windowEnd: numberAttribute(item.windowEnd),
  kind: { S: item.kind },
  by: { L: item.by.map((name) => ({ S: name })) },
  ...(item.cells && { cells: { M: mapAttributes(item.cells, cellToAttribute) } }),
  ...(item.blob && { blob: { B: item.blob } }),
  ...(item.total !== undefined && { total: cellToAttribute(item.total) }),
  ...(item.expiresAt !== undefined && { expiresAt: numberAttribute(item.expiresAt) }),
})

/** Throws when the item is no pane. */
export const attributesToPane = (attributes: Attributes): PaneItem => {
  const { cells, blob, total, expiresAt } = attributes
  const kind = textIn(attributes, 'kind')
  if (!isAccumulatorKind(kind)) throw new Error(`item ${attributes.pk?.S}: unknown kind ${kind}`)
  return {
    pk: textIn(attributes, 'pk'),
    sk: textIn(attributes, 'sk'),
    version: numberIn(attributes, 'version'),
    windowStart: numberIn(attributes, 'windowStart'),
    windowEnd: numberIn(attributes, 'windowEnd'),
    kind,
    by: (attributes.by?.L ?? []).map((name) => name.S ?? ''),
    ...(cells?.M && { cells: new Map(Object.entries(cells.M).map(([name, cell]) => [name, toCell(cell)])) }),
    ...(blob?.B && { blob: blob.B }),
    ...(total && { total: toCell(total) }),
    ...(expiresAt && { expiresAt: Number(expiresAt.N) }),
  }
}

export const laneToAttributes = (item: LaneItem): Attributes => ({
  pk: { S: lanesPartition },
  sk: { S: `lane#${item.lane}` },
  version: numberAttribute(item.version),
  lanes: numberAttribute(item.lanes),
  counters: { M: mapAttributes(Object.entries(item.counters), numberAttribute) },
  ...(item.clock !== undefined && { clock: numberAttribute(item.clock) }),
  ...(item.earliestOpenStart !== undefined && {
    earliestOpenStart: numberAttribute(item.earliestOpenStart),
  }),
  ...(item.flushed !== undefined && { flushed: { S: item.flushed } }),
})

/** Throws when the item is no lane. */
export const attributesToLane = (attributes: Attributes): LaneItem => {
  const { clock, earliestOpenStart, flushed, counters } = attributes
  return {
    lane: Number(textIn(attributes, 'sk').slice('lane#'.length)),
    lanes: numberIn(attributes, 'lanes'),
    version: numberIn(attributes, 'version'),
    counters: Object.fromEntries(Object.entries(counters?.M ?? {}).map(([name, n]) => [name, Number(n.N)])),
    ...(clock && { clock: Number(clock.N) }),
    ...(earliestOpenStart && { earliestOpenStart: Number(earliestOpenStart.N) }),
    ...(flushed?.S !== undefined && { flushed: flushed.S }),
  }
}

const numberAttribute = (n: number): AttributeValue => ({ N: String(n) })

const mapAttributes = <T>(
  entries: Iterable<readonly [string, T]>,
  toAttribute: (value: T) => AttributeValue,
): Attributes => Object.fromEntries([...entries].map(([name, value]) => [name, toAttribute(value)]))

/** A sketch becomes a map of its estimates, with the sketch beside them. */
const cellToAttribute = (cell: CellAttribute): AttributeValue => {
  if (typeof cell === 'number') return numberAttribute(cell)
  if ('decimal' in cell) return { N: cell.decimal }
  return { M: { ...mapAttributes(Object.entries(cell.values), numberAttribute), sketch: { B: cell.sketch } } }
}

const toCell = (attribute: AttributeValue): CellAttribute => {
  if (attribute.N !== undefined) return { decimal: attribute.N }
  const { sketch, ...values } = attribute.M ?? {}
  if (sketch?.B === undefined) throw new Error('a cell is neither a number nor a sketch')
  return {
    sketch: sketch.B,
    values: Object.fromEntries(Object.entries(values).map(([name, value]) => [name, Number(value.N)])),
  }
}

const textIn = (attributes: Attributes, name: string): string => {
  const text = attributes[name]?.S
  if (text === undefined) throw new Error(`item ${attributes.pk?.S} ${attributes.sk?.S}: no text "${name}"`)
  return text
}

const numberIn = (attributes: Attributes, name: string): number => {
  const n = attributes[name]?.N
  if (n === undefined) throw new Error(`item ${attributes.pk?.S} ${attributes.sk?.S}: no number "${name}"`)
  return Number(n)
}
