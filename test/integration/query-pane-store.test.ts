import { GetItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createPaneStore, type PaneStore } from '../../shared/aws/dynamodb.ts'
import type { AccumulatorKind } from '../../shared/core/metric/contribution.ts'
import { hash64Hex } from '../../shared/core/metric/hash64.ts'
import type { LaneItem } from '../../shared/core/metric/lane-item.ts'
import { addToPane, cellKey, openPane } from '../../shared/core/metric/pane.ts'
import { fromPaneItem, type PaneItem, toPaneItem } from '../../shared/core/metric/pane-item.ts'
import { type MetricsTable, openMetricsTable } from '../support/metrics-table.ts'

let table: MetricsTable
let store: PaneStore

beforeAll(async () => {
  table = await openMetricsTable()
  store = createPaneStore(table)
})

afterAll(() => table.close())

type Sample = {
  readonly metric: string
  readonly kind?: AccumulatorKind
  readonly at?: string
  readonly lane?: number
  readonly version?: number
  readonly values?: readonly (number | string)[]
  readonly country?: string
}

const paneItem = (of: Sample): PaneItem => {
  const {
    metric,
    kind = 'count',
    at = '2026-11-30T13:00Z',
    lane = 0,
    version = 1,
    values = [1],
    country = 'FR',
  } = of
  const descriptor = { name: metric, kind, by: ['country'] }
  const pane = openPane({ descriptor, grain: '1m', windowStart: Date.parse(at), generation: 1 })
  for (const value of values) addToPane(pane, { dims: [country], value })
  return toPaneItem({ pane, lane, version, clock: undefined })
}

const stored = async (item: { pk: string; sk: string }) => {
  const key = { pk: { S: item.pk }, sk: { S: item.sk } }
  const { Item } = await table.client.send(new GetItemCommand({ TableName: table.tableName, Key: key }))
  return Item
}

const range = (metric: string, from: string, to: string) =>
  ({ metric, grain: '1m', fromMs: Date.parse(from), toMs: Date.parse(to) }) as const

const aDay = ['2026-11-30T00:00Z', '2026-12-01T00:00Z'] as const

describe('publish', () => {
  it('writes what a person can read in the console', async () => {
    const item = paneItem({ metric: 'readable', values: [2, 3] })
    await store.publish([item])
    expect(await stored(item)).toEqual({
      pk: { S: 'readable#1m#2026-11-30' },
      sk: { S: '2026-11-30T13:00#000#000000000001' },
      version: { N: '1' },
      windowStart: { N: '1796043600000' },
      windowEnd: { N: '1796043660000' },
      kind: { S: 'count' },
      by: { L: [{ S: 'country' }] },
      cells: { M: { FR: { N: '5' } } },
      expiresAt: { N: String(1_796_043_660 + 90 * 86_400) },
    })
  })

  it('writes the estimate of a sketch beside its bytes', async () => {
    const item = paneItem({ metric: 'sketched', kind: 'unique', values: ['a', 'b', 'a'].map(hash64Hex) })
    await store.publish([item])
    const attributes = await stored(item)
    expect(attributes?.cells?.M?.FR?.M).toEqual({ value: { N: '2' }, sketch: { B: expect.any(Uint8Array) } })
  })

  it('replaces an older version', async () => {
    const item = paneItem({ metric: 'newer', version: 3, values: [9] })
    await store.publish([paneItem({ metric: 'newer', version: 2 })])
    await store.publish([item])
    expect(await stored(item)).toMatchObject({ version: { N: '3' }, cells: { M: { FR: { N: '9' } } } })
  })

  it.each([
    ['the same', 10],
    ['a newer', 11],
  ])('keeps %s version that is there, and calls it success', async (which, version) => {
    const metric = `kept${version}`
    const first = paneItem({ metric, version, values: [9] })
    await store.publish([first])
    await expect(store.publish([paneItem({ metric, version: 10, values: [1] })])).resolves.toBeUndefined()
    expect(await stored(first), which).toMatchObject({
      version: { N: String(version) },
      cells: { M: { FR: { N: '9' } } },
    })
  })

  it('compares versions as numbers, not as text', async () => {
    const item = paneItem({ metric: 'numeric', version: 10, values: [9] })
    await store.publish([paneItem({ metric: 'numeric', version: 9 })])
    await store.publish([item])
    expect(await stored(item)).toMatchObject({ version: { N: '10' } })
  })

  it('publishes more items than go at once', async () => {
    const items = Array.from({ length: 100 }, (_, lane) => paneItem({ metric: 'many', lane }))
    await store.publish(items)
    expect(await store.queryPanes(range('many', ...aDay))).toHaveLength(100)
  })

  it('throws on a fault of the table', async () => {
    const missing = createPaneStore({ tableName: 'missing', client: table.client })
    await expect(missing.publish([paneItem({ metric: 'm' })])).rejects.toThrow('resource not found')
  })
})

