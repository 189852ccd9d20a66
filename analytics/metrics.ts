import {
  any,
  count,
  defineMetrics,
  quantiles,
  sessions,
  sum,
  unique,
} from '../shared/core/metric/definitions.ts'

/**
 * What is counted while events stream in. Each entry is a chart on the page and a path of the query API:
 * `GET /v1/metrics/pageViews?grain=1m&by=geo_country`. A dimension multiplies the cells of a pane, of which the first
 * 1,000 have a row of their own: use fields with few values, and Athena for the rest.
 */
export default defineMetrics({
  pageViews: count({
    of: 'page',
    every: ['1m', '1h', '1d'],
    by: ['geo_country', 'channel'],
    description: 'Pages and screens seen, by country and channel',
    unit: 'views',
  }),
  events: count({
    of: any(),
    every: ['1m', '1h', '1d'],
    by: ['event'],
    description: 'Accepted events, by name',
    unit: 'events',
  }),
  visitors: unique({
    of: any(),
    field: 'visitor',
    every: ['1m', '1h', '1d'],
    where: (fields) => fields.get('is_bot') !== true,
    description: 'Distinct visitors, crawlers left out',
    unit: 'visitors',
  }),
  visitorsByCountry: unique({
    of: any(),
    field: 'visitor',
    every: ['1h', '1d'],
    by: ['geo_country'],
    where: (fields) => fields.get('is_bot') !== true,
    description: 'Distinct visitors by country, crawlers left out',
    unit: 'visitors',
  }),
  visits: count({
    of: sessions(),
    every: ['1m', '1h', '1d'],
    by: ['channel', 'geo_country', 'device_class'],
    description: 'Sessions by the time they started',
    unit: 'sessions',
  }),
  bouncedVisits: count({
    of: sessions(),
    every: ['1m', '1h', '1d'],
    by: ['channel', 'geo_country', 'device_class'],
    where: (fields) => fields.get('bounced') === true,
    description: 'Sessions that ended after one look; the bounce rate is bouncedVisits / visits',
    unit: 'sessions',
  }),
  visitDuration: quantiles({
    of: sessions(),
    field: 'duration_ms',
    every: ['1m', '1h', '1d'],
    description: 'From the first to the last event of a session',
    unit: 'ms',
  }),
  orders: count({
    of: 'Order Completed',
    every: ['1m', '1h', '1d'],
    by: ['channel', 'geo_country'],
    description: 'Orders completed, by channel and country',
    unit: 'orders',
  }),
  revenue: sum({
    of: 'Order Completed',
    field: 'properties.revenue',
    every: ['1m', '1h', '1d'],
    by: ['properties.currency', 'channel'],
    description: 'Revenue of completed orders; add up only what is in one currency',
    unit: 'currency',
  }),
})
