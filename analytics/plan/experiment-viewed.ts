import * as Type from 'typebox'
import { defineEvent } from '../../shared/core/plan/event-spec.ts'

export const experimentViewed = defineEvent({
  name: 'Experiment Viewed',
  version: '1.0.0',
  description: 'A visitor was shown a variation of an experiment',
  properties: Type.Object({
    experiment_id: Type.String({ minLength: 1, description: 'Id of the experiment' }),
    variation_id: Type.String({ minLength: 1, description: 'Id of the variation' }),
    experiment_name: Type.Optional(Type.String({ description: 'Name of the experiment' })),
    variation_name: Type.Optional(Type.String({ description: 'Name of the variation' })),
  }),
})
