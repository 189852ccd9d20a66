import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openQueryTables, type QueryTables, type Row, testEpochMs } from '../../support/query-tables.ts'

const day = 86_400_000

const exposure = (person_id: string, variation: string, more: Row = {}): Row => ({
  person_id,
  event: 'Experiment Viewed',
  properties_experiment_id: 'checkout',
  properties_variation_id: variation,
  ...more,
})
const order = (person_id: string, more: Row = {}): Row => ({ person_id, event: 'Order Completed', ...more })

/** So many people who saw a variation, the first few of whom ordered. */
const group = (variation: string, people: number, orders = 0): Row[] =>
  Array.from({ length: people }, (_, index) => {
    const person = `${variation} ${index}`
    return index < orders ? [exposure(person, variation), order(person)] : [exposure(person, variation)]
  }).flat()

let tables: QueryTables
beforeAll(async () => {
  tables = await openQueryTables()
})
afterAll(() => tables.close())

const countsOf = async (parameters: Record<string, string> = {}) =>
  (await tables.runQuery('experiments', parameters)).map(
    ({ variation, people, conversions, mixed_people }) => [variation, people, conversions, mixed_people],
  )

describe('10 of 100 against 20 of 100', () => {
  beforeAll(() => tables.fill({ events: [...group('control', 100, 10), ...group('blue', 100, 20)] }))

  it('answers rates, lift, intervals and p-value', async () => {
    expect(await tables.runQuery('experiments')).toEqual([
      {
        experiment: 'checkout',
        variation: 'control',
        is_control: true,
        people: 100,
        conversions: 10,
        rate: 0.1,
        // (0.1 + z²/200 ∓ z √(0.09/100 + z²/40000)) / (1 + z²/100), z = 1.959964
        rate_low: 0.055229,
        rate_high: 0.174366,
        lift: null,
        difference: null,
        difference_low: null,
        difference_high: null,
        p_value: null,
        mixed_people: 0,
        mismatch_p_value: 1,
      },
      {
        experiment: 'checkout',
        variation: 'blue',
        is_control: false,
        people: 100,
        conversions: 20,
        rate: 0.2,
        rate_low: 0.133367,
        rate_high: 0.288829,
        // 0.2 / 0.1 - 1
        lift: 1,
        difference: 0.1,
        // 0.1 ∓ z √(0.09/100 + 0.16/100) = 0.1 ∓ 1.959964 · 0.05
        difference_low: 0.002002,
        difference_high: 0.197998,
        // z = 0.1 / √(0.15 · 0.85 · 2/100) = 1.980295
        p_value: 0.04767038,
        mixed_people: 0,
        mismatch_p_value: 1,
      },
    ])
  })

  it('compares with another control', async () => {
    expect(await tables.runQuery('experiments', { control: 'blue' })).toMatchObject([
      { variation: 'blue', is_control: true, lift: null },
      // 0.1 / 0.2 - 1
      { variation: 'control', is_control: false, lift: -0.5, difference: -0.1, p_value: 0.04767038 },
    ])
  })

  it('compares with nothing when no variation has the id of the control', async () => {
    expect(await tables.runQuery('experiments', { control: 'green' })).toMatchObject([
      { variation: 'blue', is_control: false, rate: 0.2, lift: null, p_value: null },
      { variation: 'control', is_control: false, rate: 0.1, lift: null, p_value: null },
    ])
  })

  it.each([
    ['50, 50', 1],
    ['1,1', 1],
    // Of 200, 120 and 80 were meant: 20²/120 + 20²/80 = 8.333; ratios go by id, blue before control.
    ['60,40', 0.00389242],
    ['100', null],
    ['50,0', null],
    ['50,many', null],
  ])('against the ratio %s the spread has a chance of %d', async (ratio, expected) => {
    expect(await tables.runQuery('experiments', { ratio })).toMatchObject([
      { mismatch_p_value: expected },
      { mismatch_p_value: expected },
    ])
  })
})

it('knows the chance of a chi-square of 10 or more among three to twelve variations', async () => {
  // 10, 30, 20, 20, …: of 20 meant for each, 10²/20 + 10²/20 = 10. The chances are of a numeric integration.
  const chances = [
    0.00673795, 0.01856614, 0.04042768, 0.07523525, 0.12465202, 0.18857347, 0.26502592, 0.35048521,
    0.44049329, 0.53038715,
  ]
  const experiment = (variations: number) =>
    Array.from({ length: variations }, (_, index) => group(`v${index + 10}`, [10, 30][index] ?? 20))
      .flat()
      .map((row) => ({ ...row, properties_experiment_id: `of ${variations + 10}` }))
  await tables.fill({ events: chances.flatMap((_, index) => experiment(index + 3)) })

  const rows = await tables.runQuery('experiments')
  expect(rows.filter(({ is_control }) => is_control).map((row) => row.mismatch_p_value)).toEqual(chances)
})

it('names no chance of the spread for one variation, nor for more than twelve', async () => {
  await tables.fill({ events: group('a', 2) })
  expect(await tables.runQuery('experiments')).toMatchObject([{ mismatch_p_value: null }])

  await tables.fill({ events: Array.from({ length: 13 }, (_, index) => group(`v${index}`, 1)).flat() })
  expect((await tables.runQuery('experiments'))[0]).toMatchObject({ people: 1, mismatch_p_value: null })
})

