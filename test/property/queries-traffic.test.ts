import fc from 'fast-check'
import { afterAll, beforeAll, it } from 'vitest'
import {
  botsOracle,
  dataQualityOracle,
  type EventRow,
  pageResponsesOracle,
  revenueOracle,
  suspiciousVisitorsOracle,
  topPagesOracle,
} from '../support/query-oracle-events.ts'
import { expectRows } from '../support/query-oracle-rows.ts'
import { entriesExitsOracle, type SessionRow, sessionsOracle } from '../support/query-oracle-sessions.ts'
import { openQueryTables, type QueryTables, testEpochMs } from '../support/query-tables.ts'

const hour = 3_600_000

let tables: QueryTables
beforeAll(async () => {
  tables = await openQueryTables()
})
afterAll(() => tables.close())

const every = fc.constantFrom('day', 'week', 'month')
const person = fc.constantFrom('p', 'q', 'r')
const page = fc.constantFrom('/', '/a', null)
const country = fc.constantFrom('DE', 'FR', null)
/** Some hours over three days, of a month and week before the tests' day and of that day. */
const time = fc
  .tuple(fc.integer({ min: -3, max: 6 }), fc.integer({ min: -1, max: 2 }))
  .map(([units, ms]) => testEpochMs + units * 12 * hour + ms)
/** What runs on the laptop of a person stays the same from event to event. */
const agent = fc.constantFrom(
  { user_agent: 'Mozilla/5.0 (compatible; Crawlbot/2.1; +http://x.com)', browser: null, is_bot: true },
  { user_agent: 'Mozilla/5.0 (compatible; Crawlbot/2.2; +http://x.com)', browser: 'Chrome', is_bot: true },
  { user_agent: 'Mozilla/5.0 Chrome/140', browser: 'Chrome', is_bot: false },
  { user_agent: 'curl/8.5', browser: null, is_bot: false },
  { user_agent: null, browser: null, is_bot: false },
)

const sessions: fc.Arbitrary<SessionRow[]> = fc.array(
  fc.record({
    person_id: person,
    started_at: time,
    duration_ms: fc.constantFrom(0, 9999, 10_000, 65_432),
    page_views: fc.integer({ min: 0, max: 5 }),
    events: fc.integer({ min: 1, max: 9 }),
    bounced: fc.boolean(),
    is_bot: fc.constantFrom(false, false, false, true),
    revenue: fc.constantFrom(0, 0, 19.99),
    geo_country: country,
    entry_page: page,
    exit_page: page,
  }),
  { maxLength: 40 },
)

const event: fc.Arbitrary<EventRow> = fc
  .tuple(
    fc.record({
      event: fc.constantFrom('Page Viewed', 'Screen Viewed', 'Order Completed', 'Order Refunded'),
      event_time: time,
      person_id: person,
      visitor: fc.constantFrom('a:p', 'a:q'),
      user_id: fc.constantFrom('u', null),
      page_path: page,
      geo_country: country,
      flags: fc.subarray(['unplanned', 'long_id']),
      library_version: fc.constantFrom('4.1', '4.2', null),
      properties_order_id: fc.constantFrom('1', '2', null),
      properties_revenue: fc.constantFrom(null, 0, 10, 25.5, -10),
      properties_currency: fc.constantFrom('EUR', 'USD', null),
      properties_status: fc.constantFrom(null, 200, 399, 400, 404, 410, 500),
      properties_bytes: fc.constantFrom(null, 0, 1000),
    }),
    agent,
    fc.constantFrom(0, 99, 100, 899_999, 900_000, 900_001),
    fc.constantFrom(null, -1050, 0, 60_000),
  )
  .map(([row, client, delay, skew]) => ({
    ...row,
    ...client,
    received_at: row.event_time + delay,
    sent_at: skew === null ? null : row.event_time + delay + skew,
  }))
const events = fc.array(event, { maxLength: 24 })

const humans = <Row extends { readonly is_bot: boolean }>(rows: readonly Row[]): Row[] =>
  rows.filter(({ is_bot }) => !is_bot)

it('sessions answers as counting group by group does', async () => {
  await fc.assert(
    fc.asyncProperty(sessions, every, async (rows, unit) => {
      await tables.fill({ sessions: rows })

      const answer = await tables.runQuery('sessions', { every: unit, by: 'geo_country' })
      expectRows(
        answer,
        sessionsOracle(humans(rows), unit, ({ geo_country }) => geo_country),
        {
          engagement_rate: 4,
          bounce_rate: 4,
          median_seconds: 3,
          pages_per_session: 2,
          events_per_session: 2,
          sessions_per_person: 2,
        },
      )
    }),
    { numRuns: 25 },
  )
})

it('entries-exits answers as looking at the ends of each session does', async () => {
  await fc.assert(
    fc.asyncProperty(sessions, async (rows) => {
      await tables.fill({ sessions: rows })

      expectRows(await tables.runQuery('entries-exits', { bots: 'with' }), entriesExitsOracle(rows), {
        entry_share: 4,
        bounce_rate: 4,
        revenue_per_entry: 4,
        exit_share: 4,
      })
    }),
    { numRuns: 20 },
  )
})

it('the queries of events answer as going through the events one by one does', async () => {
  await fc.assert(
    fc.asyncProperty(events, every, async (rows, unit) => {
      // By origin too they stand in this order.
      await tables.fill({ events: rows.map((row, index) => ({ ...row, origin: `s:${100 + index}:0` })) })

      expectRows(
        await tables.runQuery('revenue', { every: unit, by: 'geo_country', bots: 'without' }),
        revenueOracle(rows, unit),
        {
          gross: 2,
          refunded: 2,
          revenue: 2,
          average_order: 2,
          revenue_per_person: 4,
        },
      )
      expectRows(await tables.runQuery('top-pages'), topPagesOracle(humans(rows)), {
        share: 4,
        views_per_person: 2,
      })
      expectRows(await tables.runQuery('page-responses'), pageResponsesOracle(rows), {
        error_rate: 4,
        mean_bytes: 1,
      })
      expectRows(await tables.runQuery('bots'), botsOracle(rows), { share: 4, events_per_person: 2 })
    }),
    { numRuns: 25 },
  )
})

it('data-quality answers as going through the events of each name does', async () => {
  const named = events.map((rows) =>
    rows.map((row) => ({ ...row, library_name: 'lib', anonymous_id: row.person_id })),
  )
  await fc.assert(
    fc.asyncProperty(named, async (rows) => {
      await tables.fill({ events: rows })

      expectRows(await tables.runQuery('data-quality'), dataQualityOracle(rows, 900_000), { share: 4 })
    }),
    { numRuns: 20 },
  )
})

it('suspicious-visitors answers as counting minute by minute and day by day does', async () => {
  const visits = fc.array(fc.record({ visitor: fc.constantFrom('a:p', 'a:q'), started_at: time }), {
    maxLength: 12,
  })
  const most = fc.integer({ min: 0, max: 3 })
  await fc.assert(
    fc.asyncProperty(events, visits, most, most, async (rows, visited, perMinute, sessionsPerDay) => {
      await tables.fill({ events: rows, sessions: visited })

      const asked = { per_minute: String(perMinute), sessions_per_day: String(sessionsPerDay) }
      expectRows(
        await tables.runQuery('suspicious-visitors', asked),
        suspiciousVisitorsOracle(rows, visited, { perMinute, sessionsPerDay }),
      )
    }),
    { numRuns: 20 },
  )
})
