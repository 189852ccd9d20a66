import { describe, expect, it } from 'vitest'
import {
  formatCode,
  formatCount,
  formatCountry,
  formatDuration,
  formatShare,
  formatShort,
  formatShortDuration,
  moneyIn,
} from '../../../local/page/format.js'

describe('formats', () => {
  it.each([
    [0, '0'],
    [1234567, '1,234,567'],
    [null, '–'],
    [undefined, '–'],
    [Number.NaN, '–'],
  ])('writes the count %s as %s', (value, text) => {
    expect(formatCount(value)).toBe(text)
  })

  it('shortens what stands on an axis', () => {
    expect([0, 950, 1_500, 2_000_000].map((value) => formatShort(value))).toEqual(['0', '950', '1.5K', '2M'])
  })

  it.each([
    [0, '0 %'],
    [0.004, '0.4 %'],
    [0.099, '9.9 %'],
    [0.0996, '10 %'],
    [0.1, '10 %'],
    [1, '100 %'],
  ])('writes the share %s as %s', (value, text) => {
    expect(formatShare(value)).toBe(text)
  })

  it.each([
    [0, '0 s'],
    [59_499, '59 s'],
    [59_500, '1 min 00 s'],
    [3_599_000, '59 min 59 s'],
    [3_600_000, '1 h 00 min'],
  ])('writes a duration of %s ms as %s', (value, text) => {
    expect(formatDuration(value)).toBe(text)
  })

  it('writes the marks of an axis of durations in the unit that fits', () => {
    const marks = [0, 30_000, 120_000, 90_000, 7_200_000]
    expect(marks.map((value) => formatShortDuration(value))).toEqual(['0', '30s', '2m', '90s', '2h'])
  })

  it('writes money with the sign of its currency, and without one when it has none', () => {
    expect(moneyIn('EUR')(1234.5)).toBe('€1,235')
    expect(moneyIn('')(12)).toBe('12')
    expect(moneyIn('(other)')(12)).toBe('12')
  })

  it('names countries, and leaves what is none as it is', () => {
    expect(['DE', '', '(other)', 'ZZZ'].map(formatCountry)).toEqual([
      'Germany',
      '(unknown)',
      '(other)',
      'ZZZ',
    ])
  })

  it('writes reasons in words', () => {
    expect(formatCode('plan_violation')).toBe('plan violation')
  })
})
