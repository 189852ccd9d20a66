import * as Type from 'typebox'
import { defineEvent } from '../../shared/core/plan/event-spec.ts'

const product = Type.Object({
  product_id: Type.String({ minLength: 1 }),
  name: Type.Optional(Type.String()),
  price: Type.Optional(Type.Number({ minimum: 0 })),
  quantity: Type.Optional(Type.Integer({ minimum: 1 })),
})

export const orderCompleted = defineEvent({
  name: 'Order Completed',
  version: '1.0.0',
  description: 'A visitor paid for an order',
  properties: Type.Object({
    order_id: Type.String({ minLength: 1, description: 'Id of the order' }),
    revenue: Type.Number({ description: 'Money of the order, without shipping and tax' }),
    currency: Type.String({ pattern: '^[A-Z]{3}$', description: 'ISO 4217 code' }),
    total: Type.Optional(Type.Number({ description: 'Money of the order, shipping and tax included' })),
    shipping: Type.Optional(Type.Number({ description: 'Cost of shipping' })),
    tax: Type.Optional(Type.Number({ description: 'Tax' })),
    discount: Type.Optional(Type.Number({ description: 'Discount' })),
    coupon: Type.Optional(Type.String({ description: 'Coupon used' })),
    affiliation: Type.Optional(Type.String({ description: 'Shop or affiliate the order came through' })),
    products: Type.Optional(Type.Array(product)),
  }),
})
