import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type AttributionModel, attributionOracle } from '../support/query-oracle-attribution.ts'
import { experimentsOracle } from '../support/query-oracle-experiments.ts'
import { expectRows } from '../support/query-oracle-rows.ts'
import { openQueryTables, type QueryTables, testEpochMs } from '../support/query-tables.ts'

const hour = 3_600_000

let tables: QueryTables
beforeAll(async () => {
  tables = await openQueryTables()
})
afterAll(() => tables.close())

const person = fc.constantFrom('p', 'q', 'r')
const is_bot = fc.constantFrom(false, false, false, true)
/** Around multiples of a time, so that limits are met, missed and exceeded by a millisecond. */
const around = (unitMs: number, most: number) =>
  fc
    .tuple(fc.integer({ min: 0, max: most }), fc.integer({ min: -1, max: 1 }))
    .map(([units, ms]) => testEpochMs + units * unitMs + ms)

const touches = fc
  .array(
    fc.record({
      person_id: person,
      started_at: around(12 * hour, 6),
      channel: fc.constantFrom('email', 'search', 'direct', 'internal', null),
      is_bot,
    }),
    { maxLength: 14 },
  )
  .map((list) => list.map((touch, index) => ({ ...touch, session_id: `session ${index}` })))

const conversions = fc.array(
  fc.record({
    person_id: person,
    event_time: around(12 * hour, 7),
    properties_revenue: fc.constantFrom(null, 0, 10, 99.99, -5),
    properties_currency: fc.constantFrom('EUR', 'USD', null),
    is_bot,
  }),
  { minLength: 1, maxLength: 8 },
)

const models: readonly AttributionModel[] = ['first', 'last', 'linear', 'position', 'decay']

it('attribution credits as one conversion after another does, and each of them with 1 in all', async () => {
  const rules = fc.record({ model: fc.constantFrom(...models), skipDirect: fc.boolean() })
  await fc.assert(
    fc.asyncProperty(touches, conversions, rules, async (sessions, orders, { model, skipDirect }) => {
      await tables.fill({ sessions, events: orders.map((order) => ({ ...order, event: 'Order Completed' })) })
      const rows = await tables.runQuery('attribution', {
        model,
        direct: skipDirect ? 'skip' : 'count',
        lookback: '2d',
        half_life: '12h',
      })

      const credits = rows.reduce((sum, row) => sum + Number(row.conversions), 0)
      const humans = orders.filter((order) => !order.is_bot)
      expect(Math.abs(credits - humans.length)).toBeLessThanOrEqual(1e-4 * rows.length)
      const revenue = humans.reduce((sum, order) => sum + (order.properties_revenue ?? 0), 0)
      const credited = rows.reduce((sum, row) => sum + Number(row.revenue), 0)
      expect(Math.abs(credited - revenue)).toBeLessThanOrEqual(0.01 * rows.length)
      const limits = { lookbackMs: 48 * hour, halfLifeMs: 12 * hour }
      expectRows(rows, attributionOracle(sessions, orders, { model, skipDirect, ...limits }), {
        conversions: 4,
        share: 4,
        revenue: 2,
      })
    }),
    { numRuns: 40 },
  )
})

it('experiments answers as counting person by person and integrating the densities does', async () => {
  const people = fc.constantFrom(...Array.from({ length: 12 }, (_, index) => `p${index}`))
  const exposures = fc.array(
    fc.record({
      person_id: people,
      event_time: around(6 * hour, 2),
      variation: fc.constantFrom('a', 'control', 'c', 'd'),
      is_bot,
    }),
    { minLength: 1, maxLength: 16 },
  )
  const orders = fc.array(fc.record({ person_id: people, event_time: around(6 * hour, 4), is_bot }), {
    maxLength: 12,
  })
  const ratio = fc.constantFrom(undefined, [50, 50], [1, 2, 3], [10, 20, 30, 40])
  await fc.assert(
    fc.asyncProperty(exposures, orders, ratio, async (seen, bought, parts) => {
      await tables.fill({
        events: [
          ...seen.map(({ variation, ...rest }) => ({
            ...rest,
            event: 'Experiment Viewed',
            properties_experiment_id: 'e',
            properties_variation_id: variation,
          })),
          ...bought.map((row) => ({ ...row, event: 'Order Completed' })),
        ],
      })
      const rows = await tables.runQuery('experiments', { within: '12h', ratio: parts?.join() ?? '' })

      const expected = experimentsOracle(seen, bought, {
        withinMs: 12 * hour,
        ...(parts ? { ratio: parts } : {}),
      })
      expectRows(rows, expected, {
        rate: 6,
        rate_low: 6,
        rate_high: 6,
        lift: 6,
        difference: 6,
        difference_low: 6,
        difference_high: 6,
        p_value: 7,
        mismatch_p_value: 7,
      })
    }),
    { numRuns: 18 },
  )
})
