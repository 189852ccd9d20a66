import { describe, expect, it } from 'vitest'
import { costs, median, quantile, timed } from '../../bench/measure.ts'

describe('quantiles', () => {
  it('takes the middle one of an odd number, whatever their order', () => {
    expect(median([9, 1, 5])).toBe(5)
  })

  it('takes the mean of the middle two of an even number', () => {
    expect(median([4, 1, 10, 2])).toBe(3)
  })

  it('lies between its two neighbours in proportion', () => {
    expect(quantile([0, 10, 20, 30], 0.25)).toBe(7.5)
    expect(quantile([0, 10, 20, 30], 0)).toBe(0)
    expect(quantile([0, 10, 20, 30], 1)).toBe(30)
  })

  it('is no number when there are no values', () => {
    expect(median([])).toBeNaN()
  })

  it('leaves the values in their order', () => {
    const values = [3, 1, 2]
    median(values)
    expect(values).toEqual([3, 1, 2])
  })
})

describe('costs of things that take turns', () => {
  const round = (floorUs: number, pass: number) => ({ events: 10, floorUs, us: new Map([['pass', pass]]) })

  it('divides totals, so that a rare expensive round counts as much as it costs', () => {
    const cost = costs([round(100, 200), round(100, 200), round(100, 200), round(100, 1_000)]).get('pass')
    expect(cost?.us).toBe(40)
    expect(cost?.timesFloor).toBe(4)
  })

  it('is not moved by a machine that is slower for one of the rounds', () => {
    const alike = [round(100, 300), round(100, 300)]
    const slowed = [round(100, 300), round(700, 2_100)]
    expect(costs(slowed).get('pass')?.timesFloor).toBe(costs(alike).get('pass')?.timesFloor)
  })

  it('gives the quartiles of the ratios of the rounds', () => {
    const cost = costs([round(100, 100), round(100, 200), round(100, 300), round(100, 400), round(100, 500)])
    expect(cost.get('pass')).toMatchObject({ low: 2, middle: 3, high: 4 })
  })

  it('takes what had no turn in a round to have cost nothing there', () => {
    const rare = { events: 10, floorUs: 100, us: new Map([['mark', 50]]) }
    expect(costs<string>([rare, round(100, 200)]).get('mark')).toMatchObject({ us: 2.5, timesFloor: 0.25 })
  })
})

describe('a timed run', () => {
  it('answers what the run answers, and counts what it computes', async () => {
    const square = () => {
      let sum = 0
      for (let i = 0; i < 20_000_000; i++) sum += i % 7
      return sum
    }
    const nothing = await timed(() => 'done')
    const work = await timed(square)
    expect(nothing.answer).toBe('done')
    expect(work.answer).toBe(square())
    expect(work.us).toBeGreaterThan(nothing.us)
  })
})
