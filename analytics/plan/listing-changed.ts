import * as Type from 'typebox'
import { defineEvent } from '../../shared/core/plan/event-spec.ts'

export const listingChanged = defineEvent({
  name: 'Listing Changed',
  version: '1.0.0',
  description: 'A listing was published or edited; says all of it as it is now',
  properties: Type.Object({
    listing_id: Type.String({ minLength: 1, maxLength: 256, description: 'Id of the listing' }),
    version: Type.Integer({
      minimum: 0,
      maximum: Number.MAX_SAFE_INTEGER,
      description: 'Counts the changes of the listing; the highest is how it is now',
    }),
    name: Type.Optional(Type.String({ description: 'Name of the product' })),
    category: Type.Optional(Type.String({ description: 'Category of the product' })),
    price: Type.Optional(Type.Number({ minimum: 0, description: 'Price of one' })),
    currency: Type.Optional(Type.String({ pattern: '^[A-Z]{3}$', description: 'ISO 4217 code' })),
    available: Type.Optional(Type.Boolean({ description: 'True while it can be bought' })),
  }),
})
