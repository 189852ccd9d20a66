import { describe, expect, it } from 'vitest'
import { accountOf } from '../../../local/page/account.js'
import { lonely, parts, ranked, ratio, sums, totalOf } from '../../../local/page/series.js'

const minuteMs = 60_000

function windowAt(minute: number, cells: { by: Record<string, string>; value: number }[], complete = true) {
  return { start: minute * minuteMs, end: (minute + 1) * minuteMs, complete, cells }
}

const answer = {
  grain: '1m',
  windows: [
    windowAt(0, [
      { by: { event: 'a' }, value: 5 },
      { by: { event: 'b' }, value: 2 },
    ]),
    windowAt(1, []),
    windowAt(
      2,
      [
        { by: { event: 'c' }, value: 4 },
        { by: { event: 'b' }, value: 1 },
      ],
      false,
    ),
  ],
}

describe('sums', () => {
  it('adds the cells of each window, an empty one being zero', () => {
    const frame = sums(answer, { label: 'events' })
    expect(frame.series).toEqual([{ label: 'events', values: [7, 0, 5] }])
    expect(totalOf(frame)).toBe(12)
  })

  it('keeps where each window starts and which are still open', () => {
    const { starts, open, stepMs } = sums(answer, { label: 'events' })
    expect({ starts, open, stepMs }).toEqual({
      starts: [0, minuteMs, 2 * minuteMs],
      open: [false, false, true],
      stepMs: minuteMs,
    })
  })

  it('draws a line for each value of a dimension, the largest first', () => {
    expect(sums(answer, { label: 'events', by: 'event' }).series).toEqual([
      { label: 'a', values: [5, 0, 0] },
      { label: 'c', values: [0, 0, 4] },
      { label: 'b', values: [2, 0, 1] },
    ])
  })

  it('puts what is beyond the top into one line, so that nothing is lost', () => {
    expect(sums(answer, { label: 'events', by: 'event', top: 2 }).series).toEqual([
      { label: 'a', values: [5, 0, 0] },
      { label: 'other', values: [2, 0, 5] },
    ])
  })

  it('has no lines to break down when nothing happened', () => {
    expect(sums({ grain: '1m', windows: [windowAt(0, [])] }, { label: 'x', by: 'event' }).series).toEqual([])
  })
})

describe('parts', () => {
  it('draws each part of a value, and nothing where there was none', () => {
    const windows = [
      { ...windowAt(0, []), cells: [{ by: {}, value: { p50: 10, p90: 40 } }] },
      { ...windowAt(1, []), cells: [{ by: {}, value: null }] },
      windowAt(2, []),
    ]
    expect(parts({ grain: '1m', windows }, ['p50', 'p90']).series).toEqual([
      { label: 'p50', values: [10, null, null] },
      { label: 'p90', values: [40, null, null] },
    ])
  })
})

describe('ratio', () => {
  it('divides window by window, and has no value where it would divide by zero', () => {
    const all = sums(answer, { label: 'all' })
    const some = sums(
      { grain: '1m', windows: [windowAt(0, [{ by: {}, value: 3.5 }]), windowAt(1, []), windowAt(2, [])] },
      { label: 'some' },
    )
    expect(ratio(some, all, 'share').series).toEqual([{ label: 'share', values: [0.5, null, 0] }])
  })
})

describe('ranked', () => {
  it('merges cells of one value, leaves out zeros and orders equals by name', () => {
    const cells = [
      { by: { country: 'SE', channel: 'x' }, value: 1 },
      { by: { country: 'DE', channel: 'x' }, value: 2 },
      { by: { country: 'SE', channel: 'y' }, value: 1 },
      { by: { country: 'FR', channel: 'y' }, value: 0 },
    ]
    expect(ranked(cells, 'country')).toEqual([
      { name: 'DE', value: 2 },
      { name: 'SE', value: 2 },
    ])
  })
})

describe('lonely', () => {
  it('finds the values that stand between gaps or edges', () => {
    expect(lonely([1, null, 2, 3, null, 4])).toEqual([0, 5])
    expect(lonely([null, 0, null])).toEqual([1])
    expect(lonely([])).toEqual([])
  })
})

describe('the account', () => {
  it('adds up, and lists the reasons of quarantine alone', () => {
    const cell = (outcome: string, reason: string, value: number) => ({ by: { outcome, reason }, value })
    const windows = [
      windowAt(0, [cell('accepted', '', 90), cell('quarantined', 'plan_violation', 3)]),
      windowAt(1, [cell('quarantined', 'missing_id', 5), cell('duplicate', '', 2)]),
    ]
    expect(accountOf({ grain: '1m', windows })).toEqual({
      received: 100,
      accepted: 90,
      quarantined: 8,
      duplicate: 2,
      reasons: [
        { name: 'missing_id', value: 5 },
        { name: 'plan_violation', value: 3 },
      ],
    })
  })
})
