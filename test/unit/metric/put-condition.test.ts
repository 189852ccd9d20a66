import { describe, expect, it } from 'vitest'
import { laneCondition, latestCondition, paneCondition } from '../../../shared/core/metric/put-condition.ts'
import { holds } from '../../simulation/condition.ts'
import { latestChange } from '../../support/latest-changes.ts'

const stored = (version: number, clock?: number) => ({ pk: 'any', version, clock })

describe('a pane', () => {
  it.each([
    ['absent', undefined, true],
    ['older', stored(6), true],
    ['of the same version', stored(7), false],
    ['newer', stored(8), false],
  ])('over one that is %s', (_, there, isPut) => {
    expect(holds(paneCondition({ version: 7 }), there)).toBe(isPut)
  })
})

describe('a lane', () => {
  it.each([
    ['absent', undefined, true],
    ['older, though its clock is later', stored(6, 200), true],
    ['of the same version with an earlier clock', stored(7, 99), true],
    ['of the same version without a clock', stored(7), true],
    ['of the same version with the same clock', stored(7, 100), false],
    ['newer, though its clock is earlier', stored(8, 99), false],
  ])('over one that is %s', (_, there, isPut) => {
    expect(holds(laneCondition({ version: 7, clock: 100 }), there)).toBe(isPut)
  })

  it('without a clock replaces older ones alone', () => {
    expect(holds(laneCondition({ version: 7 }), stored(7))).toBe(false)
    expect(holds(laneCondition({ version: 7 }), stored(6, 100))).toBe(true)
  })
})

describe('a latest value', () => {
  const change = (version: number) => latestChange('flat-1', version)
  const there = (version: number) => ({ pk: 'listings#flat-1', order: change(version).order })

  it.each([
    ['absent', undefined, true],
    ['older in order', there(9), true],
    ['the same', there(10), false],
    ['newer in order', there(11), false],
  ])('over one that is %s', (_, stored, isPut) => {
    expect(holds(latestCondition(change(10)), stored)).toBe(isPut)
  })
})

it('a condition that no one can read is an error', () => {
  const condition = { expression: '#version < ', names: { '#version': 'version' }, numbers: {}, texts: {} }
  expect(() => holds(condition, stored(1))).toThrow('ends early')
  expect(() => holds({ ...condition, expression: 'size(a) < size(b)' }, stored(1))).toThrow()
})
