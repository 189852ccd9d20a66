import fc from 'fast-check'
import { afterAll, beforeAll, it } from 'vitest'
import {
  badEventsOracle,
  channelsOracle,
  eventsByHourOracle,
  sessionsByDayOracle,
} from '../support/query-oracle-counts.ts'
import { expectRows } from '../support/query-oracle-rows.ts'
import { openQueryTables, type QueryTables, testEpochMs } from '../support/query-tables.ts'

let tables: QueryTables
beforeAll(async () => {
  tables = await openQueryTables()
})
afterAll(() => tables.close())

const hour = 3_600_000
const numRuns = 25
const person = fc.constantFrom('p', 'q', 'r')
/** At the edges of hours and days, and just before them. */
const time = fc
  .tuple(fc.integer({ min: -26, max: 50 }), fc.constantFrom(-1, 0, 1))
  .map(([hours, ms]) => testEpochMs + hours * hour + ms)

it('events-by-hour answers as counting hour by hour does', async () => {
  const event = fc.record({
    event: fc.constantFrom('A', 'B', 'C'),
    event_time: time,
    person_id: person,
    is_bot: fc.boolean(),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(event, { maxLength: 40 }), async (events) => {
      await tables.fill({ events })

      const people = events.filter(({ is_bot }) => !is_bot)
      expectRows(await tables.runQuery('events-by-hour', { bots: 'without' }), eventsByHourOracle(people), {})
    }),
    { numRuns },
  )
})

const session = fc.record({
  channel: fc.constantFrom('search', 'email', null),
  started_at: time,
  person_id: person,
  duration_ms: fc.constantFrom(0, 500, 61_000),
  events: fc.integer({ min: 1, max: 9 }),
  page_views: fc.integer({ min: 0, max: 5 }),
  bounced: fc.boolean(),
  revenue: fc.constantFrom(0, 0.5, 30),
})
const sessions = fc.array(session, { maxLength: 40 })

it('channels answers as adding up session by session does', async () => {
  await fc.assert(
    fc.asyncProperty(sessions, async (rows) => {
      await tables.fill({ sessions: rows })

      expectRows(await tables.runQuery('channels'), channelsOracle(rows), {
        bounce_rate: 4,
        pages: 2,
        revenue: 2,
        revenue_per_session: 4,
      })
    }),
    { numRuns },
  )
})

it('sessions-by-day answers as adding up session by session does', async () => {
  await fc.assert(
    fc.asyncProperty(sessions, async (rows) => {
      await tables.fill({ sessions: rows })

      expectRows(await tables.runQuery('sessions-by-day'), sessionsByDayOracle(rows), {
        seconds: 1,
        bounce_rate: 4,
      })
    }),
    { numRuns },
  )
})

it('bad-events answers as counting each origin once does', async () => {
  const refused = fc
    .record({ number: fc.integer({ min: 1, max: 12 }), reason: fc.constantFrom('not_json', 'no_name') })
    .map(({ number, reason }) => ({
      origin: `s:${number}:0`,
      // An origin has one arrival and one payload.
      received_at: testEpochMs + (number % 4) * hour,
      payload: `${number}`.repeat(30 * number),
      reason: number % 2 === 0 ? 'not_json' : reason,
    }))
  const oneReason = fc
    .array(refused, { maxLength: 20 })
    .map((rows) =>
      rows.map((row) => ({ ...row, reason: rows.find(({ origin }) => origin === row.origin)?.reason ?? '' })),
    )
  await fc.assert(
    fc.asyncProperty(oneReason, async (rows) => {
      await tables.fill({ badEvents: rows.map((row, place) => ({ ...row, hour: `0${place % 6}` })) })

      expectRows(await tables.runQuery('bad-events'), badEventsOracle(rows), {})
    }),
    { numRuns },
  )
})
