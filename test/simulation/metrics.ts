import {
  any,
  count,
  defineMetrics,
  max,
  min,
  quantiles,
  sessions,
  sum,
  unique,
} from '../../shared/core/metric/definitions.ts'

/** One of each kind; small windows, so that a run of half an hour opens many. */
export const simulatedMetrics = defineMetrics({
  events: count({ of: any(), every: ['1m', '5m'], by: ['event'] }),
  visitors: unique({ of: any(), field: 'visitor', every: ['5m'] }),
  revenue: sum({
    of: 'Bought',
    field: 'properties.revenue',
    every: ['1m', '1d'],
    by: ['properties.currency'],
  }),
  largest: max({ of: 'Bought', field: 'properties.revenue', every: ['5m'] }),
  amounts: quantiles({ of: 'Bought', field: 'properties.revenue', every: ['5m'] }),
  visits: count({ of: sessions(), every: ['5m', '1d'] }),
  visitLength: quantiles({ of: sessions(), field: 'duration_ms', every: ['5m'] }),
})

/** What a deploy in mid-run brings: one more, one cut otherwise, and one of another kind under its old name. */
export const deployedMetrics = defineMetrics({
  ...simulatedMetrics,
  events: count({ of: any(), every: ['1m', '5m'], by: ['type'] }),
  largest: min({ of: 'Bought', field: 'properties.revenue', every: ['5m'] }),
  added: count({ of: any(), every: ['1m'] }),
})
