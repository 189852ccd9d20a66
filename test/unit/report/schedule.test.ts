import { describe, expect, it } from 'vitest'
import { fillIn } from '../../../shared/core/report/placeholders.ts'
import { dueRuns, durationMs, every, nightly } from '../../../shared/core/report/schedule.ts'

const time = (text: string): number => Date.parse(`2026-11-${text}Z`)
const texts = (runs: readonly number[]) => runs.map((run) => new Date(run).toISOString().slice(8, 16))
const due = (
  schedule: ReturnType<typeof every>,
  at: { now: string; last?: string; most?: number; delay?: string },
) => {
  const { runs, skipped } = dueRuns(
    { schedule, delayMs: durationMs(at.delay ?? '0m') },
    {
      throughMs: time(at.now),
      lastRun: at.last === undefined ? undefined : time(at.last),
      most: at.most ?? 96,
    },
  )
  return { runs: texts(runs), skipped }
}

describe('the runs that are due', () => {
  it('are of a report that never ran the latest alone', () => {
    expect(due(every('15m'), { now: '21T12:20' })).toEqual({ runs: ['21T12:15'], skipped: 0 })
  })

  it.each([
    ['21T12:29:59.999', []],
    ['21T12:30', ['21T12:30']],
    ['21T12:59', ['21T12:30', '21T12:45']],
  ])('are after 12:15, at %s, %j', (now, runs) => {
    expect(due(every('15m'), { now, last: '21T12:15' }).runs).toEqual(runs)
  })

  it('are caught up with, oldest first, and what was missed before is counted', () => {
    expect(due(every('1h'), { now: '21T12:00', last: '21T02:00', most: 3 })).toEqual({
      runs: ['21T10:00', '21T11:00', '21T12:00'],
      skipped: 7,
    })
  })

  it('are due when what they ask for has arrived', () => {
    expect(due(every('15m'), { now: '21T12:44', last: '21T12:00', delay: '30m' }).runs).toEqual([])
    expect(due(every('15m'), { now: '21T12:45', last: '21T12:00', delay: '30m' }).runs).toEqual(['21T12:15'])
  })

  it('are each night at the same time', () => {
    expect(due(nightly('02:00'), { now: '21T01:59', last: '19T02:00' }).runs).toEqual(['20T02:00'])
    expect(due(nightly('02:00'), { now: '21T02:00', last: '19T02:00' }).runs).toEqual([
      '20T02:00',
      '21T02:00',
    ])
  })

  it('begin anew from the last one when the schedule has changed', () => {
    expect(due(every('1h'), { now: '21T13:00', last: '21T11:45' }).runs).toEqual(['21T12:00', '21T13:00'])
    expect(due(nightly('02:00'), { now: '21T13:00', last: '21T11:45' }).runs).toEqual([])
  })

  it('are none when the clock stands before the last one', () => {
    expect(due(every('15m'), { now: '21T11:00', last: '21T12:00' })).toEqual({ runs: [], skipped: 0 })
  })
})

describe('a schedule', () => {
  it.each(['1m', '7m', '2d', '15', 'x'])('cannot be every %s', (text) => {
    expect(() => every(text)).toThrow()
  })

  it.each(['24:00', '2:00', '02:60', ''])('cannot be nightly at "%s"', (text) => {
    expect(() => nightly(text)).toThrow()
  })
})

describe('placeholders', () => {
  it.each([
    ['{run}', '2026-11-21T12:00:00.000Z'],
    ['{run-1d}', '2026-11-20T12:00:00.000Z'],
    ['{run+15m}', '2026-11-21T12:15:00.000Z'],
    ['{run-26h} to {run-2h}', '2026-11-20T10:00:00.000Z to 2026-11-21T10:00:00.000Z'],
    ['{now}', '{now}'],
  ])('%s at noon is %s', (text, expected) => {
    expect(fillIn(text, time('21T12:00'))).toBe(expected)
  })

  it('with a duration that is none is an error', () => {
    expect(() => fillIn('{run-1month}', 0)).toThrow('"1month" is no duration')
  })
})
