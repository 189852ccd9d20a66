import { afterAll, beforeAll, expect, it } from 'vitest'
import { openQueryTables, type QueryTables, type Row } from '../../support/query-tables.ts'

const order = (revenue: number | null, more: Row = {}): Row => ({
  event: 'Order Completed',
  properties_revenue: revenue,
  properties_currency: 'EUR',
  ...more,
})
const refund = (revenue: number | null, more: Row = {}): Row =>
  order(revenue, { event: 'Order Refunded', ...more })

let tables: QueryTables
beforeAll(async () => {
  tables = await openQueryTables()
})
afterAll(() => tables.close())

it('adds orders and refunds up, by day and currency', async () => {
  await tables.fill({
    events: [
      order(10, { person_id: 'a', properties_order_id: '1' }),
      order(30.5, { person_id: 'a', properties_order_id: '2' }),
      order(20, { person_id: 'b', properties_order_id: '3', properties_currency: 'USD' }),
      refund(5, { person_id: 'c' }),
      { person_id: 'd' },
      { person_id: 'crawler', is_bot: true },
      order(7, { person_id: 'b', event_time: '2026-11-02 00:00' }),
    ],
  })

  expect(await tables.runQuery('revenue', { bots: 'without' })).toEqual([
    {
      period: '2026-11-01',
      segment: '(all)',
      currency: 'EUR',
      orders: 2,
      repeated_orders: 0,
      refunds: 1,
      gross: 40.5,
      refunded: -5,
      revenue: 35.5,
      buyers: 1,
      // 40.5 / 2
      average_order: 20.25,
      // a, b, c, d
      people: 4,
      // 35.5 / 4
      revenue_per_person: 8.875,
    },
    {
      period: '2026-11-01',
      segment: '(all)',
      currency: 'USD',
      orders: 1,
      repeated_orders: 0,
      refunds: 0,
      gross: 20,
      refunded: 0,
      revenue: 20,
      buyers: 1,
      average_order: 20,
      people: 4,
      revenue_per_person: 5,
    },
    {
      period: '2026-11-02',
      segment: '(all)',
      currency: 'EUR',
      orders: 1,
      repeated_orders: 0,
      refunds: 0,
      gross: 7,
      refunded: 0,
      revenue: 7,
      buyers: 1,
      average_order: 7,
      people: 1,
      revenue_per_person: 7,
    },
  ])
})

it.each([
  [
    'of a refund, sent as a positive number',
    [order(50), refund(20)],
    { orders: 1, refunds: 1, refunded: -20, revenue: 30 },
  ],
  [
    'of a refund, sent as a negative number',
    [order(50), refund(-20)],
    { orders: 1, refunds: 1, refunded: -20, revenue: 30 },
  ],
  [
    'of a refund with its total alone',
    [order(50), refund(null, { properties_total: 60 })],
    { refunds: 1, refunded: -60, revenue: -10 },
  ],
  [
    'of an order below 0',
    [order(50), order(-50)],
    { orders: 1, refunds: 1, gross: 50, refunded: -50, revenue: 0 },
  ],
  ['of an order for free', [order(0)], { orders: 1, refunds: 0, gross: 0, average_order: 0 }],
  ['of an order that names no money', [order(null)], { orders: 1, gross: 0 }],
  ['of refunds alone', [refund(20)], { orders: 0, buyers: 0, average_order: null, revenue: -20 }],
])('takes the money %s', async (_, events, expected) => {
  await tables.fill({ events })

  expect(await tables.runQuery('revenue')).toMatchObject([expected])
})

it('counts an order whose id was there before, and says so', async () => {
  const ids = ['1', '1', '1', '2', null, null]
  await tables.fill({ events: ids.map((id) => order(10, { properties_order_id: id })) })

  expect(await tables.runQuery('revenue')).toMatchObject([{ orders: 6, repeated_orders: 2, gross: 60 }])
})

it('divides by the people of the same week and segment', async () => {
  await tables.fill({
    events: [
      order(10, { person_id: 'a', geo_country: 'DE', properties_currency: null }),
      { person_id: 'b', geo_country: 'DE' },
      { person_id: 'b', geo_country: 'DE' },
      { person_id: 'c', geo_country: 'FR' },
      order(10, { person_id: 'c', geo_country: null }),
      { person_id: 'd', geo_country: 'DE', event_time: '2026-11-02' },
    ],
  })

  expect(await tables.runQuery('revenue', { every: 'week', by: 'geo_country' })).toMatchObject([
    { period: '2026-10-26', segment: '(none)', currency: 'EUR', people: 1, revenue_per_person: 10 },
    { period: '2026-10-26', segment: 'DE', currency: '(none)', people: 2, revenue_per_person: 5 },
  ])
})

it('takes other events for orders, in a period', async () => {
  await tables.fill({
    events: [
      order(1, { event: 'Paid', event_time: '2026-11-01 23:59:59.999' }),
      order(2, { event: 'Paid', event_time: '2026-11-02' }),
      order(4, { event: 'Returned', event_time: '2026-11-02 23:59:59.999' }),
      order(8, { event: 'Paid', event_time: '2026-11-03' }),
      order(16, { event_time: '2026-11-02' }),
    ],
  })

  const asked = { order: 'Paid', refund: 'Returned', from: '2026-11-02', to: '2026-11-03' }
  expect(await tables.runQuery('revenue', asked)).toMatchObject([
    { period: '2026-11-02', gross: 2, refunded: -4 },
  ])
})

it('knows an order from another day, country and currency by its id', async () => {
  await tables.fill({
    events: [
      order(10, { event_time: '2026-11-01 23:59', properties_order_id: '1', geo_country: 'DE' }),
      order(10, { event_time: '2026-11-02 00:01', properties_order_id: '1', properties_currency: 'USD' }),
      order(10, { event_time: '2026-11-02 00:02', properties_order_id: '2' }),
      refund(10, { event_time: '2026-11-01 23:58', properties_order_id: '2' }),
    ],
  })

  const rows = await tables.runQuery('revenue', { by: 'geo_country' })
  expect(rows.map(({ period, currency, repeated_orders }) => [period, currency, repeated_orders])).toEqual([
    ['2026-11-01', 'EUR', 0],
    ['2026-11-01', 'EUR', 0],
    ['2026-11-02', 'EUR', 0],
    ['2026-11-02', 'USD', 1],
  ])
})

it('leaves the orders and refunds of crawlers out when asked to', async () => {
  await tables.fill({
    events: [
      order(10, { person_id: 'a' }),
      order(1000, { person_id: 'crawler', is_bot: true }),
      refund(100, { person_id: 'crawler', is_bot: true }),
      { person_id: 'crawler 2', is_bot: true },
      order(5, { person_id: 'b', is_bot: null }),
    ],
  })
  const moneyOf = async (bots: string) =>
    (await tables.runQuery('revenue', { bots })).map(({ orders, revenue, people }) => [
      orders,
      revenue,
      people,
    ])

  expect(await tables.runQuery('revenue')).toEqual(await tables.runQuery('revenue', { bots: 'with' }))
  expect(await moneyOf('without')).toEqual([[2, 15, 2]])
  expect(await moneyOf('only')).toEqual([[1, 900, 2]])
  expect(await moneyOf('with')).toEqual([[3, 915, 4]])
})
