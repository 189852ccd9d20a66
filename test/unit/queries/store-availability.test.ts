import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fillSchedules } from '../../support/query-schedules.ts'
import { openQueryTables, type QueryTables, type Row } from '../../support/query-tables.ts'

const view = (store: string, event_time: string): Row => ({
  event: 'Store Viewed',
  properties_store_id: store,
  event_time,
})

let tables: QueryTables
beforeAll(async () => {
  tables = await openQueryTables()
})
afterAll(() => tables.close())

/** From the first to the last quarter hour of each stretch that a store is open: 08:00 to 08:45 is open until 09:00. */
const openQuarters = async (from: string, to: string): Promise<string[]> =>
  (await tables.runQuery('store-availability', { from, to, show: 'open' })).map(({ quarter_start }) =>
    String(quarter_start).slice(5, 16),
  )

describe('store-availability', () => {
  it('joins quarter hours of a schedule with views', async () => {
    await fillSchedules(tables, [
      ['s1', 'GB', 'UTC', '7', '10:00', '10:30'],
      ['s2', 'DE', 'UTC', '7', '10:15', '10:45'],
    ])
    await tables.fill({
      events: [
        view('s1', '2026-11-01 10:00:00'),
        view('s1', '2026-11-01 10:14:59.999'),
        view('s1', '2026-11-01 10:30:00'),
        view('s2', '2026-11-01 10:15:00'),
        view('a store without a schedule', '2026-11-01 10:00:00'),
        { ...view('s2', '2026-11-01 10:30:00'), event: 'Page Viewed' },
      ],
    })

    const quarters = async (parameters: Record<string, string> = {}) =>
      (
        await tables.runQuery('store-availability', {
          from: '2026-11-01T10:00',
          to: '2026-11-01T10:45',
          ...parameters,
        })
      ).map((row) => [
        row.store_id,
        row.country,
        String(row.quarter_start).slice(11, 16),
        row.is_open,
        row.views,
        row.is_shown,
      ])
    expect(await quarters()).toEqual([
      ['s1', 'GB', '10:00', true, 2, true],
      ['s1', 'GB', '10:15', true, 0, false],
      ['s1', 'GB', '10:30', false, 1, true],
      ['s2', 'DE', '10:00', false, 0, false],
      ['s2', 'DE', '10:15', true, 1, true],
      ['s2', 'DE', '10:30', true, 0, false],
    ])
    expect(await quarters({ show: 'dark' })).toEqual([
      ['s1', 'GB', '10:15', true, 0, false],
      ['s2', 'DE', '10:30', true, 0, false],
    ])
    expect(await quarters({ show: 'open', country: 'DE' })).toHaveLength(2)
    expect(await quarters({ store: 's1' })).toHaveLength(3)
    expect(await quarters({ event: 'Page Viewed' })).toHaveLength(6)
  })

  it('answers from the first to the last view without a period, and for a whole period without a view', async () => {
    await fillSchedules(tables, [['s1', 'GB', 'UTC', '1234567', '00:00', '24:00']])
    const quarters = async (parameters: Record<string, string>) =>
      (await tables.runQuery('store-availability', parameters)).map((row) =>
        String(row.quarter_start).slice(5, 16),
      )

    await tables.fill({ events: [view('s1', '2026-11-01 23:50'), view('s1', '2026-11-02 00:10')] })
    expect(await quarters({})).toEqual(['11-01T23:45', '11-02T00:00'])

    await tables.fill({})
    expect(await quarters({})).toEqual([])
    // Whole quarter hours of the period only.
    expect(await quarters({ from: '2026-11-01T23:31', to: '2026-11-02T00:29' })).toEqual([
      '11-01T23:45',
      '11-02T00:00',
    ])
  })

  it('bears a period of more days than a sequence has members', async () => {
    await fillSchedules(tables, [['s1', 'GB', 'UTC', '1', '00:00', '00:15']])
    await tables.fill({ events: [view('s1', '2026-11-02 00:10')] })
    const period = { from: '1999-01-01', to: '2026-11-03' }
    expect(await tables.runQuery('store-availability-by-day', { ...period, country: 'FR' })).toEqual([])
    expect(await tables.runQuery('store-availability', { ...period, country: 'FR' })).toEqual([])
  })

  it('opens on its weekdays, until the next day when it closes after midnight', async () => {
    await tables.fill({})
    // Saturdays, 23:30 to 00:30; 2026-10-31 is one.
    await fillSchedules(tables, [['s1', 'GB', 'UTC', '6', '23:30', '00:30']])

    expect(await openQuarters('2026-10-30', '2026-11-03')).toEqual([
      '10-31T23:30',
      '10-31T23:45',
      '11-01T00:00',
      '11-01T00:15',
    ])
  })

  it('has the seventh weekday before the first', async () => {
    // Sundays; 2026-11-01 is one.
    await fillSchedules(tables, [['s1', 'GB', 'UTC', '7', '23:45', '00:15']])

    expect(await openQuarters('2026-11-01', '2026-11-03')).toEqual(['11-01T23:45', '11-02T00:00'])
  })

  it.each([
    ['00:00', '24:00', 96],
    ['00:00', '00:00', 96],
    ['09:00', '09:00', 96],
    ['24:00', '24:00', 96],
    ['08:00', '22:00', 56],
  ])('open from %s to %s is %i quarter hours a day', async (opens, closes, expected) => {
    await fillSchedules(tables, [['s1', 'GB', 'UTC', '1234567', opens, closes]])

    expect(await openQuarters('2026-11-03', '2026-11-04')).toHaveLength(expected)
  })

  it('counts only quarter hours that are open from end to end', async () => {
    await fillSchedules(tables, [['s1', 'GB', 'UTC', '7', '08:10', '09:05']])

    expect(await openQuarters('2026-11-01', '2026-11-02')).toEqual([
      '11-01T08:15',
      '11-01T08:30',
      '11-01T08:45',
    ])
  })

  it('takes several hours of opening on one day, overlapping ones once', async () => {
    await fillSchedules(tables, [
      ['s1', 'GB', 'UTC', '7', '08:00', '08:30'],
      ['s1', 'GB', 'UTC', '7', '08:15', '08:45'],
      ['s1', 'GB', 'UTC', '7', '20:00', '20:15'],
    ])

    expect(await openQuarters('2026-11-01', '2026-11-02')).toEqual([
      '11-01T08:00',
      '11-01T08:15',
      '11-01T08:30',
      '11-01T20:00',
    ])
  })

  it('reads the clock of the store, in summer and in winter', async () => {
    await fillSchedules(tables, [['s1', 'DE', 'Europe/Berlin', '1234567', '08:00', '08:15']])

    // Clocks went back on 2026-10-25.
    expect(await openQuarters('2026-10-24', '2026-10-27')).toEqual([
      '10-24T06:00',
      '10-25T07:00',
      '10-26T07:00',
    ])
  })

  it('is open an hour longer in the night that is an hour longer', async () => {
    await fillSchedules(tables, [['s1', 'DE', 'Europe/Berlin', '6', '23:00', '04:00']])

    // 21:00 to 03:00 UTC: six hours.
    const quarters = await openQuarters('2026-10-24', '2026-10-26')
    expect([quarters[0], quarters.at(-1), quarters.length]).toEqual(['10-24T21:00', '10-25T02:45', 24])
  })

  it('knows zones that are half an hour off, where Sunday begins on Saturday', async () => {
    await fillSchedules(tables, [['s1', 'IN', 'Asia/Kolkata', '7', '00:00', '00:15']])

    expect(await openQuarters('2026-10-31', '2026-11-02')).toEqual(['10-31T18:30'])
  })
})