describe('queryPanes', () => {
  it.each([
    ['count', [1, 2]],
    ['sum', ['123456789012345678901234567', '-1']],
    ['min', [-3.25, 1e-100]],
    ['max', [1e20, 2.5e-7]],
    ['unique', ['a', 'b'].map(hash64Hex)],
    ['quantiles', [-3, 0, 1234.5]],
  ] as const)('gives a pane of kind %s back as it was published', async (kind, values) => {
    const metric = `kind_${kind}`
    const item = paneItem({ metric, kind, values })
    await store.publish([item])
    const [back] = await store.queryPanes(range(metric, ...aDay))
    expect(normalized(back)).toEqual(normalized(item))
  })

  it('gives a compressed pane back', async () => {
    const pane = openPane({
      descriptor: { name: 'wide', kind: 'count', by: ['a'] },
      grain: '1m',
      windowStart: Date.parse('2026-11-30T13:00Z'),
      generation: 1,
    })
    for (let i = 0; i < 990; i++) addToPane(pane, { dims: [`${i}`.padEnd(128, '€')], value: 1 })
    const item = toPaneItem({ pane, lane: 0, version: 1, clock: undefined })
    await store.publish([item])
    const [back] = await store.queryPanes(range('wide', ...aDay))
    expect(Buffer.from(back?.blob ?? [])).toEqual(item.blob)
    expect(back?.total).toEqual({ decimal: '990' })
  })

  it('gives odd dimensions back', async () => {
    const countries = ['__proto__', 'constructor', '(none)', '', 'a|b\\', '😀']
    const items = countries.map((country, lane) => paneItem({ metric: 'odd', country, lane }))
    await store.publish(items)
    const back = await store.queryPanes(range('odd', ...aDay))
    expect(back.map(fromPaneItem).flatMap(({ cells }) => [...cells.keys()])).toEqual(
      countries.map((c) => cellKey([c])),
    )
  })

  it('takes the windows that start in the range, its end excluded, across days', async () => {
    const times = ['2026-11-29T23:58Z', '2026-11-29T23:59Z', '2026-11-30T00:00Z', '2026-11-30T00:01Z']
    await store.publish(times.map((at) => paneItem({ metric: 'edges', at })))
    const found = await store.queryPanes(range('edges', '2026-11-29T23:59:30Z', '2026-11-30T00:01:00Z'))
    expect(found.map(({ sk }) => sk.slice(0, 16))).toEqual(['2026-11-29T23:59', '2026-11-30T00:00'])
  })

  it('reads every page of a long answer', async () => {
    const values = Array.from({ length: 2_000 }, (_, i) => hash64Hex(`${i}`))
    const one = paneItem({ metric: 'pages', kind: 'unique', values })
    const items = Array.from({ length: 300 }, (_, lane) => ({
      ...one,
      sk: `2026-11-30T13:00#${lane + 100}#000000000001`,
    }))
    await store.publish(items)
    const { LastEvaluatedKey } = await table.client.send(
      new QueryCommand({
        TableName: table.tableName,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': { S: one.pk } },
      }),
    )
    expect(LastEvaluatedKey, 'one page does not hold them').toBeDefined()
    expect(await store.queryPanes(range('pages', ...aDay))).toHaveLength(300)
  })
})

describe('publishLane', () => {
  const laneItem = (overrides: Partial<LaneItem> & { lane: number }): LaneItem => ({
    lanes: 8,
    version: 5,
    clock: 1_000,
    counters: { received: 7, accepted: 7 },
    ...overrides,
  })

  const laneAfter = async (...items: LaneItem[]): Promise<LaneItem | undefined> => {
    for (const item of items) await store.publishLane(item)
    const lanes = await store.lanes()
    return lanes.find(({ lane }) => lane === items[0]?.lane)
  }

  it('gives back all that a lane says of itself', async () => {
    const item = laneItem({ lane: 20, earliestOpenStart: -5, flushed: 'f1' })
    expect(await laneAfter(item)).toEqual(item)
  })

  it('gives back a lane without a clock', async () => {
    const item: LaneItem = { lane: 21, lanes: 8, version: 1, counters: {} }
    expect(await laneAfter(item)).toEqual(item)
  })

  it('replaces an older version, even by a lane without a clock', async () => {
    const item: LaneItem = { lane: 22, lanes: 8, version: 6, counters: {} }
    expect(await laneAfter(laneItem({ lane: 22 }), item)).toEqual(item)
  })

  it('advances the clock within a version', async () => {
    expect(await laneAfter(laneItem({ lane: 23 }), laneItem({ lane: 23, clock: 1_001 }))).toMatchObject({
      clock: 1_001,
    })
  })

  it('gives a lane its first clock within a version', async () => {
    const silent: LaneItem = { lane: 24, lanes: 8, version: 5, counters: {} }
    expect(await laneAfter(silent, laneItem({ lane: 24 }))).toMatchObject({ clock: 1_000 })
  })

  it('never turns a clock back within a version, nor a version back', async () => {
    expect(await laneAfter(laneItem({ lane: 25 }), laneItem({ lane: 25, clock: 999 }))).toMatchObject({
      clock: 1_000,
    })
    expect(await laneAfter(laneItem({ lane: 25, version: 4, clock: 2_000 }))).toMatchObject({
      version: 5,
      clock: 1_000,
    })
  })

  it('lists lanes by number', async () => {
    for (const lane of [2, 10, 1]) await store.publishLane(laneItem({ lane }))
    expect((await store.lanes()).map(({ lane }) => lane).slice(0, 3)).toEqual([1, 2, 10])
  })
})

/** A number comes back as the decimal text of the table. */
const normalized = (item: PaneItem | undefined) => ({
  ...item,
  cells: [...(item?.cells ?? [])].map(([name, cell]) => {
    if (typeof cell === 'number') return [name, cell]
    if ('decimal' in cell) return [name, item?.kind === 'sum' ? cell.decimal : Number(cell.decimal)]
    return [name, { ...cell, sketch: Buffer.from(cell.sketch).toString() }]
  }),
})
