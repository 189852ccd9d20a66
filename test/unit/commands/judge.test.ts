import { describe, expect, it } from 'vitest'
import {
  type Counts,
  type HourCounts,
  LaneCounts,
  type LanePlace,
  noEvents,
  total,
} from '../../../commands/reconcile/counts.ts'
import { judge as judgeSides } from '../../../commands/reconcile/judge.ts'
import { accountJson, accountText } from '../../../commands/reconcile/report.ts'

const counts = (hour: Partial<HourCounts>, totals: Record<string, number> = {}): Counts => ({
  hours: new Map([['2026-11-21T04', { ...noEvents, ...hour }]]),
  lanes: new LaneCounts(),
  totals: new Map(Object.entries(totals)),
})
const nothing: Counts = { hours: new Map(), lanes: new LaneCounts(), totals: new Map() }
const judge = (sides: Parameters<typeof judgeSides>[0]) => judgeSides(sides, { panesWait: false })
const still = (side: Counts) => ({ before: side, after: side })

describe('judge', () => {
  it('finds equal sides right', () => {
    const side = counts({ received: 5, accepted: 3, quarantined: 1, duplicate: 1 }, { sessions: 2 })
    expect(judge({ ...still(side), lake: side })).toMatchObject({ isRight: true, differences: [] })
  })

  it.each([
    [{ received: 4, accepted: 3 }, 'raw lacks 1'],
    [{ received: 6, accepted: 3 }, 'raw has 1 too many'],
    [{ received: 5, accepted: 2 }, 'events lacks 1'],
    [{ received: 5, accepted: 3, quarantined: 1 }, 'bad_events has 1 too many'],
  ])('sees that a lake with %j is wrong', (lake, remark) => {
    const verdict = judge({ ...still(counts({ received: 5, accepted: 3 })), lake: counts(lake) })
    expect(verdict.isRight).toBe(false)
    expect(accountText(verdict)).toContain(remark)
    expect(accountText(verdict)).toContain('IT DOES NOT ADD UP')
  })

  it('sees an hour that only one side knows', () => {
    expect(judge({ ...still(nothing), lake: counts({ accepted: 1 }) }).isRight).toBe(false)
    expect(judge({ ...still(counts({ accepted: 1 })), lake: nothing }).isRight).toBe(false)
  })

  it('sees a total that differs', () => {
    const verdict = judge({
      ...still(counts({}, { 'metric orders': 3 })),
      lake: counts({}, { 'metric orders': 4 }),
    })
    expect(verdict.isRight).toBe(false)
  })

  it('lets a lake be anywhere between two counts while events flow, and not beyond', () => {
    const [before, after] = [counts({ received: 5 }), counts({ received: 8 })]
    const isRight = (received: number) => judge({ before, after, lake: counts({ received }) }).isRight
    expect([4, 5, 7, 8, 9].map(isRight)).toEqual([false, true, true, true, false])
  })

  it('takes what the lake has received beyond the other tables for duplicates only when nothing flows', () => {
    const [before, after] = [
      counts({ received: 5, duplicate: 1 }, { [total.duplicate]: 1 }),
      counts({ received: 8, duplicate: 1 }, { [total.duplicate]: 1 }),
    ]
    const lake = counts({ received: 8, duplicate: 4 }, { [total.duplicate]: 4 })
    expect(judge({ before, after, lake }).isRight).toBe(true)
    expect(judge({ ...still(after), lake }).isRight).toBe(false)
  })
})

describe('a stage that holds panes back', () => {
  const day: LanePlace = { window: '2026-11-21', lane: 2, name: total.metric('orders') }
  const side = (received: number, orders: number): Counts => {
    const of = counts({ received }, { [total.metric('orders')]: orders })
    of.lanes.add(day, orders)
    return of
  }

  it('is judged by its metrics when nothing flows, and while events flow by its account alone', () => {
    const [before, after, lake] = [side(5, 1), side(8, 1), side(8, 3)]
    const of = { panesWait: true }
    expect(judgeSides({ before, after, lake }, of).differences).toEqual([])
    expect(judgeSides({ before, after, lake: side(9, 3) }, of).differences).toMatchObject([
      { name: 'received' },
    ])
    const names = judgeSides({ ...still(after), lake }, of).differences.map(({ name }) => name)
    expect(names).toEqual(['metric orders', 'metric orders'])
    expect(judge({ before, after, lake }).isRight).toBe(false)
  })
})

describe('the differences', () => {
  const inLanes = (...places: readonly [LanePlace, number][]): Counts => {
    const lanes = new LaneCounts()
    for (const [place, count] of places) lanes.add(place, count)
    return { ...nothing, lanes }
  }
  const at = (window: string, lane: number, name: string): LanePlace => ({ window, lane, name })
  const firstOf = (counted: Counts, lake: Counts) =>
    JSON.parse(accountJson(judge({ ...still(counted), lake }))).first

  it('name the lane though the sum of the hour is right', () => {
    const verdict = judge({
      ...still(inLanes([at('2026-11-21T04', 1, 'accepted'), 2], [at('2026-11-21T04', 2, 'accepted'), 3])),
      lake: inLanes([at('2026-11-21T04', 1, 'accepted'), 3], [at('2026-11-21T04', 2, 'accepted'), 2]),
    })
    expect(verdict.isRight).toBe(false)
    expect(accountText(verdict)).toContain(
      'first difference: hour 2026-11-21 04:00, lane 1: accepted, 2 counted, 3 in the lake',
    )
  })

  it('begin with the earliest hour, and in it with the lowest lane', () => {
    const counted = inLanes(
      [at('2026-11-21T05', 0, 'accepted'), 1],
      [at('2026-11-21T04', 10, 'accepted'), 1],
      [at('2026-11-21T04', 9, 'quarantined'), 1],
    )
    expect(firstOf(counted, nothing)).toMatchObject({ window: '2026-11-21T04', lane: 9, name: 'quarantined' })
  })

  it('begin with the account, whose hours are of arrival, before metrics of earlier hours', () => {
    const counted = inLanes(
      [at('2020-01-01T00', 0, 'metric orders'), 1],
      [at('2026-11-21T04', 3, 'accepted'), 1],
    )
    expect(firstOf(counted, nothing)).toMatchObject({ window: '2026-11-21T04', lane: 3 })
  })

  it('name a place that only the lake knows', () => {
    const lake = inLanes([at('2026-11-21T04', 7, 'metric visits'), 1])
    expect(firstOf(nothing, lake)).toMatchObject({ lane: 7, counted: 0, lake: 1 })
  })

  it('name the hour alone when a record is missing in the raw archive, where lanes are not known', () => {
    const first = firstOf(counts({ received: 2, accepted: 2 }), counts({ received: 1, accepted: 2 }))
    expect(first).toMatchObject({ window: '2026-11-21T04', name: 'received' })
    expect(first).not.toHaveProperty('lane')
  })
})
