import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openQueryTables, type QueryTables, type Row } from '../../support/query-tables.ts'

let tables: QueryTables
beforeAll(async () => {
  tables = await openQueryTables()
})
afterAll(() => tables.close())

const rowsOf = async (
  name: string,
  rows: { readonly events?: readonly Row[]; readonly sessions?: readonly Row[] },
  parameters: Readonly<Record<string, string>> = {},
) => {
  await tables.fill(rows)
  return (await tables.runQuery(name, parameters)).map((row) => Object.values(row))
}
/** Events of a person on days of November 2026, whose first is a Sunday. */
const on = (person_id: string, days: readonly number[], event = 'A'): Row[] =>
  days.map((day) => ({ person_id, event, event_time: `2026-11-${String(day).padStart(2, '0')} 12:00` }))

describe('retention', () => {
  const events = [...on('p', [2, 3, 5]), ...on('q', [2, 4, 5]), ...on('r', [3, 4])]

  it('follows people from the day of their first event, each period by itself', async () => {
    // On the 2nd p and q: p returns after 1 and 3 days, q after 2 and 3. On the 3rd r: after 1.
    expect(await rowsOf('retention', { events }, { grain: 'day' })).toEqual([
      ['2026-11-02', 2, 0, 2, 1],
      ['2026-11-02', 2, 1, 1, 0.5],
      ['2026-11-02', 2, 2, 1, 0.5],
      ['2026-11-02', 2, 3, 2, 1],
      ['2026-11-03', 1, 0, 1, 1],
      ['2026-11-03', 1, 1, 1, 1],
      ['2026-11-03', 1, 2, 0, 0],
    ])
  })

  it('counts a return in a period or any later one when it is rolling', async () => {
    const rolling = { grain: 'day', measure: 'rolling' }

    expect(
      (await rowsOf('retention', { events }, rolling)).map(([, , period, returned]) => [period, returned]),
    ).toEqual([
      [0, 2],
      [1, 2],
      [2, 2],
      [3, 2],
      [0, 1],
      [1, 1],
      [2, 0],
    ])
    const returnsLate = [...on('p', [2, 4])]
    expect(
      (await rowsOf('retention', { events: returnsLate }, { ...rolling, periods: '1' })).map((row) => row[3]),
    ).toEqual([1, 1])
  })

  it('puts people into each period in which they came when it is recurring', async () => {
    const recurring = { grain: 'day', mode: 'recurring', periods: '1' }

    expect(await rowsOf('retention', { events }, recurring)).toEqual([
      ['2026-11-02', 2, 0, 2, 1],
      ['2026-11-02', 2, 1, 1, 0.5],
      // p and r came on the 3rd, of whom r came on the 4th
      ['2026-11-03', 2, 0, 2, 1],
      ['2026-11-03', 2, 1, 1, 0.5],
      // q and r on the 4th, q on the 5th
      ['2026-11-04', 2, 0, 2, 1],
      ['2026-11-04', 2, 1, 1, 0.5],
      ['2026-11-05', 2, 0, 2, 1],
    ])
  })

  it('begins weeks on Monday and months on the first, in UTC', async () => {
    const events = [
      { event_time: '2026-10-31 23:59:59.999' },
      { event_time: '2026-11-01 23:59:59.999' },
      { event_time: '2026-11-02' },
      { event_time: '2027-01-01' },
    ]
    const cohorts = async (grain: string) =>
      (await rowsOf('retention', { events }, { grain, mode: 'recurring', periods: '10' }))
        .filter(([, , , returned]) => returned === 1)
        .map(([cohort, , period]) => [cohort, period])

    // A Sunday ends its week.
    const sunday = [{ event_time: '2026-11-01 23:59:59.999' }]
    expect(await rowsOf('retention', { events: sunday })).toEqual([['2026-10-26', 1, 0, 1, 1]])
    expect(await cohorts('week')).toEqual([
      ['2026-10-26', 0],
      ['2026-10-26', 1],
      ['2026-10-26', 9],
      ['2026-11-02', 0],
      ['2026-11-02', 8],
      ['2026-12-28', 0],
    ])
    expect(await cohorts('month')).toEqual([
      ['2026-10-01', 0],
      ['2026-10-01', 1],
      ['2026-10-01', 3],
      ['2026-11-01', 0],
      ['2026-11-01', 2],
      ['2027-01-01', 0],
    ])
  })

  it('tells the event that begins from the one that counts as return', async () => {
    const events = [
      ...on('p', [2], 'Signed Up'),
      ...on('p', [3, 4], 'Order Completed'),
      ...on('q', [2, 4], 'Signed Up'),
    ]
    const asked = { grain: 'day', start: 'Signed Up', return: 'Order Completed' }

    expect((await rowsOf('retention', { events }, asked)).map((row) => row.slice(0, 4))).toEqual([
      ['2026-11-02', 2, 0, 0],
      ['2026-11-02', 2, 1, 1],
      ['2026-11-02', 2, 2, 1],
    ])
  })

  it('knows a first time from before the period', async () => {
    expect(
      await rowsOf('retention', { events }, { grain: 'day', from: '2026-11-03', to: '2026-11-05' }),
    ).toEqual([
      ['2026-11-03', 1, 0, 1, 1],
      ['2026-11-03', 1, 1, 1, 1],
    ])
  })
})