describe('store-availability-by-day', () => {
  beforeAll(async () => {
    await fillSchedules(tables, [
      ['s1', 'DE', 'Europe/Berlin', '1234567', '10:00', '11:00'],
      ['s2', 'DE', 'Europe/Berlin', '1234567', '10:00', '11:00'],
      ['s3', 'GB', 'UTC', '7', '23:00', '01:00'],
    ])
    await tables.fill({
      events: [
        view('s1', '2026-11-01 09:00'),
        view('s1', '2026-11-01 09:01'),
        view('s1', '2026-11-01 09:45'),
        view('s2', '2026-11-01 10:00'),
        view('s3', '2026-11-01 23:30'),
        view('s3', '2026-11-02 00:30'),
        view('s3', '2026-11-02 00:45'),
      ],
    })
  })

  it('gives the share of open quarter hours with a view, of each day and country', async () => {
    const day = (day: string, segment: string, rest: object) => ({ day, segment, ...rest })
    expect(
      await tables.runQuery('store-availability-by-day', { from: '2026-11-01', to: '2026-11-02T06:00' }),
    ).toEqual([
      // s1 in 2 of 4, s2 only after it closed.
      day('2026-11-01', 'DE', {
        stores: 2,
        dark_stores: 1,
        open_quarters: 8,
        shown_quarters: 2,
        availability: 0.25,
      }),
      day('2026-11-01', 'GB', {
        stores: 1,
        dark_stores: 0,
        open_quarters: 4,
        shown_quarters: 1,
        availability: 0.25,
      }),
      // From midnight on; those of Germany open later.
      day('2026-11-02', 'GB', {
        stores: 1,
        dark_stores: 0,
        open_quarters: 4,
        shown_quarters: 2,
        availability: 0.5,
      }),
    ])
  })

  it('gives it by store, or for all', async () => {
    const rows = async (by: string, country: string) =>
      (
        await tables.runQuery('store-availability-by-day', {
          from: '2026-11-01',
          to: '2026-11-02',
          by,
          country,
        })
      ).map(({ segment, open_quarters, availability }) => [segment, open_quarters, availability])
    expect(await rows('store', 'DE')).toEqual([
      ['s2', 4, 0],
      ['s1', 4, 0.5],
    ])
    // 3 of 12
    expect(await rows('none', '')).toEqual([['(all)', 12, 0.25]])
  })
})

describe('times with a zone, once cast to timestamp', () => {
  it.each([
    ["with_timezone(TIMESTAMP '2026-07-01 12:00:00', 'UTC')", 'Europe/Berlin', '2026-07-01T14:00:00.000Z'],
    ["with_timezone(TIMESTAMP '2026-12-01 12:00:00', 'UTC')", 'Europe/Berlin', '2026-12-01T13:00:00.000Z'],
    ["with_timezone(TIMESTAMP '2026-07-01 12:00:00', 'America/New_York')", 'UTC', '2026-07-01T16:00:00.000Z'],
  ])('at_timezone(%s, %s)', async (time, zone, expected) => {
    expect(await tables.sql(`SELECT CAST(at_timezone(${time}, '${zone}') AS timestamp) AS wall`)).toEqual([
      { wall: expected },
    ])
  })
})
