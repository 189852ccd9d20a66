import type { MetricDescriptor } from './contribution.ts'

/**
 * The account of every event received, in windows of `receivedAt`: received = the sum of its cells.
 * outcome: accepted | quarantined | duplicate. reason: '' or the first reason code of the bad row.
 */
export const accountDescriptor: MetricDescriptor = {
  name: 'account',
  kind: 'count',
  every: ['1m', '1h'],
  by: ['outcome', 'reason'],
}
