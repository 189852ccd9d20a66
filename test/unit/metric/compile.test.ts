import { describe, expect, it } from 'vitest'
import defaults from '../../../analytics/metrics.ts'
import { compileMetrics } from '../../../shared/core/metric/compile.ts'
import {
  any,
  count,
  defineMetrics,
  max,
  quantiles,
  sessions,
  sum,
  unique,
} from '../../../shared/core/metric/definitions.ts'
import { hash64Hex } from '../../../shared/core/metric/hash64.ts'

type Fields = Record<string, string | number | boolean>
const fieldsOf = (fields: Fields) => new Map(Object.entries(fields))

const everyEvent = count({ of: any(), every: ['1m'] })

describe('compileMetrics', () => {
  it('describes metrics of events and of sessions apart, in the order of their definition', () => {
    const { descriptors, sessionDescriptors } = compileMetrics({
      events: everyEvent,
      visits: count({ of: sessions(), every: ['1h'], by: ['channel'] }),
      loads: max({ of: 'page', field: 'ms', every: ['5m'] }),
    })
    expect(descriptors).toEqual([
      { name: 'events', kind: 'count', every: ['1m'], by: [] },
      { name: 'loads', kind: 'max', every: ['5m'], by: [] },
    ])
    expect(sessionDescriptors).toEqual([{ name: 'visits', kind: 'count', every: ['1h'], by: ['channel'] }])
  })

  it.each([
    ['a page call', { type: 'page', event: 'Page Viewed' }, [0, 1, 2]],
    ['a screen call', { type: 'screen', event: 'Screen Viewed' }, [0, 1]],
    ['Page Viewed as a track call', { type: 'track', event: 'Page Viewed' }, [0, 1, 2]],
    ['another event', { type: 'track', event: 'Order Completed' }, [0, 3]],
    ['an event without a name', { type: 'identify' }, [0]],
    ['an event named as a method of objects', { type: 'track', event: 'constructor' }, [0]],
  ])('knows what concerns %s', (_, fields, expected) => {
    const { measureEvent } = compileMetrics({
      all: everyEvent,
      pages: count({ of: 'page', every: ['1m'] }),
      viewed: count({ of: 'Page Viewed', every: ['1m'] }),
      orders: count({ of: 'Order Completed', every: ['1m'] }),
      visits: count({ of: sessions(), every: ['1m'] }),
    })
    expect(measureEvent(fieldsOf(fields)).map(({ metric }) => metric)).toEqual(expected)
  })

  it('measures a session with the metrics of sessions only', () => {
    const { measureSession } = compileMetrics({
      all: everyEvent,
      visits: count({ of: sessions(), every: ['1m'], by: ['channel'] }),
      bounced: count({ of: sessions(), every: ['1m'], where: (fields) => fields.get('bounced') === true }),
    })
    expect(measureSession(fieldsOf({ channel: 'paid', bounced: false }))).toEqual([
      { metric: 0, value: 1, dims: ['paid'] },
    ])
    expect(measureSession(fieldsOf({ bounced: true }))).toEqual([
      { metric: 0, value: 1, dims: [''] },
      { metric: 1, value: 1, dims: [] },
    ])
  })

  it('gives a sum in millionths, a unique hashed, a quantile as it is', () => {
    const { measureEvent } = compileMetrics({
      revenue: sum({ of: any(), field: 'properties.revenue', every: ['1m'] }),
      visitors: unique({ of: any(), field: 'visitor', every: ['1m'] }),
      times: quantiles({ of: any(), field: 'ms', every: ['1m'] }),
    })
    expect(
      measureEvent(fieldsOf({ 'properties.revenue': 12.5, visitor: 'a:1', ms: 3.25 })).map(
        ({ value }) => value,
      ),
    ).toEqual(['12500000', hash64Hex('a:1'), 3.25])
  })

  it.each([['12.5'], [true], [Number.NaN], [Number.POSITIVE_INFINITY], [1e21], [-1e21]])(
    'takes %j for no number',
    (value) => {
      const { measureEvent } = compileMetrics({
        total: sum({ of: any(), field: 'x', every: ['1m'] }),
        most: max({ of: any(), field: 'x', every: ['1m'] }),
        spread: quantiles({ of: any(), field: 'x', every: ['1m'] }),
      })
      expect(measureEvent(fieldsOf({ x: value }))).toEqual([])
    },
  )

  it('takes a number too small for DynamoDB as 0', () => {
    const { measureEvent } = compileMetrics({ most: max({ of: any(), field: 'x', every: ['1m'] }) })
    expect(measureEvent(fieldsOf({ x: 5e-324 }))).toMatchObject([{ value: 0 }])
  })

  it('hashes each visitor, also one after another', () => {
    const { measureEvent } = compileMetrics({ v: unique({ of: any(), field: 'visitor', every: ['1m'] }) })
    const measured = (visitor: string) => measureEvent(fieldsOf({ visitor }))[0]?.value
    expect(['a:1', 'a:2', 'a:2', 'a:1'].map(measured)).toEqual(['a:1', 'a:2', 'a:2', 'a:1'].map(hash64Hex))
  })

  it('counts no visitor without an id', () => {
    const { measureEvent } = compileMetrics({ v: unique({ of: any(), field: 'visitor', every: ['1m'] }) })
    expect(measureEvent(fieldsOf({ visitor: '' }))).toEqual([])
    expect(measureEvent(fieldsOf({}))).toEqual([])
  })

  it('makes text of a dimension, of at most 128 characters, that UTF-8 can carry', () => {
    const { measureEvent } = compileMetrics({
      m: count({ of: any(), every: ['1m'], by: ['a', 'b', 'c', 'd'] }),
    })
    const fields = fieldsOf({ a: 404, b: false, c: `${'x'.repeat(127)}😀`, d: '\ud800' })
    expect(measureEvent(fields)).toMatchObject([
      { dims: ['404', 'false', `${'x'.repeat(127)}\ufffd`, '\ufffd'] },
    ])
  })
})

describe('the default metrics', () => {
  it('are well defined', () => {
    expect(() => defineMetrics(defaults)).not.toThrow()
  })

  it('say what they mean and in which unit', () => {
    const silent = Object.values(defaults).filter(
      ({ description, unit }) => description === '' || unit === '',
    )
    expect(silent).toEqual([])
  })

  it('leave crawlers out of visitors, not out of page views', () => {
    const { descriptors, measureEvent } = compileMetrics(defaults)
    const namesOf = (is_bot: boolean) =>
      measureEvent(fieldsOf({ type: 'page', visitor: 'a:1', is_bot })).map(
        ({ metric }) => descriptors[metric]?.name,
      )
    expect(namesOf(false)).toEqual(['pageViews', 'events', 'visitors', 'visitorsByCountry'])
    expect(namesOf(true)).toEqual(['pageViews', 'events'])
  })
})
