import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openQueryTables, type QueryTables, testEpochMs } from '../../support/query-tables.ts'

const day = 86_400_000
const at = (days: number): number => testEpochMs + days * day
const touch = (days: number, channel: string | null, person_id = 'p') => ({
  person_id,
  channel,
  started_at: at(days),
})
const order = (days: number, revenue: number | null = 100, person_id = 'p') => ({
  person_id,
  event: 'Order Completed',
  event_time: at(days),
  properties_revenue: revenue,
  properties_currency: 'EUR',
})

let tables: QueryTables
beforeAll(async () => {
  tables = await openQueryTables()
})
afterAll(() => tables.close())

const creditsOf = async (parameters: Record<string, string>) =>
  Object.fromEntries(
    (await tables.runQuery('attribution', parameters)).map(({ segment, conversions }) => [
      segment,
      conversions,
    ]),
  )

describe('one conversion after four touches', () => {
  beforeAll(() =>
    tables.fill({
      sessions: [touch(0, 'search'), touch(7, 'email'), touch(14, 'social'), touch(21, 'direct')],
      events: [order(21.5)],
    }),
  )

  it('gives all to the first touch', async () => {
    expect(await creditsOf({ model: 'first' })).toEqual({ search: 1, email: 0, social: 0, direct: 0 })
  })

  it('gives all to the last touch', async () => {
    expect(await creditsOf({ model: 'last' })).toEqual({ direct: 1, search: 0, email: 0, social: 0 })
  })

  it('gives each the same', async () => {
    expect(await creditsOf({ model: 'linear' })).toEqual({
      direct: 0.25,
      search: 0.25,
      email: 0.25,
      social: 0.25,
    })
  })

  it('gives 40 % to the first and to the last and shares the rest', async () => {
    expect(await creditsOf({ model: 'position' })).toEqual({
      search: 0.4,
      direct: 0.4,
      email: 0.1,
      social: 0.1,
    })
  })

  it('halves the credit for each half-life', async () => {
    // 1 + 1/2 + 1/4 + 1/8 = 15/8, of which 8, 4, 2 and 1 fifteenths.
    expect(await creditsOf({ model: 'decay' })).toEqual({
      direct: 0.5333,
      social: 0.2667,
      email: 0.1333,
      search: 0.0667,
    })
    // 1 + 1/4 + 1/16 + 1/64 = 85/64
    expect(await creditsOf({ model: 'decay', half_life: '84h' })).toEqual({
      direct: 0.7529,
      social: 0.1882,
      email: 0.0471,
      search: 0.0118,
    })
  })

  it('passes direct over when there is anything else', async () => {
    expect(await creditsOf({ model: 'last', direct: 'skip' })).toEqual({ social: 1, search: 0, email: 0 })
  })

  it('takes the touches of the look-back only, its very start included', async () => {
    // 21.5 days back is the first touch, to the millisecond.
    expect(await creditsOf({ model: 'first', lookback: '516h' })).toMatchObject({ search: 1 })
    expect(await creditsOf({ model: 'first', lookback: '1857599999ms' })).toEqual({
      email: 1,
      social: 0,
      direct: 0,
    })
  })

  it('answers revenue, shares and how many conversions a channel had a part in', async () => {
    expect(await tables.runQuery('attribution', { model: 'position' })).toEqual([
      { segment: 'direct', currency: 'EUR', conversions: 0.4, share: 0.4, revenue: 40, touched: 1 },
      { segment: 'search', currency: 'EUR', conversions: 0.4, share: 0.4, revenue: 40, touched: 1 },
      { segment: 'email', currency: 'EUR', conversions: 0.1, share: 0.1, revenue: 10, touched: 1 },
      { segment: 'social', currency: 'EUR', conversions: 0.1, share: 0.1, revenue: 10, touched: 1 },
    ])
  })
})

it.each([
  [1, { first: 1 }],
  [2, { first: 0.5, second: 0.5 }],
  [3, { first: 0.4, second: 0.2, third: 0.4 }],
])('by position, of %i touches: %j', async (count, credits) => {
  const touches = [touch(0, 'first'), touch(1, 'second'), touch(2, 'third')]
  await tables.fill({ sessions: touches.slice(0, count), events: [order(3)] })

  expect(await creditsOf({ model: 'position' })).toEqual(credits)
})

