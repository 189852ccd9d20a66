import { describe, expect, it } from 'vitest'
import {
  any,
  count,
  defineMetrics,
  type MetricDefinition,
  quantiles,
  sum,
} from '../../../shared/core/metric/definitions.ts'

const good = count({ of: 'page', every: ['1m'] })
const problemWith = (name: string, metric: MetricDefinition) => () => defineMetrics({ [name]: metric })
// What a definition in JavaScript, or one read from JSON, could hold.
const withGrains = (text: string): MetricDefinition => ({ ...good, every: JSON.parse(text) })

describe('defineMetrics', () => {
  it('returns what it was given when all is well', () => {
    const metrics = { pageViews: good }
    expect(defineMetrics(metrics)).toBe(metrics)
  })

  it.each([
    ['page-views', good, 'metric "page-views": a name is a letter, then up to 63 letters, digits or _'],
    [
      'account',
      good,
      'metric "account": this name is taken by the account of events received; choose another',
    ],
    ['m', withGrains('["2m"]'), 'metric "m": "every" has "2m"; use 1m, 5m, 15m, 1h or 1d'],
    ['m', withGrains('[]'), 'metric "m": "every" is empty; give at least one of 1m, 5m, 15m, 1h, 1d'],
    ['m', withGrains('["1m","1m"]'), 'metric "m": "every" names a window twice'],
    [
      'm',
      count({ of: '', every: ['1m'] }),
      'metric "m": "of" is empty; name an event, or use any() or sessions()',
    ],
    [
      'm',
      sum({ of: any(), every: ['1m'], field: '' }),
      'metric "m": "field" is ""; name a field such as properties.revenue',
    ],
    [
      'm',
      quantiles({ of: any(), every: ['1m'], field: 'a..b' }),
      'metric "m": "field" is "a..b"; name a field such as properties.revenue',
    ],
    [
      'm',
      count({ of: any(), every: ['1m'], by: ['a b'] }),
      'metric "m": "by" has "a b"; name fields such as geo_country',
    ],
    ['m', count({ of: any(), every: ['1m'], by: ['a', 'a'] }), 'metric "m": "by" names a field twice'],
    [
      'm',
      count({ of: any(), every: ['1m'], by: ['a', 'b', 'c', 'd', 'e', 'f'] }),
      'metric "m": "by" has 6 fields; 5 are the most, since each multiplies the cells',
    ],
  ])('refuses %s: %#', (name, metric, message) => {
    expect(problemWith(name, metric)).toThrow(new Error(message))
  })
})
