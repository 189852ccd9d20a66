import fc from 'fast-check'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import {
  type FunnelEvent,
  type FunnelQuestion,
  funnelOracle,
  longestChain,
} from '../support/query-oracle-funnel.ts'
import { expectRows, groupBy } from '../support/query-oracle-rows.ts'
import { openQueryTables, type QueryTables, testEpochMs } from '../support/query-tables.ts'

let tables: QueryTables
beforeAll(async () => {
  tables = await openQueryTables()
})
afterAll(() => tables.close())

// Each run asks about many people, since most of its time goes into planning the query.
// Shrinking may take long: what was found by then is told.
const interruptAfterTimeLimit = 60_000
vi.setConfig({ testTimeout: 120_000 })
const numRuns = process.env.WEIR_SLOW_TESTS ? 40 : 8
const name = fc.constantFrom('A', 'B', 'C')

// A few ms in all, so that events meet at the same instant, at the limit and at the bounds of the period.
const events: fc.Arbitrary<FunnelEvent[]> = fc.array(
  fc.record({
    person_id: fc.integer({ min: 1, max: 20 }).map(String),
    event: fc.oneof({ weight: 9, arbitrary: name }, { weight: 1, arbitrary: fc.constant('other') }),
    event_time: fc.integer({ min: 0, max: 9 }).map((ms) => testEpochMs + ms),
    channel: fc.constantFrom('direct', 'email', null),
  }),
  { maxLength: 160, size: 'max' },
)

const question: fc.Arbitrary<FunnelQuestion> = fc.record({
  steps: fc.array(name, { minLength: 2, maxLength: 5 }),
  withinMs: fc.integer({ min: 0, max: 8 }),
  isOrdered: fc.boolean(),
  isByChannel: fc.boolean(),
  from: fc.integer({ min: -1, max: 3 }).map((ms) => testEpochMs + ms),
  to: fc.integer({ min: 4, max: 10 }).map((ms) => testEpochMs + ms),
})

const asText = (asked: FunnelQuestion): Record<string, string> => ({
  steps: asked.steps.join(),
  within: `${asked.withinMs}ms`,
  order: asked.isOrdered ? 'ordered' : 'unordered',
  by: asked.isByChannel ? 'channel' : 'none',
  from: new Date(asked.from).toISOString(),
  to: new Date(asked.to).toISOString(),
})

it('answers as trying every start of every person does', async () => {
  await fc.assert(
    fc.asyncProperty(events, question, async (rows, asked) => {
      await tables.fill({ events: rows })
      const answer = await tables.runQuery('funnel', asText(asked))
      expectRows(answer, funnelOracle(rows, asked), { of_first: 4, of_previous: 4 })
    }),
    { numRuns, interruptAfterTimeLimit },
  )
})

it('misses no chain by taking the earliest event for each step', () => {
  fc.assert(
    fc.property(events, question, (rows, asked) => {
      const ordered = { ...asked, isOrdered: true, isByChannel: false }
      const reached = [...groupBy(rows, ({ person_id }) => person_id).values()].map((own) =>
        longestChain(own, ordered),
      )
      const expected = asked.steps.map((_, index) => reached.filter((steps) => steps > index).length)
      expect(funnelOracle(rows, ordered).map(({ people }) => people)).toEqual(expected)
    }),
  )
})
