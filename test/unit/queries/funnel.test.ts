import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openQueryTables, type QueryTables, type Row, testEpochMs } from '../../support/query-tables.ts'

let tables: QueryTables
beforeAll(async () => {
  tables = await openQueryTables()
})
afterAll(() => tables.close())

const minute = 60_000
const hour = 60 * minute

/** Events of a person, each at so many ms after the tests' day began. */
const took = (
  person_id: string,
  events: readonly (readonly [event: string, ms: number, more?: Row])[],
): Row[] => events.map(([event, ms, more]) => ({ person_id, event, event_time: testEpochMs + ms, ...more }))

const funnel = async (events: readonly Row[], parameters: Readonly<Record<string, string>> = {}) => {
  await tables.fill({ events })
  return tables.runQuery('funnel', { steps: 'A,B,C', within: '1h', ...parameters })
}
/** How many people took each step. */
const people = async (events: readonly Row[], parameters: Readonly<Record<string, string>> = {}) =>
  (await funnel(events, parameters)).map((row) => row.people)

describe('an ordered funnel', () => {
  it('counts people, shares and times by step', async () => {
    const answer = await funnel([
      ...took('p', [
        ['A', 0],
        ['B', 10 * minute],
        ['C', 30 * minute],
      ]),
      ...took('q', [
        ['A', 0],
        ['B', 20 * minute],
      ]),
      ...took('r', [
        ['A', 0],
        ['B', 40 * minute],
      ]),
      ...took('s', [['A', 0]]),
      ...took('t', [
        ['B', 0],
        ['C', 1],
      ]),
    ])

    expect(answer).toEqual([
      {
        segment: '(all)',
        step: 1,
        event: 'A',
        people: 4,
        of_first: 1,
        of_previous: null,
        dropped: null,
        median_ms_from_previous: null,
        median_ms_from_first: 0,
      },
      {
        segment: '(all)',
        step: 2,
        event: 'B',
        people: 3,
        // 3 / 4
        of_first: 0.75,
        of_previous: 0.75,
        dropped: 1,
        // of 10, 20 and 40 minutes
        median_ms_from_previous: 20 * minute,
        median_ms_from_first: 20 * minute,
      },
      {
        segment: '(all)',
        step: 3,
        event: 'C',
        people: 1,
        // 1 / 4 and 1 / 3
        of_first: 0.25,
        of_previous: 0.3333,
        dropped: 2,
        median_ms_from_previous: 20 * minute,
        median_ms_from_first: 30 * minute,
      },
    ])
  })

  it('takes the lower of two medians', async () => {
    const answer = await funnel([
      ...took('p', [
        ['A', 0],
        ['B', 10],
      ]),
      ...took('q', [
        ['A', 0],
        ['B', 20],
      ]),
    ])

    expect(answer[1]?.median_ms_from_previous).toBe(10)
    expect(answer[1]?.median_ms_from_first).toBe(10)
  })

  it('counts a last step exactly at the limit, and none a millisecond later', async () => {
    const at = (ms: number) =>
      took('p', [
        ['A', 0],
        ['B', 1],
        ['C', ms],
      ])

    expect(await people(at(hour))).toEqual([1, 1, 1])
    expect(await people(at(hour + 1))).toEqual([1, 1, 0])
  })

  it('measures the limit from the first step, not from the one before', async () => {
    expect(
      await people(
        took('p', [
          ['A', 0],
          ['B', 40 * minute],
          ['C', 80 * minute],
        ]),
      ),
    ).toEqual([1, 1, 0])
  })

  it('lets any start succeed: the first may be too early, the last too late', async () => {
    const early = took('p', [
      ['A', 0],
      ['A', 2 * hour],
      ['B', 2 * hour + 1],
      ['C', 2 * hour + 2],
      ['A', 9 * hour],
    ])

    expect(await people(early)).toEqual([1, 1, 1])
  })

  it('takes of the starts that get equally far the earliest', async () => {
    const [, second] = await funnel(
      took('p', [
        ['A', 0],
        ['A', 10 * minute],
        ['B', 30 * minute],
      ]),
    )

    expect(second?.median_ms_from_first).toBe(30 * minute)
  })

  it('does not let a start that fails hide one that gets less far than another', async () => {
    // From 0 only B is in time; from 50 minutes on both are.
    const events = took('p', [
      ['A', 0],
      ['A', 50 * minute],
      ['B', 55 * minute],
      ['C', 100 * minute],
    ])
    const answer = await funnel(events)

    expect(answer.map((row) => row.people)).toEqual([1, 1, 1])
    expect(answer[2]?.median_ms_from_first).toBe(50 * minute)
  })

  it('ignores steps in the wrong order and events between', async () => {
    expect(
      await people(
        took('p', [
          ['B', 0],
          ['A', 1],
          ['x', 2],
          ['C', 3],
          ['x', 4],
          ['B', 5],
        ]),
      ),
    ).toEqual([1, 1, 0])
  })

  it('takes steps at the same millisecond in either order', async () => {
    expect(
      await people(
        took('p', [
          ['C', 5],
          ['B', 5],
          ['A', 5],
        ]),
      ),
    ).toEqual([1, 1, 1])
  })

  it('needs an event of its own for each step of one name, at one instant or later', async () => {
    const steps = { steps: 'A,A,B' }

    expect(
      await people(
        took('p', [
          ['A', 0],
          ['B', 1],
        ]),
        steps,
      ),
    ).toEqual([1, 0, 0])
    expect(
      await people(
        took('p', [
          ['A', 0],
          ['A', 0],
          ['B', 0],
        ]),
        steps,
      ),
    ).toEqual([1, 1, 1])
    expect(
      await people(
        took('p', [
          ['A', 0],
          ['A', 7],
          ['B', 7],
        ]),
        steps,
      ),
    ).toEqual([1, 1, 1])
    expect(
      await people(
        took('p', [
          ['A', 0],
          ['B', 0],
          ['A', 0],
        ]),
        { steps: 'A,B,A,A' },
      ),
    ).toEqual([1, 1, 1, 0])
  })

  it('takes starts of the period, and later steps after it', async () => {
    const period = { from: '2026-11-01', to: '2026-11-02' }
    const dayMs = 24 * hour

    expect(
      await people(
        took('p', [
          ['A', 0],
          ['B', 1],
        ]),
        period,
      ),
    ).toEqual([1, 1, 0])
    expect(
      await people(
        took('p', [
          ['A', -1],
          ['B', 1],
        ]),
        period,
      ),
    ).toEqual([0, 0, 0])
    expect(
      await people(
        took('p', [
          ['A', dayMs - 1],
          ['B', dayMs + 5 * minute],
        ]),
        period,
      ),
    ).toEqual([1, 1, 0])
    expect(
      await people(
        took('p', [
          ['A', dayMs],
          ['B', dayMs + 1],
        ]),
        period,
      ),
    ).toEqual([0, 0, 0])
  })

  it('breaks down by what was known at the first step, largest first', async () => {
    const email = { channel: 'email', browser: 'Safari' }
    const events = [
      ...took('p', [
        ['A', 0, email],
        ['B', 1, { channel: 'direct' }],
      ]),
      ...took('q', [['A', 0, email]]),
      ...took('r', [
        ['A', 0, { channel: null }],
        ['B', 1],
        ['C', 2],
      ]),
    ]
    const byChannel = (await funnel(events, { by: 'channel' })).map((row) => [
      row.segment,
      row.people,
      row.dropped,
    ])

    expect(byChannel).toEqual([
      ['email', 2, null],
      ['email', 1, 1],
      ['email', 0, 1],
      ['(none)', 1, null],
      ['(none)', 1, 0],
      ['(none)', 1, 0],
    ])
    expect((await funnel(events, { by: 'browser' })).map((row) => row.segment)).toContain('Safari')
    for (const by of ['geo_country', 'device_class', 'os', 'utm_source', 'utm_campaign'])
      expect(new Set((await funnel(events, { by })).map((row) => row.segment))).toEqual(new Set(['(none)']))
  })

  it('leaves crawlers out unless they are asked for', async () => {
    const events = [...took('p', [['A', 0]]), ...took('crawler', [['A', 0, { is_bot: true }]])]

    expect(await people(events)).toEqual([1, 0, 0])
    expect(await people(events, { bots: 'with' })).toEqual([2, 0, 0])
    expect(await people(events, { bots: 'only' })).toEqual([1, 0, 0])
  })

  it('shows its steps also when nobody took them', async () => {
    const answer = await funnel([])

    expect(
      answer.map(({ step, event, people: nobody, of_first }) => [step, event, nobody, of_first]),
    ).toEqual([
      [1, 'A', 0, null],
      [2, 'B', 0, null],
      [3, 'C', 0, null],
    ])
  })

  it('takes ten steps and no more', async () => {
    const names = 'abcdefghij'.split('')
    const steps = { steps: names.join() }
    const events = took(
      'p',
      names.map((name, index) => [name, index]),
    )

    expect(await people(events, steps)).toEqual(names.map(() => 1))
    expect(await people(events.slice(0, 9), steps)).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 1, 0])
    await expect(people([], { steps: `${names.join()},k` })).rejects.toThrow('--steps takes 2 to 10 values')
    await expect(people([], { steps: 'a' })).rejects.toThrow('--steps takes 2 to 10 values')
  })
})

