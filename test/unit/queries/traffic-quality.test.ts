import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openQueryTables, type QueryTables, type Row, testEpochMs } from '../../support/query-tables.ts'

const minute = 60_000

let tables: QueryTables
beforeAll(async () => {
  tables = await openQueryTables()
})
afterAll(() => tables.close())

describe('bots', () => {
  const googlebot = 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)'
  const bing =
    'Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)'
  const agent = (user_agent: string | null, is_bot: boolean, more: Row = {}): Row => ({
    user_agent,
    is_bot,
    ...more,
  })

  it('shows the share of each crawler and browser', async () => {
    await tables.fill({
      events: [
        agent(googlebot, true, { person_id: 'g' }),
        agent(googlebot, true, { person_id: 'g' }),
        agent(googlebot.replace('2.1', '2.2'), true, { person_id: 'h' }),
        agent(bing, true, { person_id: 'i' }),
        agent('Mozilla/5.0 Chrome/140', false, { browser: 'Chrome', person_id: 'p' }),
        agent('Mozilla/5.0 Chrome/141', false, { browser: 'Chrome', person_id: 'p' }),
        agent('curl/8.5.0', true, { person_id: 'c' }),
        agent(null, false, { person_id: 'n' }),
      ],
    })

    expect(await tables.runQuery('bots')).toEqual([
      {
        family: 'Googlebot',
        is_bot: true,
        events: 3,
        share: 0.375,
        people: 2,
        events_per_person: 1.5,
        user_agents: 2,
        example_user_agent: googlebot,
      },
      {
        family: 'bingbot',
        is_bot: true,
        events: 1,
        share: 0.125,
        people: 1,
        events_per_person: 1,
        user_agents: 1,
        example_user_agent: bing,
      },
      {
        family: 'curl',
        is_bot: true,
        events: 1,
        share: 0.125,
        people: 1,
        events_per_person: 1,
        user_agents: 1,
        example_user_agent: 'curl/8.5.0',
      },
      {
        family: 'Chrome',
        is_bot: false,
        events: 2,
        share: 0.25,
        people: 1,
        events_per_person: 2,
        user_agents: 2,
        example_user_agent: 'Mozilla/5.0 Chrome/140',
      },
      {
        family: '(none)',
        is_bot: false,
        events: 1,
        share: 0.125,
        people: 1,
        events_per_person: 1,
        user_agents: 1,
        example_user_agent: null,
      },
    ])
  })

  it('counts an agent on both sides when it was not always known for a crawler', async () => {
    await tables.fill({ events: [agent('x/1', true), agent('x/1', false), agent('x/1', false)] })

    expect(await tables.runQuery('bots')).toMatchObject([
      { family: 'x', is_bot: true, events: 1 },
      { family: 'x', is_bot: false, events: 2 },
    ])
  })

  it('takes events of a period, and as many families as asked for', async () => {
    await tables.fill({
      events: [
        agent('a', false, { event_time: '2026-11-01 23:59:59.999' }),
        agent('b', false, { event_time: '2026-11-02' }),
        agent('b', false, { event_time: '2026-11-02' }),
        agent('c', false, { event_time: '2026-11-02 23:59:59.999' }),
        agent('d', false, { event_time: '2026-11-03' }),
      ],
    })

    const period = { from: '2026-11-02', to: '2026-11-03' }
    expect((await tables.runQuery('bots', period)).map((row) => row.family)).toEqual(['b', 'c'])
    expect(await tables.runQuery('bots', { ...period, limit: '1' })).toMatchObject([
      { family: 'b', share: 0.6667 },
    ])
  })
})

