import * as Type from 'typebox'
import { defineEvent } from '../../shared/core/plan/event-spec.ts'

export const listingRemoved = defineEvent({
  name: 'Listing Removed',
  version: '1.0.0',
  description: 'A listing was taken down for good',
  properties: Type.Object({
    listing_id: Type.String({ minLength: 1, maxLength: 256, description: 'Id of the listing' }),
    version: Type.Integer({
      minimum: 0,
      maximum: Number.MAX_SAFE_INTEGER,
      description: 'Counts the changes of the listing; the highest is how it is now',
    }),
  }),
})
