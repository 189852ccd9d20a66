import { describe, expect, it } from 'vitest'
import {
  binOf,
  binValue,
  greatestMagnitude,
  isBin,
  leastMagnitude,
} from '../../../shared/core/metric/log-bins.ts'
import { quantiles } from '../../../shared/core/metric/quantiles.ts'

const sketchOf = (values: readonly number[]) => values.reduce(quantiles.add, quantiles.empty())

describe('quantiles', () => {
  it('are nothing of nothing', () => {
    expect(quantiles.result(quantiles.empty())).toBeNull()
  })

  it('of one value are that value exactly', () => {
    expect(quantiles.result(sketchOf([123.456]))).toEqual({
      p50: 123.456,
      p75: 123.456,
      p90: 123.456,
      p95: 123.456,
      p99: 123.456,
      min: 123.456,
      max: 123.456,
      count: 1,
    })
  })

  it('know one zero only, since JSON does', () => {
    expect(quantiles.result(sketchOf([-0]))).toMatchObject({ p50: 0, min: 0, max: 0 })
  })

  it('keep negative values through a merge', () => {
    const merged = quantiles.merge(sketchOf([-5, -5, -5]), sketchOf([-5, 10]))
    expect(quantiles.result(merged)).toMatchObject({ p50: -5, min: -5, max: 10, count: 5 })
  })

  it('keep count, min and max of values beyond the range of the bins', () => {
    expect(quantiles.result(sketchOf([1e15, -1e15, 1e-9]))).toMatchObject({ min: -1e15, max: 1e15, count: 3 })
  })

  it('take no more bins than the range allows, whatever is added', () => {
    const spread = Array.from(
      { length: 20_000 },
      (_, i) => 10 ** ((i % 600) / 10 - 30) * (i % 2 === 0 ? 1 : -1),
    )
    expect(sketchOf(spread).bins.size).toBeLessThanOrEqual(2 * 2_073 + 1)
  })

  it.each([
    '[1]',
    '{}',
    '[1,2,3]',
    '[1,2,3,0]',
    '[1,2,3,1.5]',
    '[1,2,99999,1]',
    '[1,2,0.5,1]',
    '[1,2,3,1,3,1]',
    'x',
  ])('refuse the text %s', (text) => {
    expect(() => quantiles.decode(text)).toThrow()
  })
})

describe('bins', () => {
  it('sort as their values do', () => {
    const values = [-greatestMagnitude, -1, -leastMagnitude, 0, leastMagnitude, 1, greatestMagnitude]
    const bins = values.map(binOf)
    expect(bins).toEqual(bins.toSorted((a, b) => a - b))
    expect(new Set(bins).size).toBe(values.length)
  })

  it('take magnitudes below the least as 0 and above the greatest as the greatest', () => {
    expect(binOf(leastMagnitude / 2)).toBe(0)
    expect(binOf(-leastMagnitude / 2) + 0).toBe(0)
    expect(binOf(1e20)).toBe(binOf(greatestMagnitude))
    expect(isBin(binOf(1e20))).toBe(true)
    expect(isBin(binOf(1e20) + 1)).toBe(false)
  })

  it.each([leastMagnitude, 0.001, 1, 99.9, 1e6, greatestMagnitude])('tell %d within 1 %%', (x) => {
    expect(Math.abs(binValue(binOf(x)) - x) / x).toBeLessThanOrEqual(0.010001)
    expect(binValue(binOf(-x))).toBe(-binValue(binOf(x)))
  })
})
