import { afterAll, beforeAll, expect, it } from 'vitest'
import { openQueryTables, type QueryTables, testEpochMs } from '../../support/query-tables.ts'

const hour = 3_600_000
const day = 24 * hour

let tables: QueryTables
beforeAll(async () => {
  tables = await openQueryTables()
})
afterAll(() => tables.close())

it('counts sessions, people and how engaged they were, each day', async () => {
  await tables.fill({
    sessions: [
      { person_id: 'a', duration_ms: 0, bounced: true, page_views: 1, events: 1 },
      {
        person_id: 'a',
        started_at: testEpochMs + hour,
        duration_ms: 60_000,
        bounced: false,
        page_views: 4,
        events: 9,
      },
      { person_id: 'b', duration_ms: 10_000, bounced: false, page_views: 2, events: 2 },
      {
        person_id: 'c',
        started_at: testEpochMs + day,
        duration_ms: 5000,
        bounced: true,
        page_views: 1,
        events: 1,
      },
    ],
  })

  expect(await tables.runQuery('sessions')).toEqual([
    {
      period: '2026-11-01',
      segment: '(all)',
      sessions: 3,
      people: 2,
      engaged_sessions: 2,
      engagement_rate: 0.6667,
      bounce_rate: 0.3333,
      // Of 0, 10 and 60.
      median_seconds: 10,
      // (1 + 4 + 2) / 3
      pages_per_session: 2.33,
      // (1 + 9 + 2) / 3
      events_per_session: 4,
      // 3 / 2
      sessions_per_person: 1.5,
    },
    {
      period: '2026-11-02',
      segment: '(all)',
      sessions: 1,
      people: 1,
      engaged_sessions: 0,
      engagement_rate: 0,
      bounce_rate: 1,
      median_seconds: 5,
      pages_per_session: 1,
      events_per_session: 1,
      sessions_per_person: 1,
    },
  ])
})

it('takes the mean of the middle two when sessions are even in number', async () => {
  await tables.fill({ sessions: [1000, 9000, 2000, 5000].map((duration_ms) => ({ duration_ms })) })

  // (2 + 5) / 2
  expect(await tables.runQuery('sessions')).toMatchObject([{ median_seconds: 3.5 }])
})

it('breaks down by a column, with (none) where it is empty', async () => {
  await tables.fill({
    sessions: [
      { geo_country: 'DE', channel: 'email' },
      { geo_country: 'DE', channel: null },
      { geo_country: null, channel: 'email' },
    ],
  })

  const by = async (column: string) =>
    (await tables.runQuery('sessions', { by: column })).map(({ segment, sessions }) => [segment, sessions])
  expect(await by('geo_country')).toEqual([
    ['DE', 2],
    ['(none)', 1],
  ])
  expect(await by('channel')).toEqual([
    ['email', 2],
    ['(none)', 1],
  ])
  expect(await by('none')).toEqual([['(all)', 3]])
})

it('begins weeks on Monday and months on the first', async () => {
  // A Saturday, a Sunday, a Monday.
  await tables.fill({
    sessions: ['2026-10-31 23:59:59.999', '2026-11-01', '2026-11-02'].map((started_at) => ({ started_at })),
  })

  const periods = async (every: string) =>
    (await tables.runQuery('sessions', { every })).map(({ period, sessions }) => [period, sessions])
  expect(await periods('week')).toEqual([
    ['2026-10-26', 2],
    ['2026-11-02', 1],
  ])
  expect(await periods('month')).toEqual([
    ['2026-10-01', 1],
    ['2026-11-01', 2],
  ])
})

it('takes sessions that started from `from` on and before `to`', async () => {
  const times = [
    '2026-11-01 09:59:59.999',
    '2026-11-01 10:00:00',
    '2026-11-01 11:59:59.999',
    '2026-11-01 12:00:00',
  ]
  await tables.fill({ sessions: times.map((started_at) => ({ started_at })) })

  expect(
    await tables.runQuery('sessions', { from: '2026-11-01T10:00', to: '2026-11-01T12:00' }),
  ).toMatchObject([{ sessions: 2 }])
})

it('leaves sessions of crawlers out, unless asked for', async () => {
  await tables.fill({ sessions: [{ is_bot: true }, { is_bot: false }, { is_bot: null }] })

  const counts = async (bots: string) => (await tables.runQuery('sessions', { bots }))[0]?.sessions
  expect(await counts('without')).toBe(2)
  expect(await counts('only')).toBe(1)
  expect(await counts('with')).toBe(3)
})
