import * as Type from 'typebox'
import { defineEvent } from '../../shared/core/plan/event-spec.ts'

export const storeViewed = defineEvent({
  name: 'Store Viewed',
  version: '1.0.0',
  description: 'A store was shown to a visitor, on a page of its own or in a list',
  properties: Type.Object({
    store_id: Type.String({ minLength: 1, description: 'Id of the store, as in the lookup store_schedules' }),
    store_name: Type.Optional(Type.String({ description: 'Name of the store' })),
  }),
})
