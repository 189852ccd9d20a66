import { describe, expect, it } from 'vitest'
import type { FigureName } from '../../bench/part.ts'
import { isMissed, judgeFigures, targets, verdictText } from '../../bench/targets.ts'

const verdictOf = (figure: FigureName, value: number, tolerance = 0.15) => {
  const verdict = judgeFigures(new Map([[figure, value]]), tolerance).find(
    ({ target }) => target.figure === figure,
  )
  if (verdict === undefined) throw new Error(`no target for ${figure}`)
  return verdict
}

describe('targets', () => {
  it('meets one that says at most by being there or below', () => {
    expect(verdictOf('whole pass', 4.2).state).toBe('met')
    expect(verdictOf('whole pass', 5).state).toBe('met')
  })

  it('is near one when past it by no more than the tolerance, and misses it beyond', () => {
    expect(verdictOf('whole pass', 5.01).state).toBe('near')
    expect(verdictOf('whole pass', 5.75).state).toBe('near')
    expect(verdictOf('whole pass', 5.76).state).toBe('missed')
  })

  it('asks as much of one that says at least', () => {
    const signed = 'faster than the tutorial, signed'
    expect(verdictOf(signed, 20).state).toBe('met')
    expect(verdictOf(signed, 20 / 1.14).state).toBe('near')
    expect(verdictOf(signed, 20 / 1.16).state).toBe('missed')
  })

  it('has no tolerance when none is given', () => {
    expect(verdictOf('whole pass', 5.01, 0).state).toBe('missed')
  })

  it('misses every target with what is no number', () => {
    for (const { figure } of targets) expect(verdictOf(figure, Number.NaN).state).toBe('missed')
  })

  it('counts what was not measured as missed', () => {
    const verdicts = judgeFigures(new Map())
    expect(verdicts.map(({ state }) => state)).toEqual(targets.map(() => 'not measured'))
    expect(verdicts.every(isMissed)).toBe(true)
  })

  it('fails on a miss alone', () => {
    expect(isMissed(verdictOf('whole pass', 4))).toBe(false)
    expect(isMissed(verdictOf('whole pass', 5.5))).toBe(false)
    expect(isMissed(verdictOf('whole pass', 6))).toBe(true)
  })

  it('says the figure, what it is and what it should be', () => {
    expect(verdictText(verdictOf('whole pass', 6.123))).toBe(
      'missed       whole pass: 6.12 × floor, at most 5',
    )
    expect(verdictText(verdictOf('faster than the tutorial, send stubbed', 3))).toContain('at least 2.5')
  })

  it('bounds each figure once, and on one side', () => {
    expect(new Set(targets.map(({ figure }) => figure)).size).toBe(targets.length)
    for (const { most, least } of targets)
      expect([most, least].filter((bound) => bound !== undefined)).toHaveLength(1)
  })
})