it('leaves people out who saw two variations, and counts them', async () => {
  const seenTwice = [exposure('x', 'a'), exposure('x', 'b', { event_time: testEpochMs + day }), order('x')]
  await tables.fill({
    events: [...group('a', 2, 1), ...group('b', 3, 0), ...seenTwice, exposure('a 1', 'a')],
  })

  expect(await countsOf()).toEqual([
    ['a', 2, 1, 1],
    ['b', 3, 0, 1],
  ])
})

it('counts a conversion from the first exposure on, for as long as asked, and each person once', async () => {
  const orderAfter = (person: string, ms: number) => order(person, { event_time: testEpochMs + ms })
  await tables.fill({
    events: [
      ...['with it', 'just in time', 'too late', 'before', 'twice'].map((person) => exposure(person, 'a')),
      exposure('too late', 'a', { event_time: testEpochMs + day }),
      orderAfter('with it', 0),
      orderAfter('just in time', 7 * day - 1),
      orderAfter('too late', 7 * day),
      orderAfter('before', -1),
      orderAfter('twice', 1),
      orderAfter('twice', 2),
    ],
  })

  expect(await countsOf()).toEqual([['a', 5, 3, 0]])
  expect(await countsOf({ within: '8d' })).toEqual([['a', 5, 4, 0]])
  expect(await countsOf({ conversion: 'Signed Up' })).toEqual([['a', 5, 0, 0]])
})

it('takes exposures of the period, and conversions also after it', async () => {
  await tables.fill({
    events: [
      exposure('early', 'a', { event_time: testEpochMs - 1 }),
      exposure('first', 'a'),
      exposure('last', 'a', { event_time: testEpochMs + day - 1 }),
      exposure('late', 'b', { event_time: testEpochMs + day }),
      order('last', { event_time: testEpochMs + 3 * day }),
    ],
  })

  expect(await countsOf({ from: '2026-11-01', to: '2026-11-02' })).toEqual([['a', 2, 1, 0]])
})

it('answers each experiment by itself, or the one of a name or an id', async () => {
  const other = { properties_experiment_id: 'search', properties_experiment_name: 'Search box' }
  await tables.fill({ events: [exposure('p', 'a'), exposure('p', 'b', other), exposure('q', 'b', other)] })

  const variationsOf = async (experiment: string) =>
    (await tables.runQuery('experiments', { experiment })).map((row) => [
      row.experiment,
      row.people,
      row.mixed_people,
    ])
  expect(await variationsOf('')).toEqual([
    ['checkout', 1, 0],
    ['search', 2, 0],
  ])
  expect(await variationsOf('Search box')).toEqual([['search', 2, 0]])
  expect(await variationsOf('search')).toEqual([['search', 2, 0]])
  expect(await variationsOf('neither')).toEqual([])
})

it('divides by nothing: a control without conversions, and everybody converting', async () => {
  await tables.fill({ events: [...group('control', 4, 0), ...group('b', 4, 0)] })
  expect((await tables.runQuery('experiments'))[1]).toMatchObject({
    lift: null,
    difference: 0,
    p_value: null,
    rate_low: 0,
  })

  await tables.fill({ events: [...group('control', 4, 4), ...group('b', 4, 4)] })
  expect((await tables.runQuery('experiments'))[1]).toMatchObject({ lift: 0, p_value: null, rate_high: 1 })
})

// Values of a table to 15 places.
it.each([
  [0, 0.5],
  [0.5, 0.691462461274013],
  [1, 0.841344746068543],
  [1.959963984540054, 0.975],
  [3, 0.99865010196837],
  [-1, 0.158655253931457],
  [-2.575829303548901, 0.005],
  [-6, 9.86587645037698e-10],
  [-7.07, 7.746684865636529e-13],
  [-7.08, 7.207723086467529e-13],
  [-10, 7.61985302416052e-24],
  [-40, 0],
])('normal_cdf of %d is %d', async (z, expected) => {
  const [row] = await tables.sql(
    `SELECT normal_cdf(0e0, 1e0, ${z}e0) AS plain, normal_cdf(5e0, 2e0, ${5 + 2 * z}e0) AS scaled`,
  )

  expect(Math.abs(Number(row?.plain) - expected)).toBeLessThan(1e-14)
  expect(Number(row?.scaled)).toBeCloseTo(expected, 12)
})

it('leaves crawlers out, unless asked for', async () => {
  const crawler = [exposure('crawler', 'blue'), order('crawler')].map((row) => ({ ...row, is_bot: true }))
  await tables.fill({ events: [exposure('p', 'blue'), { ...order('p'), is_bot: true }, ...crawler] })

  expect(await countsOf()).toEqual([['blue', 1, 0, 0]])
  expect(await countsOf({ bots: 'only' })).toEqual([['blue', 1, 1, 0]])
  expect(await countsOf({ bots: 'with' })).toEqual([['blue', 2, 2, 0]])
})
