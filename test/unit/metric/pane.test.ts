import { describe, expect, it } from 'vitest'
import type { AccumulatorKind } from '../../../shared/core/metric/contribution.ts'
import { hash64Hex } from '../../../shared/core/metric/hash64.ts'
import {
  addToPane,
  cellKey,
  encodeCell,
  openPane,
  type Pane,
  restoreCell,
} from '../../../shared/core/metric/pane.ts'

const open = (kind: AccumulatorKind = 'count', by = ['country']): Pane =>
  openPane({ descriptor: { name: 'm', kind, by }, grain: '1m', windowStart: 0, generation: 7 })

const add = (pane: Pane, country: string, caps = { maxCells: 3, maxBytes: 1_000 }) =>
  addToPane(pane, { dims: [country], value: 1 }, caps)

const contents = (pane: Pane) =>
  Object.fromEntries([...pane.cells.keys()].map((key) => [key, encodeCell(pane, key)]))

describe('a pane', () => {
  it('adds to the cell of its dimensions and names it', () => {
    const pane = open()
    expect(add(pane, 'FR')).toBe('["FR"]')
    add(pane, 'FR')
    add(pane, 'DE')
    expect(contents(pane)).toEqual({ '["FR"]': 2, '["DE"]': 1 })
  })

  it('has one cell without dimensions', () => {
    const pane = open('count', [])
    expect(addToPane(pane, { dims: [], value: 2 })).toBe('[]')
    expect(contents(pane)).toEqual({ '[]': 2 })
  })

  it('puts what finds no room into (other), so that its cells add up', () => {
    const pane = open()
    const keys = ['FR', 'DE', 'IT', 'ES', 'FR'].map((country) => add(pane, country))
    expect(keys).toEqual(['["FR"]', '["DE"]', '["(other)"]', '["(other)"]', '["FR"]'])
    expect(contents(pane)).toEqual({ '["FR"]': 2, '["DE"]': 1, '["(other)"]': 2 })
  })

  it('never has more cells than its cap, even if (other) is also the value of an event', () => {
    const pane = open()
    for (const country of ['(other)', 'FR', 'DE', 'IT']) add(pane, country)
    expect(pane.cells.size).toBeLessThanOrEqual(3)
  })

  it('opens no cell once its bytes are over the cap', () => {
    const pane = open('unique')
    const caps = { maxCells: 1_000, maxBytes: 100 }
    for (let i = 0; i < 50; i++) addToPane(pane, { dims: ['FR'], value: hash64Hex(`${i}`) }, caps)
    expect(addToPane(pane, { dims: ['FR'], value: hash64Hex('new') }, caps)).toBe('["FR"]')
    expect(addToPane(pane, { dims: ['DE'], value: hash64Hex('new') }, caps)).toBe('["(other)"]')
  })

  it('counts the bytes of its keys', () => {
    const pane = open()
    add(pane, 'x'.repeat(100), { maxCells: 1_000, maxBytes: 100 })
    expect(add(pane, 'FR', { maxCells: 1_000, maxBytes: 100 })).toBe('["(other)"]')
  })

  it('counts its bytes alike whether it grew or was restored', () => {
    const grown = open('unique')
    for (let i = 0; i < 900; i++)
      addToPane(grown, { dims: [i % 3 === 0 ? 'FR' : 'DE'], value: hash64Hex(`${i}`) })
    const restored = open('unique')
    for (const key of grown.cells.keys()) {
      restoreCell(restored, key, 'ABB')
      restoreCell(restored, key, encodeCell(grown, key))
    }
    expect(restored.bytes).toBe(grown.bytes)
    expect(contents(restored)).toEqual(contents(grown))
    expect(grown.bytes).toBeGreaterThan(1_000)
  })

  it('restores a cell whatever the caps, and adds within them', () => {
    const pane = open()
    for (const country of ['FR', 'DE', 'IT']) restoreCell(pane, cellKey([country]), 5)
    expect([add(pane, 'ES'), add(pane, 'FR')]).toEqual(['["(other)"]', '["FR"]'])
    expect(contents(pane)).toEqual({ '["FR"]': 6, '["DE"]': 5, '["IT"]': 5, '["(other)"]': 1 })
  })

  it.each(['unique', 'quantiles'] as const)('writes a cell of %s anew once it was added to', (kind) => {
    const pane = openPane({
      descriptor: { name: 'm', kind, by: [] },
      grain: '1m',
      windowStart: 0,
      generation: 1,
    })
    const value = (n: number) => (kind === 'unique' ? hash64Hex(String(n)) : n)
    addToPane(pane, { dims: [], value: value(1) })
    const written = encodeCell(pane, '[]')
    addToPane(pane, { dims: [], value: value(2) })
    expect(encodeCell(pane, '[]')).not.toEqual(written)
  })

  it('has no encoding of a cell it does not have', () => {
    expect(() => encodeCell(open(), '["FR"]')).toThrow('pane m 1m: no cell ["FR"]')
  })
})
