import fc from 'fast-check'
import { afterAll, beforeAll, it } from 'vitest'
import {
  availabilityByDayOracle,
  availabilityOracle,
  type StoreView,
  storeQuarters,
} from '../support/query-oracle-availability.ts'
import { expectRows } from '../support/query-oracle-rows.ts'
import { fillSchedules, type Schedule } from '../support/query-schedules.ts'
import { openQueryTables, type QueryTables } from '../support/query-tables.ts'

const hour = 3_600_000
const day = 24 * hour

let tables: QueryTables
beforeAll(async () => {
  tables = await openQueryTables()
})
afterAll(() => tables.close())

const clock = fc
  .tuple(fc.integer({ min: 0, max: 23 }), fc.constantFrom('00', '10', '15', '30', '45'))
  .map(([hours, minutes]) => `${String(hours).padStart(2, '0')}:${minutes}`)
const store = fc.constantFrom(
  ['s1', 'DE', 'Europe/Berlin'] as const,
  ['s2', 'DE', 'Europe/Berlin'] as const,
  ['s3', 'IN', 'Asia/Kolkata'] as const,
  ['s4', 'US', 'America/New_York'] as const,
)
const schedules: fc.Arbitrary<Schedule[]> = fc.array(
  fc
    .tuple(store, fc.constantFrom('1234567', '67', '15', '7'), clock, fc.oneof(clock, fc.constant('24:00')))
    .map(([[id, country, zone], weekdays, opens, closes]) => [id, country, zone, weekdays, opens, closes]),
  { minLength: 1, maxLength: 5 },
)
// Two days around an ordinary Sunday, and around those on which clocks change in Europe and in New York.
const start = fc.constantFrom('2026-10-17', '2026-10-24', '2026-03-28', '2026-10-31')
const views = fc.array(
  fc.record({
    store: fc.constantFrom('s1', 's2', 's3', 's4', 'another'),
    at: fc.integer({ min: 0, max: 2 * day }),
  }),
  { maxLength: 60 },
)
/** Periods seldom begin on the quarter. */
const off = fc.constantFrom(0, 1, 600_000)

it('store-availability answers as looking at the clock of every minute does', async () => {
  await fc.assert(
    fc.asyncProperty(schedules, views, start, off, async (rows, seen, date, offMs) => {
      const first = Date.parse(date)
      const period = { from: first + offMs, to: first + 2 * day - offMs }
      const events: StoreView[] = seen.map(({ store, at }) => ({
        properties_store_id: store,
        event_time: first + at,
      }))
      const counted = events.filter(({ event_time }) => event_time >= period.from && event_time < period.to)
      await fillSchedules(tables, rows)
      await tables.fill({ events: events.map((event) => ({ ...event, event: 'Store Viewed' })) })

      const asked = { from: new Date(period.from).toISOString(), to: new Date(period.to).toISOString() }
      const quarters = storeQuarters(rows, counted, period)
      expectRows(await tables.runQuery('store-availability', asked), availabilityOracle(quarters))
      expectRows(
        await tables.runQuery('store-availability-by-day', asked),
        availabilityByDayOracle(quarters),
        {
          availability: 4,
        },
      )
    }),
    { numRuns: 15 },
  )
})