describe('an unordered funnel', () => {
  const order = { order: 'unordered' }

  it('takes the steps in any order within the limit', async () => {
    expect(
      await people(
        took('p', [
          ['C', 0],
          ['A', 10],
          ['B', hour],
        ]),
        order,
      ),
    ).toEqual([1, 1, 1])
    expect(
      await people(
        took('p', [
          ['C', 0],
          ['A', 10],
          ['B', hour + 1],
        ]),
        order,
      ),
    ).toEqual([1, 1, 0])
  })

  it('reaches a step with the last of the events that it takes', async () => {
    const answer = await funnel(
      took('p', [
        ['C', 0],
        ['A', 10],
        ['B', 30],
      ]),
      order,
    )

    // A at 10, A and B at 30, all three at 30.
    expect(answer.map((row) => row.median_ms_from_first)).toEqual([10, 30, 30])
    expect(answer.map((row) => row.median_ms_from_previous)).toEqual([null, 20, 0])
  })

  it('needs the first steps for a later one to count', async () => {
    expect(
      await people(
        took('p', [
          ['A', 0],
          ['C', 1],
        ]),
        order,
      ),
    ).toEqual([1, 0, 0])
    expect(
      await people(
        took('p', [
          ['B', 0],
          ['C', 1],
        ]),
        order,
      ),
    ).toEqual([0, 0, 0])
  })

  it('needs an event of its own for each step of one name', async () => {
    const steps = { ...order, steps: 'A,B,A' }

    expect(
      await people(
        took('p', [
          ['A', 0],
          ['B', 1],
        ]),
        steps,
      ),
    ).toEqual([1, 1, 0])
    expect(
      await people(
        took('p', [
          ['A', 0],
          ['A', 0],
          ['B', 0],
        ]),
        steps,
      ),
    ).toEqual([1, 1, 1])
  })
})
