import * as Type from 'typebox'
import { defineEvent } from '../../shared/core/plan/event-spec.ts'

export const productViewed = defineEvent({
  name: 'Product Viewed',
  version: '1.0.0',
  description: 'A visitor looked at the details of a product',
  properties: Type.Object({
    product_id: Type.String({ minLength: 1, description: 'Id of the product' }),
    sku: Type.Optional(Type.String({ description: 'Stock keeping unit' })),
    category: Type.Optional(Type.String({ description: 'Category of the product' })),
    name: Type.Optional(Type.String({ description: 'Name of the product' })),
    brand: Type.Optional(Type.String({ description: 'Brand of the product' })),
    price: Type.Optional(Type.Number({ minimum: 0, description: 'Price of one' })),
    currency: Type.Optional(Type.String({ pattern: '^[A-Z]{3}$', description: 'ISO 4217 code' })),
  }),
})
