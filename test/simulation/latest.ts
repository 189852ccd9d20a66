import { compileLatest } from '../../shared/core/latest/compile.ts'
import { defineLatest, latest } from '../../shared/core/latest/definitions.ts'

/** Entities that everybody's events speak of, so that one has its events in many lanes. */
export const simulatedLatest = compileLatest(
  defineLatest({
    listings: latest({
      of: 'B',
      key: 'properties.listing',
      version: 'properties.version',
      values: ['properties.n', 'visitor'],
      delete: { event: 'C' },
    }),
  }),
)
