import { describe, expect, it } from 'vitest'
import { crowding, noiseAt } from '../../bench/crowding.ts'
import { noise } from '../../bench/targets.ts'

describe('the noise of a machine', () => {
  it.each([0, 1, 1.5])('is the least while %d want each core', (crowd) => {
    expect(noiseAt(crowd)).toBe(noise)
  })

  it('grows with how many want each core', () => {
    expect(noiseAt(2.75)).toBeCloseTo((noise + 0.5) / 2)
    expect(noiseAt(2)).toBeLessThan(noiseAt(3))
  })

  it.each([4, 16, 1000])('is no more than half when %d do', (crowd) => {
    expect(noiseAt(crowd)).toBe(0.5)
  })

  it('is read from this one', () => {
    expect(crowding()).toBeGreaterThanOrEqual(0)
    expect(crowding()).toBeLessThan(10_000)
  })
})