describe('suspicious-visitors', () => {
  const burst = (visitor: string, events: number, from: number): Row[] =>
    Array.from({ length: events }, (_, index) => ({ visitor, event_time: from + index }))
  const sessions = (visitor: string, count: number): Row[] =>
    Array.from({ length: count }, (_, index) => ({ visitor, started_at: testEpochMs + index * 40 * minute }))

  it('shows who exceeds a limit in a minute or on a day, and nobody at it', async () => {
    await tables.fill({
      events: [
        ...burst('a:fast', 3, testEpochMs),
        ...burst('a:fast', 1, testEpochMs + minute),
        ...burst('a:at the limit', 2, testEpochMs),
        // Two each side of the minute.
        ...burst('a:between', 4, testEpochMs + minute - 2),
        ...burst('a:restless', 1, testEpochMs),
        ...burst('a:both', 4, testEpochMs).map((row) => ({ ...row, is_bot: true, user_agent: 'bot/1' })),
      ],
      sessions: [...sessions('a:restless', 4), ...sessions('a:both', 4), ...sessions('a:at the limit', 3)],
    })

    expect(await tables.runQuery('suspicious-visitors', { per_minute: '2', sessions_per_day: '3' })).toEqual([
      {
        visitor: 'a:both',
        reason: 'fast and restless',
        events: 4,
        most_per_minute: 4,
        most_sessions_per_day: 4,
        is_bot: true,
        user_agent: 'bot/1',
        first_seen: '2026-11-01T00:00:00.000Z',
        last_seen: '2026-11-01T00:00:00.003Z',
      },
      {
        visitor: 'a:fast',
        reason: 'fast',
        events: 4,
        most_per_minute: 3,
        most_sessions_per_day: 0,
        is_bot: false,
        user_agent: null,
        first_seen: '2026-11-01T00:00:00.000Z',
        last_seen: '2026-11-01T00:01:00.000Z',
      },
      {
        visitor: 'a:restless',
        reason: 'restless',
        events: 1,
        most_per_minute: 1,
        most_sessions_per_day: 4,
        is_bot: false,
        user_agent: null,
        first_seen: '2026-11-01T00:00:00.000Z',
        last_seen: '2026-11-01T00:00:00.000Z',
      },
    ])
  })

  it('counts sessions of each day by itself', async () => {
    const days = ['2026-11-01 23:00', '2026-11-01 23:45', '2026-11-02 00:30']
    await tables.fill({
      events: [{ visitor: 'a:p' }],
      sessions: days.map((started_at) => ({ visitor: 'a:p', started_at })),
    })

    expect(await tables.runQuery('suspicious-visitors', { sessions_per_day: '1' })).toMatchObject([
      { most_sessions_per_day: 2 },
    ])
    expect(await tables.runQuery('suspicious-visitors', { sessions_per_day: '2' })).toEqual([])
  })
})

