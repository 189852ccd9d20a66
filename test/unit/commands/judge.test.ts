import { describe, expect, it } from 'vitest'
import type { Counts, HourCounts } from '../../../commands/reconcile/counts.ts'
import { judge } from '../../../commands/reconcile/judge.ts'
import { accountText } from '../../../commands/reconcile/report.ts'

const counts = (hour: Partial<HourCounts>, totals: Record<string, number> = {}): Counts => ({
  hours: new Map([['2026-11-21T04', { received: 0, accepted: 0, quarantined: 0, ...hour }]]),
  totals: new Map(Object.entries(totals)),
})
const still = (side: Counts) => ({ before: side, after: side })

describe('judge', () => {
  it('finds equal sides right', () => {
    const side = counts({ received: 5, accepted: 3, quarantined: 1 }, { sessions: 2 })
    expect(judge({ ...still(side), lake: side }).isRight).toBe(true)
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
    const none: Counts = { hours: new Map(), totals: new Map() }
    expect(judge({ ...still(none), lake: counts({ accepted: 1 }) }).isRight).toBe(false)
    expect(judge({ ...still(counts({ accepted: 1 })), lake: none }).isRight).toBe(false)
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
})
