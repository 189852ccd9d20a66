import { describe, expect, it } from 'vitest'
import { readVersion } from '../../../shared/core/latest/version.ts'

const rank = (value: Parameters<typeof readVersion>[0], type: 'integer' | 'time') =>
  readVersion(value, type)?.rank

describe('an integer version', () => {
  it.each([
    [0, 0n],
    [-7, -7n],
    [Number.MAX_SAFE_INTEGER, 9_007_199_254_740_991n],
    ['9007199254740993', 9_007_199_254_740_993n],
    ['007', 7n],
    ['9'.repeat(38), BigInt('9'.repeat(38))],
  ])('%s is exact', (value, expected) => {
    expect(rank(value, 'integer')).toBe(expected)
  })

  // 9007199254740993 in JSON is 9007199254740992 once it is parsed: which of the two was sent, nobody knows.
  it.each([9_007_199_254_740_992, 1.5, 1e300, '1.0', '1e3', '', ' 1', '9'.repeat(39), true, undefined])(
    '%s is none',
    (value) => {
      expect(rank(value, 'integer')).toBeUndefined()
    },
  )

  it('is shown without what means nothing', () => {
    expect(readVersion('-007', 'integer')?.text).toBe('-7')
  })
})

describe('a version that is a time', () => {
  const second = BigInt(Date.parse('2026-11-20T12:00:00Z')) * 1_000_000n

  it.each([
    ['2026-11-20T12:00:00Z', second],
    ['2026-11-20T13:00:00+01:00', second],
    ['2026-11-20T12:00:00.1Z', second + 100_000_000n],
    ['2026-11-20T12:00:00.123456789Z', second + 123_456_789n],
    ['2026-11-20T06:30:00.000000001-05:30', second + 1n],
  ])('%s is exact to the nanosecond', (value, expected) => {
    expect(rank(value, 'time')).toBe(expected)
  })

  it.each([1_795_176_000_000, '2026-11-20', '2026-11-20T12:00:00', '2026-02-30T12:00:00Z', true, undefined])(
    '%s is none',
    (value) => {
      expect(rank(value, 'time')).toBeUndefined()
    },
  )
})
