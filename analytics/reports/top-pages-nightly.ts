import { csv, defineReport, nightly } from '../../shared/core/report/definitions.ts'

/** Of the UTC day that ended two hours before. */
export const topPagesNightly = defineReport({
  name: 'top-pages-nightly',
  description: 'The hundred pages seen most on the day before',
  query: 'top-pages',
  parameters: { from: '{run-26h}', to: '{run-2h}', limit: '100' },
  schedule: nightly('02:00'),
  target: csv('top-pages'),
})
