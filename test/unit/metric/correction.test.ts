import { describe, expect, it } from 'vitest'
import { accumulators } from '../../../shared/core/metric/accumulators.ts'
import type { CatalogueEntry } from '../../../shared/core/metric/catalogue.ts'
import type { AccumulatorKind } from '../../../shared/core/metric/contribution.ts'
import { addToPane, openPane, type Pane, takeFromPane } from '../../../shared/core/metric/pane.ts'
import { fromPaneItem, toPaneItem } from '../../../shared/core/metric/pane-item.ts'
import { parsePaneKeys } from '../../../shared/core/metric/pane-keys.ts'
import { readMetric } from '../../../shared/core/metric/read.ts'

const noon = Date.UTC(2026, 10, 21, 12)

const paneOf = (kind: AccumulatorKind): Pane =>
  openPane({
    descriptor: { name: 'm', kind, by: ['channel'] },
    grain: '1h',
    windowStart: noon,
    generation: 0,
  })

const add = (pane: Pane, channel: string, value: number | string) =>
  addToPane(pane, { dims: [channel], value })
const take = (pane: Pane, channel: string, value: number | string) =>
  takeFromPane(pane, { dims: [channel], value })

/** What a reader sees of both, each through its item. */
const read = (ofLane: Pane, correction: Pane) => {
  const metric: CatalogueEntry = {
    name: 'm',
    kind: ofLane.kind,
    of: 'sessions',
    grains: ['1h'],
    by: ['channel'],
    description: '',
    unit: '',
  }
  const items = [
    toPaneItem({ pane: ofLane, lane: 3, version: 1, clock: noon }),
    toPaneItem({ pane: correction, lane: 'batch', version: 9, clock: undefined }),
  ]
  const query = { metric, grain: '1h', fromMs: noon, toMs: noon + 1, by: ['channel'] } as const
  const { windows } = readMetric(query, items.map(fromPaneItem), [])
  return (windows[0]?.cells ?? []).map(({ by, value }) => [by.channel, value])
}

describe('a correction', () => {
  it('has a key of its own beside those of the lanes', () => {
    const item = toPaneItem({ pane: paneOf('count'), lane: 'batch', version: 1, clock: undefined })
    expect(item.sk).toBe('2026-11-21T12:00#batch#000000000000')
    expect(parsePaneKeys(item)).toMatchObject({ lane: 'batch', metric: 'm', windowStart: noon })
  })

  it('of a count moves it between cells, and leaves no cell of nothing', () => {
    const [pane, correction] = [paneOf('count'), paneOf('count')]
    for (const channel of ['email', 'email', 'search']) add(pane, channel, 1)
    take(correction, 'search', 1)
    add(correction, 'email', 1)
    take(correction, 'direct', 1)
    add(correction, 'direct', 1)
    expect(read(pane, correction)).toEqual([['email', 3]])
  })

  it('of a sum is exact to the last digit', () => {
    const [pane, correction] = [paneOf('sum'), paneOf('sum')]
    for (const value of ['100000', '200000', '-50000']) add(pane, 'email', value)
    for (const value of ['100000', '-50000']) take(correction, 'email', value)
    expect(read(pane, correction)).toEqual([['email', 0.2]])
  })

  it('of quantiles takes the values out of their bins', () => {
    const [pane, correction, expected] = [paneOf('quantiles'), paneOf('quantiles'), paneOf('quantiles')]
    for (const value of [0, 5, 5, 1_000, -3]) add(pane, 'email', value)
    for (const value of [0, 5, -3]) take(correction, 'email', value)
    add(correction, 'email', 70)
    for (const value of [5, 70, 1_000]) add(expected, 'email', value)
    const [[, quantiles] = []] = read(pane, correction)
    const [[, exact] = []] = read(expected, paneOf('quantiles'))
    // The least value was taken out, and nobody knows the next.
    expect(quantiles).toEqual({ ...Object(exact), min: -3 })
  })

  it('of quantiles that only takes away comes back from its item as it was', () => {
    const correction = paneOf('quantiles')
    take(correction, 'email', 12)
    const item = toPaneItem({ pane: correction, lane: 'batch', version: 1, clock: undefined })
    expect(fromPaneItem(item).cells).toEqual(correction.cells)
    expect(accumulators.quantiles.result(correction.cells.get('["email"]'))).toBeNull()
  })

  it.each(['min', 'max', 'unique'] as const)('of %s takes nothing away', (kind) => {
    const pane = paneOf(kind)
    take(pane, 'email', kind === 'unique' ? '00000000000000ff' : 5)
    expect(pane.cells.size).toBe(0)
  })
})
