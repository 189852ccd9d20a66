import * as Type from 'typebox'
import { defineEvent } from '../../shared/core/plan/event-spec.ts'

export const orderRefunded = defineEvent({
  name: 'Order Refunded',
  version: '1.0.0',
  description: 'An order was given back, in whole or in part',
  properties: Type.Object({
    order_id: Type.String({ minLength: 1, description: 'Id of the order' }),
    revenue: Type.Optional(
      Type.Number({ description: 'Money given back, without shipping and tax; either sign' }),
    ),
    total: Type.Optional(Type.Number({ description: 'Money given back, shipping and tax included' })),
    currency: Type.Optional(Type.String({ pattern: '^[A-Z]{3}$', description: 'ISO 4217 code' })),
  }),
})
