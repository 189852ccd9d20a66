import { describe, expect, it } from 'vitest'
import {
  adviceOf,
  betterOf,
  isFailure,
  judgeFigures,
  type Target,
  targets,
  verdictText,
} from '../../bench/targets.ts'

const cost: Target = { figure: 'whole pass', most: 5, unit: '× floor' }
const speed: Target = { figure: 'faster than the tutorial, signed', least: 20, unit: '×' }
const reached = { value: 10, on: '2026-11-21' }
const costBehind: Target = { ...cost, reached }
const speedBehind: Target = { ...speed, reached }

const verdictOf = (target: Target, value: number, tolerance = 0.15) => {
  const [verdict] = judgeFigures(new Map([[target.figure, value]]), { tolerance, of: [target] })
  if (verdict === undefined) throw new Error('there is one')
  return verdict
}

describe('a target', () => {
  it('that says at most is met there or below', () => {
    expect(verdictOf(cost, 4.2).state).toBe('met')
    expect(verdictOf(cost, 5).state).toBe('met')
  })

  it('is near when the figure is past it by no more than the tolerance, and beyond it fails', () => {
    expect(verdictOf(cost, 5.01).state).toBe('near')
    expect(verdictOf(cost, 5.75).state).toBe('near')
    expect(verdictOf(cost, 5.76).state).toBe('worse')
  })

  it('that says at least asks as much', () => {
    expect(verdictOf(speed, 20).state).toBe('met')
    expect(verdictOf(speed, 20 / 1.14).state).toBe('near')
    expect(verdictOf(speed, 20 / 1.16).state).toBe('worse')
  })

  it('has no tolerance when none is given', () => {
    expect(verdictOf(cost, 5.01, 0).state).toBe('worse')
  })

  it('is failed by what is no number', () => {
    for (const target of [cost, speed, costBehind, speedBehind])
      expect(verdictOf(target, Number.NaN).state).toBe('worse')
  })

  it('is failed by what was not measured', () => {
    const verdicts = judgeFigures(new Map())
    expect(verdicts.map(({ state }) => state)).toEqual(targets.map(() => 'not measured'))
    expect(verdicts.every(isFailure)).toBe(true)
  })
})

describe('a target that is missed so far', () => {
  it('is behind, and does not fail, while the figure is not worse than it was', () => {
    for (const value of [5.01, 9, 10, 11.5]) expect(verdictOf(costBehind, value).state).toBe('behind')
    for (const value of [19.9, 11, 10, 10 / 1.14]) expect(verdictOf(speedBehind, value).state).toBe('behind')
    expect(isFailure(verdictOf(costBehind, 10))).toBe(false)
  })

  it('fails once the figure is worse than it was by more than the tolerance', () => {
    expect(verdictOf(costBehind, 11.51).state).toBe('worse')
    expect(verdictOf(speedBehind, 10 / 1.16).state).toBe('worse')
    expect(isFailure(verdictOf(costBehind, 11.51))).toBe(true)
  })

  it('is met at the target itself, wherever the figure was', () => {
    expect(verdictOf(costBehind, 5).state).toBe('met')
    expect(verdictOf(speedBehind, 20).state).toBe('met')
  })

  it('advises to write down what is better than it was by more than the tolerance', () => {
    expect(adviceOf(verdictOf(costBehind, 8.6))).toContain('make that 8.60')
    expect(adviceOf(verdictOf(costBehind, 8.8))).toBeUndefined()
    expect(adviceOf(verdictOf(speedBehind, 11.6))).toContain('make that 11.60')
    expect(adviceOf(verdictOf(speedBehind, 11.4))).toBeUndefined()
    expect(adviceOf(verdictOf(costBehind, 12))).toBeUndefined()
  })

  it('advises to forget where it was once it is met', () => {
    expect(adviceOf(verdictOf(costBehind, 5))).toContain('take its "reached" out')
    expect(adviceOf(verdictOf(cost, 5))).toBeUndefined()
  })
})

describe('of two runs', () => {
  it('the better figure counts: the lesser of a cost, the greater of a speed', () => {
    const first = new Map([
      [cost.figure, 6],
      [speed.figure, 21],
    ])
    const second = new Map([
      [cost.figure, 4],
      [speed.figure, 19],
    ])
    const better = new Map([
      [cost.figure, 4],
      [speed.figure, 21],
    ])
    expect(betterOf(first, second, [cost, speed])).toEqual(better)
    expect(betterOf(second, first, [cost, speed])).toEqual(better)
  })

  it('the one that measured a figure counts', () => {
    const one = new Map([[cost.figure, 6]])
    expect(betterOf(one, new Map(), [cost, speed])).toEqual(one)
    expect(betterOf(new Map(), one, [cost, speed])).toEqual(one)
  })

  it('no number is no better', () => {
    const one = new Map([[cost.figure, 6]])
    const none = new Map([[cost.figure, Number.NaN]])
    expect(betterOf(none, one, [cost])).toEqual(one)
    expect(betterOf(one, none, [cost])).toEqual(one)
  })
})

describe('the text of a verdict', () => {
  it('says the figure, what it is and what it should be', () => {
    expect(verdictText(verdictOf(cost, 4.123))).toBe('met          whole pass: 4.12 × floor, at most 5')
  })

  it('says by how much a target is missed, and where the figure was', () => {
    expect(verdictText(verdictOf(costBehind, 11))).toBe(
      'behind       whole pass: 11.00 × floor, at most 5, missed by a factor of 2.20; 10.00 on 2026-11-21',
    )
    expect(verdictText(verdictOf(speed, 16))).toContain('at least 20, missed by a factor of 1.25')
  })
})

describe('the targets', () => {
  it('bound each figure once', () => {
    expect(new Set(targets.map(({ figure }) => figure)).size).toBe(targets.length)
  })

  it('remember where a figure was only while it is past its target', () => {
    for (const target of targets)
      if (target.reached !== undefined)
        expect(verdictOf({ ...target, reached: undefined }, target.reached.value, 0).state).toBe('worse')
  })
})
