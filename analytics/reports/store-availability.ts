import { defineReport, every, table } from '../../shared/core/report/definitions.ts'

/** History of every store's quarter hours: `SELECT * FROM report_store_availability WHERE is_open AND NOT is_shown`. */
export const storeAvailability = defineReport({
  name: 'store-availability',
  description: 'Per store and quarter hour: was it shown online while its schedule says open?',
  query: 'store-availability',
  parameters: { from: '{run-15m}', to: '{run}' },
  schedule: every('15m'),
  target: table('report_store_availability'),
})
