import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openQueryTables, type QueryRows, type QueryTables } from '../../support/query-tables.ts'

let tables: QueryTables
beforeAll(async () => {
  tables = await openQueryTables()
})
afterAll(() => tables.close())

const rowsOf = async (name: string, rows: QueryRows, parameters: Readonly<Record<string, string>> = {}) => {
  await tables.fill(rows)
  return (await tables.runQuery(name, parameters)).map((row) => Object.values(row))
}
const period = { from: '2026-11-01', to: '2026-11-02' }

describe('events-by-hour', () => {
  const events = [
    { event: 'A', event_time: '2026-11-01 00:00' },
    { event: 'A', event_time: '2026-11-01 00:59:59.999' },
    { event: 'B', event_time: '2026-11-01 00:30' },
    { event: 'A', event_time: '2026-11-01 01:00', person_id: 'q' },
    { event: 'A', event_time: '2026-11-02 00:00', person_id: 'q', is_bot: true },
  ]

  it('counts events and people by UTC hour and name', async () => {
    expect(await rowsOf('events-by-hour', { events })).toEqual([
      ['2026-11-01T00:00:00.000Z', 'A', 2, 1],
      ['2026-11-01T00:00:00.000Z', 'B', 1, 1],
      ['2026-11-01T01:00:00.000Z', 'A', 1, 1],
      ['2026-11-02T00:00:00.000Z', 'A', 1, 1],
    ])
  })

  it('keeps to a period, to some names and to people', async () => {
    const count = async (parameters: Readonly<Record<string, string>>) =>
      (await rowsOf('events-by-hour', { events }, parameters)).map((row) => row[2])

    expect(await count(period)).toEqual([2, 1, 1])
    expect(await count({ events: 'B,C' })).toEqual([1])
    expect(await count({ bots: 'without', events: 'A' })).toEqual([2, 1])
  })
})

describe('channels', () => {
  it('says what the sessions of each channel are worth', async () => {
    const sessions = [
      { channel: 'search', revenue: 30, page_views: 4, bounced: false },
      { channel: 'search', revenue: 0, page_views: 1, bounced: true },
      { channel: 'search', revenue: 0.5, page_views: 1, bounced: true, person_id: 'q' },
      { channel: null, revenue: null },
      { channel: 'email', is_bot: true },
      { channel: 'email', started_at: '2026-11-02' },
    ]

    // 2 of 3 bounced; 4 + 1 + 1 pages; 30.5 / 3
    expect(await rowsOf('channels', { sessions }, period)).toEqual([
      ['search', 3, 2, 0.6667, 2, 30.5, 10.1667],
      ['(none)', 1, 1, 1, 1, 0, 0],
    ])
  })
})

describe('sessions-by-day', () => {
  it('describes the sessions that began on each day', async () => {
    const sessions = [
      { duration_ms: 60_000, events: 5, page_views: 3, bounced: false },
      { started_at: '2026-11-01 23:59:59.999', person_id: 'q', duration_ms: 500 },
      { started_at: '2026-11-02', is_bot: true },
    ]

    // (60 + 0.5) / 2 = 30.25 seconds, which a double holds exactly
    expect(await rowsOf('sessions-by-day', { sessions })).toEqual([
      ['2026-11-01', 2, 2, 6, 4, 30.3, 0.5],
      ['2026-11-02', 1, 1, 1, 1, 0, 1],
    ])
    expect((await rowsOf('sessions-by-day', { sessions }, { bots: 'without', ...period })).length).toBe(1)
  })
})

describe('bad-events', () => {
  it('counts each refused event once, by its first reason, with the last as example', async () => {
    const badEvents = [
      { origin: 's:1:0', reason: 'not_json', payload: 'x'.repeat(300), received_at: '2026-11-01' },
      {
        origin: 's:1:0',
        reason: 'not_json',
        payload: 'x'.repeat(300),
        received_at: '2026-11-01',
        hour: '01',
      },
      { origin: 's:2:0', reason: 'not_json', payload: '{', reasons: '[1]', received_at: '2026-11-01 23:00' },
      { origin: 's:3:0', reason: 'no_name', received_at: '2026-11-01 05:00' },
      { origin: 's:4:0', reason: 'no_name', received_at: '2026-11-02' },
    ]

    expect(await rowsOf('bad-events', { badEvents }, period)).toEqual([
      ['not_json', 2, '2026-11-01T00:00:00.000Z', '2026-11-01T23:00:00.000Z', '[1]', '{'],
      ['no_name', 1, '2026-11-01T05:00:00.000Z', '2026-11-01T05:00:00.000Z', '[]', null],
    ])
  })

  it('finds what Firehose took on a later day than it was received', async () => {
    const badEvents = [{ received_at: '2026-11-01 23:59:59', dt: '2026-11-02', hour: '00' }]

    expect((await rowsOf('bad-events', { badEvents }, period)).length).toBe(1)
  })
})