describe('data-quality', () => {
  it('finds refusals in a file that begins before midnight', async () => {
    const late = { received_at: '2026-11-02 00:10', dt: '2026-11-01', hour: '23', payload: null }
    await tables.fill({ badEvents: [late, { ...late, received_at: '2026-11-01 23:59:59.999' }] })

    expect(await tables.runQuery('data-quality', { from: '2026-11-02', to: '2026-11-03' })).toMatchObject([
      { measure: 'refused', events: 1 },
    ])
  })

  const measures = async (wanted: string, parameters: Record<string, string> = {}) =>
    (await tables.runQuery('data-quality', parameters))
      .filter(({ measure }) => measure === wanted)
      .map(({ event, detail, events, share, seconds }) => [event, detail, events, share ?? seconds])

  it('counts accepted and refused events of a name, each refused one once', async () => {
    const bad = (payload: string | null, reason: string): Row => ({ payload, reason })
    await tables.fill({
      events: [{ event: 'A' }, { event: 'A' }, {}],
      badEvents: [
        { ...bad('{"type":"track","event":"A"}', 'bad_properties'), origin: 's:1:0' },
        // Written again, an hour later.
        {
          ...bad('{"type":"track","event":"A"}', 'bad_properties'),
          origin: 's:1:0',
          dt: '2026-11-02',
          hour: '00',
        },
        bad('{"type":"track","event":"A"}', 'bad_number'),
        bad('{"type":"page"}', 'bad_properties'),
        bad('{"type":"screen"}', 'bad_envelope'),
        bad('{"type":"alias"}', 'bad_envelope'),
        bad('{"event":', 'not_json'),
        bad(null, 'too_large'),
      ],
    })

    expect(await measures('accepted')).toEqual([
      // 2 of 4, 1 of 2
      ['A', '', 2, 0.5],
      ['Page Viewed', '', 1, 0.5],
    ])
    expect(await measures('refused')).toEqual([
      ['(unreadable)', 'not_json', 1, 0.5],
      ['(unreadable)', 'too_large', 1, 0.5],
      ['A', 'bad_number', 1, 0.25],
      ['A', 'bad_properties', 1, 0.25],
      ['Page Viewed', 'bad_properties', 1, 0.5],
      ['Screen Viewed', 'bad_envelope', 1, 1],
      ['alias', 'bad_envelope', 1, 1],
    ])
    expect(await measures('refused', { event: 'A' })).toHaveLength(2)
  })

  it('counts flags and libraries', async () => {
    const flags = [['unplanned', 'long_id'], ['unplanned'], [], null]
    const libraries = [
      ['analytics.js', '4.1.0'],
      ['analytics.js', '4.1.0'],
      ['analytics.js', null],
      [null, null],
    ]
    await tables.fill({
      events: flags.map((flags, index) => ({
        event: 'A',
        flags,
        library_name: libraries[index]?.[0] ?? null,
        library_version: libraries[index]?.[1] ?? null,
      })),
    })

    expect(await measures('flag')).toEqual([
      ['A', 'unplanned', 2, 0.5],
      ['A', 'long_id', 1, 0.25],
    ])
    expect(await measures('library')).toEqual([
      ['A', 'analytics.js 4.1.0', 2, 0.5],
      ['A', '(none)', 1, 0.25],
      ['A', 'analytics.js', 1, 0.25],
    ])
  })

  it('counts what is missing where other events of the name have it', async () => {
    await tables.fill({
      events: [
        { event: 'A', user_id: 'u', properties_revenue: 1 },
        { event: 'A', properties_revenue: 2 },
        { event: 'A', properties_revenue: 3 },
        { event: 'B' },
      ],
    })

    // All of A have a revenue, none of B a user id.
    expect(await measures('missing')).toEqual([['A', 'user_id', 2, 0.6667]])
  })

  it('counts events that came later than allowed', async () => {
    const arrivedAfter = (ms: number): Row => ({ event: 'A', received_at: testEpochMs + ms })
    await tables.fill({ events: [arrivedAfter(0), arrivedAfter(15 * minute), arrivedAfter(15 * minute + 1)] })

    expect(await measures('late')).toEqual([['A', '', 1, 0.3333]])
    expect(await measures('late', { late: '10s' })).toEqual([['A', '', 2, 0.6667]])
  })

  it('answers percentiles of delay and of how far clocks are off', async () => {
    // 0.0, 0.1, … 9.9 s; clocks ahead by as much as the delay, less 5 s; one event without.
    const rows = Array.from({ length: 100 }, (_, index) => ({
      event: 'A',
      received_at: testEpochMs + index * 100 + 99,
      sent_at: index === 0 ? null : testEpochMs + index * 200 + 99 - 5000,
    }))
    await tables.fill({ events: rows })

    // The 50th and the 99th of 100.
    expect(await measures('delay')).toEqual([
      ['A', 'p50', 100, 4.9],
      ['A', 'p99', 100, 9.8],
    ])
    // -4.9 … 4.9: of 99 the 50th (49.5 rounded up) and the 99th (98.01 rounded up).
    expect(await measures('clock_skew')).toEqual([
      ['A', 'p50', 99, 0],
      ['A', 'p99', 99, 4.9],
    ])
  })

  it('takes events of a period by event time, refused ones by arrival', async () => {
    const times = ['2026-11-01 23:59:59.999', '2026-11-02', '2026-11-02 23:59:59.999', '2026-11-03']
    await tables.fill({
      events: times.map((event_time) => ({ event: 'A', event_time, flags: ['unplanned'] })),
      badEvents: times.map((received_at) => ({ received_at })),
    })

    const period = { from: '2026-11-02', to: '2026-11-03' }
    expect(await measures('accepted', period)).toEqual([['A', '', 2, 1]])
    expect(await measures('flag', period)).toEqual([['A', 'unplanned', 2, 1]])
    expect(await measures('library', period)).toEqual([['A', '(none)', 2, 1]])
    expect(await measures('delay', period)).toMatchObject([
      ['A', 'p50', 2, 0],
      ['A', 'p99', 2, 0],
    ])
    expect(await measures('refused', period)).toEqual([['(unreadable)', 'not_json', 2, 1]])
  })
})
