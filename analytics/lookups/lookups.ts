import type { Lookup } from '../../shared/core/lake/lookup.ts'

/** Small tables that queries join, each with its rows in a CSV beside this file: store_schedules in store-schedules.csv. */
export const lookups: readonly Lookup[] = [
  {
    name: 'store_schedules',
    comment: 'When each store is open; a store has a row for each of its hours of opening',
    columns: [
      {
        name: 'store_id',
        type: 'string',
        comment: 'Id of the store, as events have it in properties_store_id',
      },
      { name: 'country', type: 'string', comment: 'ISO 3166-1 alpha-2 code' },
      {
        name: 'time_zone',
        type: 'string',
        comment: 'Whose clock opens and closes are read on: Europe/Berlin',
      },
      { name: 'weekdays', type: 'string', comment: 'Days on which it opens then, 1 (Monday) to 7: 12345' },
      { name: 'opens', type: 'string', comment: 'HH:MM' },
      {
        name: 'closes',
        type: 'string',
        comment: 'HH:MM, to 24:00; the next day when it is not after opens, so equal times are a whole day',
      },
    ],
  },
]
