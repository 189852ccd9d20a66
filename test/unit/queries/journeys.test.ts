import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openQueryTables, type QueryTables, type Row, testEpochMs } from '../../support/query-tables.ts'

let tables: QueryTables
beforeAll(async () => {
  tables = await openQueryTables()
})
afterAll(() => tables.close())

/** A session whose events follow one another by a millisecond; a name with a slash is a page view of that path. */
const session = (session_id: string, steps: string): Row[] =>
  steps.split(' ').map((step, index) => ({
    session_id,
    event_time: testEpochMs + index,
    ...(step.startsWith('/') ? { page_path: step } : { event: step }),
  }))

const rowsOf = async (name: string, events: readonly Row[], parameters: Readonly<Record<string, string>>) => {
  await tables.fill({ events })
  return (await tables.runQuery(name, parameters)).map((row) => Object.values(row))
}

describe('paths', () => {
  const events = [...session('s', 'A B C'), ...session('t', 'A B A'), ...session('u', 'B A')]

  it('counts what comes next, step by step, up to the end of the session', async () => {
    // A stands four times: before B C, before B A, and twice at the end.
    expect(await rowsOf('paths', events, { event: 'A', steps: '2' })).toEqual([
      [1, '(none)', 2, 0.5],
      [1, 'B', 2, 0.5],
      [2, '(none)', 2, 0.5],
      [2, 'A', 1, 0.25],
      [2, 'C', 1, 0.25],
    ])
  })

  it('counts what came before', async () => {
    // Before the four: nothing twice, and B twice, before which stand A and nothing.
    expect(await rowsOf('paths', events, { event: 'A', steps: '2', direction: 'previous' })).toEqual([
      [1, '(none)', 2, 0.5],
      [1, 'B', 2, 0.5],
      [2, '(none)', 3, 0.75],
      [2, 'A', 1, 0.25],
    ])
  })

  it('walks from page to page, past other events, and counts screens as pages', async () => {
    const walk = [
      ...session('s', '/a Clicked /b'),
      { session_id: 's', event: 'Screen Viewed', page_path: '/c', event_time: testEpochMs + 9 },
    ]

    expect(await rowsOf('paths', walk, { of: 'page', event: '/a', steps: '2' })).toEqual([
      [1, '/b', 1, 1],
      [2, '/c', 1, 1],
    ])
  })

  it('shows the most frequent of each step only, with their share of all', async () => {
    const many = [...session('s', 'A B'), ...session('t', 'A B'), ...session('u', 'A C')]

    expect(await rowsOf('paths', many, { event: 'A', steps: '1', limit: '1' })).toEqual([[1, 'B', 2, 0.6667]])
  })

  it('takes of equal times the name that is first in the alphabet first', async () => {
    const tie = ['C', 'A', 'B'].map((event) => ({ event, session_id: 's' }))

    expect(await rowsOf('paths', tie, { event: 'A', steps: '2' })).toEqual([
      [1, 'B', 1, 1],
      [2, 'C', 1, 1],
    ])
  })

  it('leaves crawlers and other days out', async () => {
    const others = [
      ...session('s', 'A B').map((row) => ({ ...row, is_bot: true })),
      ...session('t', 'A B').map((row) => ({ ...row, event_time: testEpochMs - 1 })),
    ]

    expect(await rowsOf('paths', others, { event: 'A', from: '2026-11-01' })).toEqual([])
  })
})

describe('journeys', () => {
  it('counts the sequences in which sessions begin, repeated steps as one', async () => {
    const events = [
      ...session('s', 'A A B A C'),
      ...session('t', 'A B B A D'),
      ...session('u', 'A B'),
      ...session('v', 'B'),
    ]

    expect(await rowsOf('journeys', events, { steps: '3' })).toEqual([
      ['A > B > A', 3, 2, 0.5],
      ['A > B', 2, 1, 0.25],
      ['B', 1, 1, 0.25],
    ])
  })

  it('looks at pages by path, and shows the first ones with their share of all', async () => {
    const events = [
      ...session('s', '/a /a X /b'),
      ...session('t', '/a /b'),
      ...session('u', '/c'),
      ...session('v', 'X'),
    ]

    expect(await rowsOf('journeys', events, { of: 'page', limit: '1' })).toEqual([['/a > /b', 2, 2, 0.6667]])
  })
})

describe('drop-off', () => {
  it('says after which step sessions end', async () => {
    // Lengths without repeats: 4, 2, 2, 1.
    const events = [
      ...session('s', 'A B A C'),
      ...session('t', 'A B'),
      ...session('u', 'A A B'),
      ...session('v', 'A A A'),
    ]

    expect(await rowsOf('drop-off', events, {})).toEqual([
      [1, 4, 1, 0.25, 1],
      [2, 3, 2, 0.6667, 0.75],
      [3, 1, 0, 0, 0.25],
      [4, 1, 1, 1, 0.25],
    ])
    expect(await rowsOf('drop-off', events, { steps: '1' })).toEqual([[1, 4, 1, 0.25, 1]])
    expect(await rowsOf('drop-off', events, { steps: '3' })).toEqual([
      [1, 4, 1, 0.25, 1],
      [2, 3, 2, 0.6667, 0.75],
      [3, 1, 0, 0, 0.25],
    ])
  })

  it('bears a session of more steps than a sequence has members', async () => {
    const robot = Array.from({ length: 10_002 }, (_, step) => ({
      event: `E${step}`,
      event_time: testEpochMs + step,
    }))

    expect(await rowsOf('drop-off', robot, { steps: '2' })).toEqual([
      [1, 1, 0, 0, 1],
      [2, 1, 0, 0, 1],
    ])
  })
})
