import { lookups } from '../../analytics/lookups/lookups.ts'
import { lookupView } from '../../shared/core/lake/lookup.ts'
import type { QueryTables } from './query-tables.ts'

/** A row of store_schedules: store, country, time zone, weekdays, opens, closes. */
export type Schedule = readonly [string, string, string, string, string, string]

/** Makes the lookup store_schedules of these rows, through its CSV. */
export async function fillSchedules(tables: QueryTables, schedules: readonly Schedule[]): Promise<void> {
  const lookup = lookups.find(({ name }) => name === 'store_schedules')
  if (lookup === undefined) throw new Error('there is no lookup store_schedules')
  const header = lookup.columns.map(({ name }) => name)
  const csv = [header, ...schedules].map((row) => row.join(',')).join('\n')
  await tables.sql(`CREATE OR REPLACE VIEW store_schedules AS ${lookupView(lookup, csv)}`)
}