it('gives each of two conversions of a person a look-back of its own', async () => {
  await tables.fill({
    sessions: [touch(0, 'search'), touch(20, 'email')],
    events: [order(1, 30), order(21, 50)],
  })

  // search: all of the first order (30), and nothing of the second; 20 days are further back than 5.
  expect(await tables.runQuery('attribution', { model: 'linear', lookback: '5d' })).toEqual([
    { segment: 'email', currency: 'EUR', conversions: 1, share: 0.5, revenue: 50, touched: 1 },
    { segment: 'search', currency: 'EUR', conversions: 1, share: 0.5, revenue: 30, touched: 1 },
  ])
  // With 30 days it has half of the second besides: 1 + 0.5, 30 + 25.
  expect(await tables.runQuery('attribution', { model: 'linear' })).toEqual([
    { segment: 'search', currency: 'EUR', conversions: 1.5, share: 0.75, revenue: 55, touched: 2 },
    { segment: 'email', currency: 'EUR', conversions: 0.5, share: 0.25, revenue: 25, touched: 1 },
  ])
})

it('never credits a touch after the conversion, but one that starts with it', async () => {
  await tables.fill({
    sessions: [touch(1, 'email'), { ...touch(1, 'search'), started_at: at(1) + 1 }],
    events: [order(1)],
  })

  expect(await creditsOf({ model: 'last' })).toEqual({ email: 1 })
})

it('credits (no session) for a conversion without a touch, and nobody else’s sessions', async () => {
  await tables.fill({ sessions: [touch(0, 'email', 'q')], events: [order(1, 12.5)] })

  for (const model of ['first', 'last', 'linear', 'position', 'decay'])
    expect(await tables.runQuery('attribution', { model })).toEqual([
      { segment: '(no session)', currency: 'EUR', conversions: 1, share: 1, revenue: 12.5, touched: 1 },
    ])
})

it('credits direct, although it is to be passed over, where there is nothing else', async () => {
  await tables.fill({ sessions: [touch(0, 'direct'), touch(1, 'internal')], events: [order(2)] })

  expect(await creditsOf({ model: 'linear', direct: 'skip' })).toEqual({ direct: 0.5, internal: 0.5 })
})

it('takes touches from before the period, and conversions in it', async () => {
  await tables.fill({
    sessions: [touch(0, 'search'), touch(6, 'email')],
    events: [order(4.9), order(5), order(6.5), order(7)],
  })

  // 5: search. 6.5: email. Those before and at the ends of the period: nothing.
  expect(await creditsOf({ from: '2026-11-06', to: '2026-11-08' })).toEqual({ search: 1, email: 1 })
})

it('keeps currencies apart, and counts other events without money', async () => {
  await tables.fill({
    sessions: [touch(0, null)],
    events: [
      order(1, 10),
      { ...order(1, 20), properties_currency: 'USD' },
      { event: 'Signed Up', event_time: at(1) },
    ],
  })

  expect(await tables.runQuery('attribution')).toMatchObject([
    { segment: '(none)', currency: 'EUR', conversions: 1, share: 0.5, revenue: 10 },
    { segment: '(none)', currency: 'USD', conversions: 1, share: 0.5, revenue: 20 },
  ])
  expect(await tables.runQuery('attribution', { conversion: 'Signed Up' })).toMatchObject([
    { segment: '(none)', currency: '(none)', conversions: 1, share: 1, revenue: 0 },
  ])
})

it('halves on without end: touches of many half-lives ago have a little each, and the sum is 1', async () => {
  await tables.fill({ sessions: [touch(0, 'search'), touch(0.001, 'email')], events: [order(29)] })

  const credits = await creditsOf({ model: 'decay', half_life: '1m' })
  // 86.4 s lie between them: 2 to the power of -1.44 is 0.3686; 1 / 1.3686 and 0.3686 / 1.3686.
  expect(credits).toEqual({ email: 0.7307, search: 0.2693 })
})

it('leaves conversions and sessions of crawlers out, unless asked for', async () => {
  await tables.fill({
    sessions: [touch(0, 'search'), { ...touch(1, 'email'), is_bot: true }],
    events: [order(2), { ...order(3), is_bot: true }],
  })

  expect(await creditsOf({})).toEqual({ search: 1 })
  expect(await creditsOf({ bots: 'only' })).toEqual({ email: 1 })
  expect(await creditsOf({ bots: 'with' })).toEqual({ email: 2, search: 0 })
})
