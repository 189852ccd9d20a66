import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { accumulators } from '../../../shared/core/metric/accumulators.ts'
import { cellName, cellNameToKey } from '../../../shared/core/metric/cell-name.ts'
import type { AccumulatorKind, Grain } from '../../../shared/core/metric/contribution.ts'
import { hash64Hex } from '../../../shared/core/metric/hash64.ts'
import {
  addToPane,
  cellKey,
  encodeCell,
  openPane,
  type Pane,
  restoreCell,
} from '../../../shared/core/metric/pane.ts'
import { fromPaneItem, maxItemBytes, toPaneItem } from '../../../shared/core/metric/pane-item.ts'

const start = Date.parse('2026-11-30T13:00:00Z')
const daySeconds = 86_400

const open = (kind: AccumulatorKind, by: readonly string[], grain: Grain = '1h'): Pane =>
  openPane({ descriptor: { name: 'sales', kind, by }, grain, windowStart: start, generation: 42 })

const itemOf = (pane: Pane, clock?: number) => toPaneItem({ pane, lane: 3, version: 50, clock })

const contents = (pane: Pane) =>
  Object.fromEntries([...pane.cells.keys()].map((key) => [key, encodeCell(pane, key)]))

describe('a pane item', () => {
  it('is named by metric, grain, day, window, lane and generation', () => {
    expect(itemOf(open('count', []))).toMatchObject({
      pk: 'sales#1h#2026-11-30',
      sk: '2026-11-30T13:00#003#000000000042',
      version: 50,
      windowStart: start,
      windowEnd: start + 3_600_000,
      kind: 'count',
      by: [],
    })
  })

  it('shows cells under the values of their dimensions', () => {
    const pane = open('count', ['country', 'channel'])
    addToPane(pane, { dims: ['FR', 'paid'], value: 2 })
    addToPane(pane, { dims: ['', 'a|b'], value: 3 })
    expect(itemOf(pane).cells).toEqual(
      new Map([
        ['FR|paid', 2],
        ['(none)|a\\|b', 3],
      ]),
    )
  })

  it('shows a sum to its last decimal', () => {
    const pane = open('sum', [])
    addToPane(pane, { dims: [], value: '123456789012345678901234567' })
    expect(itemOf(pane).cells).toEqual(new Map([['all', { decimal: '123456789012345678901.234567' }]]))
  })

  it('shows the estimate beside the sketch', () => {
    const pane = open('unique', [])
    for (let i = 0; i < 10; i++) addToPane(pane, { dims: [], value: hash64Hex(`${i}`) })
    expect(itemOf(pane).cells?.get('all')).toEqual({
      values: { value: 10 },
      sketch: Buffer.from(encodeCell(pane, '[]').toString()),
    })
  })

  it.each([
    ['count', [3, 4]],
    ['sum', ['-12500000', '1']],
    ['min', [-3.25, 1e-100]],
    ['max', [1e20, 7]],
    ['unique', ['00ffffffffffffff', '10ffffffffffffff']],
    ['quantiles', [-3, 0, 1234.5]],
  ] as const)('comes back as the %s pane it was made of', (kind, values) => {
    const pane = open(kind, ['country'])
    for (const value of values) addToPane(pane, { dims: ['FR'], value })
    const back = fromPaneItem(itemOf(pane))
    expect({ ...back, cells: contents(back) }).toEqual({ ...pane, version: 50, cells: contents(pane) })
  })

  it.each([
    ['1m', 90],
    ['5m', 90],
    ['15m', 90],
    ['1h', 400],
  ] as const)('of %s expires %i days after its end, or after the clock when that is later', (grain, days) => {
    const pane = open('count', [], grain)
    const { windowEnd } = itemOf(pane)
    expect(itemOf(pane).expiresAt).toBe(windowEnd / 1_000 + days * daySeconds)
    expect(itemOf(pane, windowEnd - 1).expiresAt).toBe(windowEnd / 1_000 + days * daySeconds)
    expect(itemOf(pane, windowEnd + 5_500).expiresAt).toBe(windowEnd / 1_000 + 6 + days * daySeconds)
  })

  it('of 1d never expires', () => {
    expect(itemOf(open('count', [], '1d'), start)).not.toHaveProperty('expiresAt')
  })

  it('of a year outside 0 to 9999 is found again', () => {
    const windowStart = Date.parse('-000044-03-15T00:00:00Z')
    const pane = openPane({
      descriptor: { name: 'm', kind: 'count', by: [] },
      grain: '1d',
      windowStart,
      generation: 1,
    })
    expect(itemOf(pane).pk).toBe('m#1d#-000044-03-15')
    expect(fromPaneItem(itemOf(pane)).windowStart).toBe(windowStart)
  })
})

const unionOf = (pane: Pane) => {
  const { merge, empty, encode } = accumulators.unique
  return encode([...pane.cells.values()].reduce(merge, empty()))
}

describe('a pane too large to be read in the console', () => {
  // 900 countries with 100 visitors each: about 300 bytes a cell.
  const large = open('unique', ['country'])
  for (let i = 0; i < 90_000; i++) {
    addToPane(
      large,
      { dims: [`country ${i % 900}`], value: hash64Hex(`visitor ${i}`) },
      { maxCells: 1_000, maxBytes: 1e9 },
    )
  }

  it('is one blob beside its total', () => {
    const item = itemOf(large)
    expect(item).not.toHaveProperty('cells')
    expect(item.blob?.length).toBeLessThanOrEqual(maxItemBytes)
    const { values } = Object(item.total)
    expect(Math.abs(values.value - 90_000)).toBeLessThan(90_000 * 0.05)
  })

  it('comes back with the same visitors', () => {
    const back = fromPaneItem(itemOf(large))
    expect(back.cells.size).toBeGreaterThan(400)
    expect(unionOf(back)).toBe(unionOf(large))
  })

  it('is folded until it fits even when nothing compresses', () => {
    const huge = open('unique', ['country'])
    for (let cell = 0; cell < 300; cell++) {
      const country = cell === 0 ? '(other)' : `country ${cell}`
      const state = accumulators.unique.empty()
      for (let i = 0; i < 2_000; i++) accumulators.unique.add(state, hash64Hex(`${cell} ${i}`))
      restoreCell(huge, cellKey([country]), accumulators.unique.encode(state))
    }
    const item = itemOf(huge)
    expect(item.blob?.length).toBeLessThanOrEqual(maxItemBytes)
    expect(fromPaneItem(item).cells.size).toBeLessThan(300)
    expect(unionOf(fromPaneItem(item))).toBe(unionOf(huge))
    expect(huge.cells.size).toBe(300)
  })
})

describe('the name of a cell', () => {
  const dimension = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.string({ unit: fc.constantFrom('|', '\\', 'a') }),
    fc.constantFrom('', '(none)', '(other)', '__proto__', '\\(none)', '\\', '|'),
  )

  it('leads back to its key, whatever its dimensions hold', () => {
    fc.assert(
      fc.property(fc.array(dimension, { maxLength: 4 }), (dims) => {
        const key = cellKey(dims)
        expect(cellNameToKey(cellName(key), dims.length)).toBe(key)
      }),
    )
  })

  it('is never one that a JavaScript object cannot hold', () => {
    expect(cellName(cellKey(['__proto__']))).toBe('\\__proto__')
  })
})
