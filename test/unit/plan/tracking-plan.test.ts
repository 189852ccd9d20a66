import { existsSync, readdirSync } from 'node:fs'
import * as Type from 'typebox'
import { describe, expect, it } from 'vitest'
import { plan } from '../../../analytics/plan/plan.ts'
import { defineEvent, planFile } from '../../../shared/core/plan/event-spec.ts'
import { propertyColumns } from '../../../shared/core/plan/property-columns.ts'
import { createTrackingPlan } from '../../../shared/core/plan/tracking-plan.ts'

const event = (name: string, properties: Parameters<typeof Type.Object>[0]) =>
  defineEvent({ name, version: '1.0.0', description: name, properties: Type.Object(properties) })

describe('createTrackingPlan', () => {
  const tracking = createTrackingPlan([
    event('Bought', { id: Type.String(), 'a/b': Type.Optional(Type.Union([Type.String(), Type.Null()])) }),
  ])

  it('finds nothing wrong with an event that keeps to it, whatever else it has', () => {
    expect(tracking.check('Bought', { id: 'x', more: [1] })).toBeUndefined()
  })

  it('knows an event that is not in it', () => {
    expect(tracking.check('Sold', {})).toBe('unplanned')
    expect(tracking.check('constructor', {})).toBe('unplanned')
  })

  it('names each violation once, by its JSON pointer', () => {
    expect(tracking.check('Bought', { 'a/b': 5 })).toEqual([
      { code: 'bad_properties', path: '/properties/id', message: 'is missing' },
      { code: 'bad_properties', path: '/properties/a~1b', message: 'must match a schema in anyOf' },
    ])
  })

  it('names more violations than a person would count', () => {
    const names = Array.from({ length: 40 }, (_, n) => `p${n}`)
    const wide = createTrackingPlan([
      event('Wide', Object.fromEntries(names.map((name) => [name, Type.String()]))),
    ])
    expect(wide.check('Wide', Object.fromEntries(names.map((name) => [name, 1])))).toHaveLength(40)
  })

  it('refuses two events of one name', () => {
    const twice = [event('Bought', {}), event('Bought', {})]
    expect(() => createTrackingPlan(twice)).toThrow('plan/bought.ts: "Bought" is in the plan twice.')
  })
})

describe('propertyColumns', () => {
  it('has a typed column for each property that fits one', () => {
    const columns = propertyColumns([
      event('E', {
        s: Type.String({ description: 'Text' }),
        n: Type.Optional(Type.Number()),
        i: Type.Integer(),
        b: Type.Boolean(),
        list: Type.Array(Type.String()),
        things: Type.Array(Type.Object({})),
        thing: Type.Object({}),
        'Odd Name': Type.String(),
      }),
    ])
    expect(columns.map(({ name, type, comment }) => [name, type, comment])).toEqual([
      ['properties_s', 'string', 'Text'],
      ['properties_n', 'double', 'Property n'],
      ['properties_i', 'bigint', 'Property i'],
      ['properties_b', 'boolean', 'Property b'],
      ['properties_list', 'array<string>', 'Property list'],
      ['properties_odd_name', 'string', 'Property Odd Name'],
    ])
  })

  it('has one column for a property that two events share', () => {
    expect(
      propertyColumns([event('A', { id: Type.String() }), event('B', { id: Type.String() })]),
    ).toHaveLength(1)
  })

  it('names both files when two events disagree on a type', () => {
    const plan = [event('Order Completed', { id: Type.String() }), event('Signed Up', { id: Type.Number() })]
    expect(() => propertyColumns(plan)).toThrow(
      '"id" is double in plan/signed-up.ts but "id" is string in plan/order-completed.ts; ' +
        'they share one column of the lake. Give them one type or two names.',
    )
  })

  it('names both files when two spellings come to one column', () => {
    const plan = [event('A', { order_id: Type.String() }), event('B', { 'Order ID': Type.String() })]
    expect(() => propertyColumns(plan)).toThrow(/"Order ID" in plan\/b\.ts and "order_id" in plan\/a\.ts/)
  })
})

describe('the plan of analytics/', () => {
  const folder = new URL('../../../analytics/', import.meta.url)

  it('holds each event in the file of its name, and no other', () => {
    expect(
      plan.map(({ name }) => planFile(name)).filter((file) => !existsSync(new URL(file, folder))),
    ).toEqual([])
    expect(readdirSync(new URL('plan/', folder))).toHaveLength(plan.length + 1)
  })

  it('takes events as Segment’s specification has them', () => {
    const tracking = createTrackingPlan(plan)
    const order = {
      order_id: '1',
      revenue: 9.5,
      currency: 'EUR',
      products: [{ product_id: 'p', price: 9.5 }],
    }
    expect(tracking.check('Order Completed', order)).toBeUndefined()
    expect(tracking.check('Product Viewed', { product_id: 'p', price: 1, currency: 'USD' })).toBeUndefined()
    expect(tracking.check('Product Added', { product_id: 'p', quantity: 2 })).toBeUndefined()
    expect(tracking.check('Signed Up', {})).toBeUndefined()
    expect(tracking.check('Experiment Viewed', { experiment_id: 'e', variation_id: 'v' })).toBeUndefined()
    expect(
      tracking.check('Page Viewed', { path: '/', url: '/', method: 'GET', status: 200, bytes: 0 }),
    ).toBeUndefined()
  })

  it.each([
    ['eur', 1],
    ['EURO', 1],
    ['EUR', '1'],
  ])('refuses money as %j %j', (currency, revenue) => {
    expect(
      createTrackingPlan(plan).check('Order Completed', { order_id: '1', revenue, currency }),
    ).toHaveLength(1)
  })
})
