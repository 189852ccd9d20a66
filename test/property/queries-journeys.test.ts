import fc from 'fast-check'
import { afterAll, beforeAll, it, vi } from 'vitest'
import {
  dropOffOracle,
  journeysOracle,
  pathsOracle,
  type StepEvent,
} from '../support/query-oracle-journeys.ts'
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
const of = fc.constantFrom('event' as const, 'page' as const)
const steps = fc.integer({ min: 1, max: 5 })

// A few ms in all, so that steps meet at the same instant.
const events: fc.Arbitrary<StepEvent[]> = fc.array(
  fc.record({
    session_id: fc.constantFrom('s', 't', 'u', 'v', 'w'),
    event: fc.constantFrom('Page Viewed', 'Screen Viewed', 'A', 'B'),
    event_time: fc.integer({ min: 0, max: 12 }).map((ms) => testEpochMs + ms),
    page_path: fc.constantFrom('/', '/a', '/b', null),
    is_bot: fc.constantFrom(false, false, false, true),
  }),
  { maxLength: 60, size: 'max' },
)

it('finds the steps around an event', async () => {
  await fc.assert(
    fc.asyncProperty(events, of, steps, fc.boolean(), async (rows, kind, count, isNext) => {
      await tables.fill({ events: rows })
      const event = kind === 'page' ? '/a' : 'Page Viewed'
      const direction = isNext ? 'next' : 'previous'
      const answer = await tables.runQuery('paths', { event, of: kind, steps: String(count), direction })
      expectRows(answer, pathsOracle(rows, { event, isNext, steps: count, of: kind }), { share: 4 })
    }),
    { numRuns, interruptAfterTimeLimit },
  )
})

it('finds the journeys that sessions begin with', async () => {
  await fc.assert(
    fc.asyncProperty(events, of, steps, async (rows, kind, count) => {
      await tables.fill({ events: rows })
      const answer = await tables.runQuery('journeys', { of: kind, steps: String(count), limit: '1000' })
      expectRows(answer, journeysOracle(rows, kind, count), { share: 4 })
    }),
    { numRuns, interruptAfterTimeLimit },
  )
})

it('finds the steps after which sessions end', async () => {
  await fc.assert(
    fc.asyncProperty(events, of, steps, async (rows, kind, count) => {
      await tables.fill({ events: rows })
      const answer = await tables.runQuery('drop-off', { of: kind, steps: String(count) })
      expectRows(answer, dropOffOracle(rows, kind, count), { drop_off: 4, remaining: 4 })
    }),
    { numRuns, interruptAfterTimeLimit },
  )
})
