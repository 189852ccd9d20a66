import * as Type from 'typebox'
import { defineEvent } from '../../shared/core/plan/event-spec.ts'

export const signedUp = defineEvent({
  name: 'Signed Up',
  version: '1.0.0',
  description: 'A visitor made an account',
  properties: Type.Object({
    method: Type.Optional(
      Type.String({ description: 'HTTP method, or the way of signing up: email, google' }),
    ),
    plan: Type.Optional(Type.String({ description: 'Plan that was chosen' })),
  }),
})