describe('cohorts', () => {
  const session = (person_id: string, started_at: string, revenue: number, events = 1): Row => ({
    person_id,
    started_at,
    revenue,
    events,
  })
  const sessions = [
    session('p', '2026-09-30', 10, 4),
    session('p', '2026-11-30', 20, 2),
    session('q', '2026-09-01', 0),
    session('r', '2026-10-01', 7),
    session('r', '2026-10-02', 1),
    session('crawler', '2026-10-02', 0, 99),
  ].map((row) => ({ ...row, is_bot: row.person_id === 'crawler' }))

  it('adds up revenue by month since people were first seen', async () => {
    expect(await rowsOf('cohorts', { sessions })).toEqual([
      // p and q brought 10, nothing, 20
      ['2026-09-01', 2, 0, 2, 10, 5, 5],
      ['2026-09-01', 2, 1, 0, 0, 0, 5],
      ['2026-09-01', 2, 2, 1, 20, 10, 15],
      ['2026-10-01', 1, 0, 1, 8, 8, 8],
      ['2026-10-01', 1, 1, 0, 0, 0, 8],
    ])
  })

  it.each([
    ['sessions', [2, 0, 1, 2, 0]],
    ['events', [5, 0, 2, 2, 0]],
  ])('counts %s', async (measure, totals) => {
    expect((await rowsOf('cohorts', { sessions }, { measure })).map((row) => row[4])).toEqual(totals)
  })

  it('bears days further apart than a sequence has members', async () => {
    const far = [session('p', '1990-01-01', 10), session('p', '2026-09-01', 20)]
    const rows = await rowsOf('cohorts', { sessions: far }, { grain: 'day', periods: '2' })
    expect(rows).toEqual(
      [0, 1, 2].map((gap) => [
        '1990-01-01',
        1,
        gap,
        gap === 0 ? 1 : 0,
        gap === 0 ? 10 : 0,
        gap === 0 ? 10 : 0,
        10,
      ]),
    )
    expect(await rowsOf('cohorts', { sessions: far }, { grain: 'day', from: '2000-01-01' })).toEqual([])
  })

  it('keeps the cohort of people who were first seen before the period out of it', async () => {
    expect(await rowsOf('cohorts', { sessions }, { from: '2026-09-02', to: '2026-10-02' })).toEqual([
      ['2026-10-01', 1, 0, 1, 7, 7, 7],
    ])
  })
})

describe('active-users', () => {
  it('counts people of the day, of 7 days and of 30, and tells the new ones', async () => {
    const events = [...on('p', [1, 2]), ...on('q', [2, 9])]
    const sessions = [
      { person_id: 'p', started_at: '2026-11-01 12:00' },
      // q was here long before
      { person_id: 'q', started_at: '2026-08-01' },
    ]
    const rows = await rowsOf('active-users', { events, sessions })

    expect(rows.slice(0, 3)).toEqual([
      ['2026-11-01', 1, 1, 1, 1, 1, 0],
      ['2026-11-02', 2, 2, 2, 1, 0, 2],
      ['2026-11-03', 0, 2, 2, 0, 0, 0],
    ])
    // The 2nd is six days before the 8th and seven before the 9th.
    expect(rows.slice(7)).toEqual([
      ['2026-11-08', 0, 2, 2, 0, 0, 0],
      ['2026-11-09', 1, 1, 2, 0.5, 0, 1],
    ])
  })

  it('counts whoever has no closed session yet as new', async () => {
    expect(await rowsOf('active-users', { events: on('p', [1]) })).toEqual([['2026-11-01', 1, 1, 1, 1, 1, 0]])
  })

  it('looks back 29 days before the period, and no further', async () => {
    const events = [
      { person_id: 'p', event_time: '2026-10-02' },
      { person_id: 'q', event_time: '2026-10-01 23:59:59.999' },
      { person_id: 'r', event_time: '2026-10-31' },
    ]

    expect(
      (await rowsOf('active-users', { events }, { from: '2026-10-31', to: '2026-11-01' })).map((row) =>
        row.slice(0, 4),
      ),
    ).toEqual([['2026-10-31', 1, 1, 2]])
  })
})
