import { describe, expect, it } from 'vitest'
import { parseSchedule } from '../../local/stack/schedule-expression.ts'

const at = (time: string) => Date.parse(`2026-11-21T${time}:00Z`)

describe('a schedule', () => {
  it.each([
    ['rate(1 minute)', '00:01', true],
    ['rate(5 minutes)', '00:05', true],
    ['rate(5 minutes)', '00:06', false],
    ['rate(1 hour)', '07:00', true],
    ['rate(1 hour)', '07:01', false],
    ['cron(* * * * ? *)', '07:01', true],
    ['cron(0/15 * * * ? *)', '07:45', true],
    ['cron(0/15 * * * ? *)', '07:46', false],
    ['cron(0 3 * * ? *)', '03:00', true],
    ['cron(0 3 * * ? *)', '04:00', false],
    ['cron(10-20,40 * * * ? *)', '04:20', true],
    ['cron(10-20,40 * * * ? *)', '04:21', false],
    ['cron(0 0 21 11 ? *)', '00:00', true],
    ['cron(0 0 22 11 ? *)', '00:00', false],
    ['cron(0 0 ? * 7 *)', '00:00', true],
    ['cron(0 0 ? * 1 *)', '00:00', false],
  ])('%s at %s is due: %s', (expression, time, isDue) => {
    expect(parseSchedule(expression)(at(time))).toBe(isDue)
  })

  it('that is not known is refused', () => {
    expect(() => parseSchedule('cron(0 3 * * MON *)')).toThrow('cron(0 3 * * MON *)')
    expect(() => parseSchedule('at(2026-11-21T00:00:00)')).toThrow('rate(n minutes)')
  })
})
