import { eventColumns } from '../../shared/core/lake/event-columns.ts'
import { sessionColumns } from '../../shared/core/lake/session-columns.ts'

const columnOf = new Map([...eventColumns, ...sessionColumns].map(({ key, name }) => [key, name]))

/** A row of any table as it goes to Firehose, by the names of its columns. */
export const rowByColumn = (line: string | Buffer) => {
  const row: object = JSON.parse(String(line))
  return Object.fromEntries(Object.entries(row).map(([key, value]) => [columnOf.get(key) ?? key, value]))
}
