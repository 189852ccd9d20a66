import { defineReport, every, metric } from '../../shared/core/report/definitions.ts'

/** For an alarm on what clients send wrong. */
export const refusedEvents = defineReport({
  name: 'refused-events',
  description: 'Events refused in a quarter hour, by the reason they were refused for',
  query: 'bad-events',
  parameters: { from: '{run-15m}', to: '{run}' },
  schedule: every('15m'),
  target: metric('RefusedEvents', 'events', 'reason'),
})
