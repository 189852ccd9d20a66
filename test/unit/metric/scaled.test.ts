import { describe, expect, it } from 'vitest'
import {
  decimalToScaled,
  isAddable,
  scaledToDecimal,
  scaledToNumber,
  toScaled,
} from '../../../shared/core/metric/scaled.ts'

describe('toScaled', () => {
  it.each([
    [0, '0'],
    [-0, '0'],
    [12.5, '12500000'],
    [-12.5, '-12500000'],
    [0.1, '100000'],
    [1e-7, '0'],
    [-1e-7, '0'],
    [0.0000006, '1'],
    // Exactly between two millionths: away from zero.
    [0.0078125, '7813'],
    [-0.0078125, '-7813'],
    [1234567.891234, '1234567891234'],
    [999999999999999900000, '999999999999999868928000000'],
  ])('gives %d in millionths', (x, scaled) => {
    expect(toScaled(x)).toBe(scaled)
  })

  it.each([1e21, -1e21, Number.POSITIVE_INFINITY, Number.NaN])('refuses %d', (x) => {
    expect(isAddable(x)).toBe(false)
    expect(() => toScaled(x)).toThrow(RangeError)
  })
})

describe('scaledToDecimal', () => {
  it.each([
    [0n, '0'],
    [1n, '0.000001'],
    [-12_500_000n, '-12.5'],
    [3_000_000n, '3'],
    [-1n, '-0.000001'],
    [123_456_789_012_345_678_901_234_567n, '123456789012345678901.234567'],
  ])('writes %s millionths exactly, and they come back', (scaled, decimal) => {
    expect(scaledToDecimal(scaled)).toBe(decimal)
    expect(decimalToScaled(decimal)).toBe(scaled)
  })
})

describe('decimalToScaled', () => {
  it('reads an exponent, as DynamoDB may write long numbers', () => {
    expect(decimalToScaled('1.5E+3')).toBe(1_500_000_000n)
    expect(decimalToScaled('-1E-6')).toBe(-1n)
    expect(decimalToScaled('0.1000000')).toBe(100_000n)
  })

  it.each(['', 'x', '1.', '1.0000001', '0x10', '--1'])('refuses %j', (text) => {
    expect(() => decimalToScaled(text)).toThrow()
  })
})

describe('scaledToNumber', () => {
  it('is the number nearest to the sum', () => {
    expect(scaledToNumber(300_000n)).toBe(0.3)
    expect(scaledToNumber(9_007_199_254_740_993_000_001n)).toBe(9_007_199_254_740_994)
  })
})
