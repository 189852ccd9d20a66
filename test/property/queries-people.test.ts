import fc from 'fast-check'
import { afterAll, beforeAll, it, vi } from 'vitest'
import {
  activeUsersOracle,
  cohortsOracle,
  type PersonEvent,
  type PersonSession,
  type RetentionQuestion,
  retentionOracle,
} from '../support/query-oracle-people.ts'
import { expectRows } from '../support/query-oracle-rows.ts'
import { openQueryTables, type QueryTables, testEpochMs } from '../support/query-tables.ts'

let tables: QueryTables
beforeAll(async () => {
  tables = await openQueryTables()
})
afterAll(() => tables.close())

// Shrinking may take long: what was found by then is told.
const interruptAfterTimeLimit = 60_000
vi.setConfig({ testTimeout: 120_000 })
const numRuns = process.env.WEIR_SLOW_TESTS ? 60 : 15
const dayMs = 86_400_000
const person = fc.integer({ min: 1, max: 6 }).map(String)
const grain = fc.constantFrom('day' as const, 'week' as const, 'month' as const)
const bot = fc.constantFrom(false, false, false, true)

/** Near the bounds of days over some 90 days, dense in the middle: bounds of weeks and of months are among them. */
const time = fc
  .tuple(
    fc.oneof(fc.integer({ min: -40, max: 50 }), fc.integer({ min: -3, max: 9 })),
    fc.constantFrom(-1, 0, 1, dayMs / 2),
  )
  .map(([days, ms]) => testEpochMs + days * dayMs + ms)
const bounds = fc.record({
  from: fc.integer({ min: -45, max: 10 }).map((days) => testEpochMs + (days * dayMs) / 2),
  to: fc.oneof(time, fc.constant(testEpochMs + 100 * dayMs)),
})

const events: fc.Arbitrary<PersonEvent[]> = fc.array(
  fc.record({ person_id: person, event: fc.constantFrom('A', 'B', 'C'), event_time: time, is_bot: bot }),
  { maxLength: 60, size: 'max' },
)
const sessions: fc.Arbitrary<PersonSession[]> = fc.array(
  fc.record({
    person_id: person,
    started_at: time,
    events: fc.integer({ min: 1, max: 9 }),
    revenue: fc.constantFrom(0, 0, 19.99, 5),
    is_bot: bot,
  }),
  { maxLength: 40, size: 'max' },
)
const texts = (asked: Readonly<Record<string, string | number>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(asked).map(([name, value]) => [
      name,
      (name === 'from' || name === 'to') && typeof value === 'number'
        ? new Date(value).toISOString()
        : String(value),
    ]),
  )

const retention: fc.Arbitrary<RetentionQuestion> = fc
  .record({
    grain,
    mode: fc.constantFrom('first' as const, 'recurring' as const),
    measure: fc.constantFrom('exact' as const, 'rolling' as const),
    start: fc.constantFrom('', 'A'),
    return: fc.constantFrom('', 'A', 'B'),
    periods: fc.integer({ min: 1, max: 9 }),
  })
  .chain((asked) => bounds.map((period) => ({ ...asked, ...period })))

it('finds who came back', async () => {
  await fc.assert(
    fc.asyncProperty(events, retention, async (rows, asked) => {
      await tables.fill({ events: rows })
      const answer = await tables.runQuery('retention', texts(asked))
      expectRows(answer, retentionOracle(rows, asked), { share: 4 })
    }),
    { numRuns: 2 * numRuns, interruptAfterTimeLimit },
  )
})

it('finds what people brought since they were first seen', async () => {
  const measure = fc.constantFrom('revenue' as const, 'sessions' as const, 'events' as const)
  const periods = fc.integer({ min: 1, max: 9 })
  await fc.assert(
    fc.asyncProperty(
      sessions,
      fc.record({ measure, grain, periods }),
      bounds,
      async (rows, settings, period) => {
        const asked = { ...settings, ...period }
        await tables.fill({ sessions: rows })
        const digits = { total: 2, per_person: 4, per_person_so_far: 4 }
        expectRows(await tables.runQuery('cohorts', texts(asked)), cohortsOracle(rows, asked), digits)
      },
    ),
    { numRuns, interruptAfterTimeLimit },
  )
})

it('finds who is active', async () => {
  await fc.assert(
    fc.asyncProperty(events, sessions, bounds, async (rows, had, period) => {
      await tables.fill({ events: rows, sessions: had })
      const answer = await tables.runQuery('active-users', texts(period))
      expectRows(answer, activeUsersOracle(rows, had, period), { stickiness: 4 })
    }),
    { numRuns, interruptAfterTimeLimit },
  )
})
