import * as Type from 'typebox'
import { defineEvent } from '../../shared/core/plan/event-spec.ts'

export const productAdded = defineEvent({
  name: 'Product Added',
  version: '1.0.0',
  description: 'A visitor put a product into the cart',
  properties: Type.Object({
    product_id: Type.String({ minLength: 1, description: 'Id of the product' }),
    cart_id: Type.Optional(Type.String({ description: 'Id of the cart' })),
    sku: Type.Optional(Type.String({ description: 'Stock keeping unit' })),
    category: Type.Optional(Type.String({ description: 'Category of the product' })),
    name: Type.Optional(Type.String({ description: 'Name of the product' })),
    brand: Type.Optional(Type.String({ description: 'Brand of the product' })),
    price: Type.Optional(Type.Number({ minimum: 0, description: 'Price of one' })),
    quantity: Type.Optional(Type.Integer({ minimum: 1, description: 'How many' })),
    currency: Type.Optional(Type.String({ pattern: '^[A-Z]{3}$', description: 'ISO 4217 code' })),
  }),
})
