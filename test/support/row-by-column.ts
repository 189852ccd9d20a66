import { formatTimestamp } from '../../shared/core/event/timestamp.ts'
import { eventColumns } from '../../shared/core/lake/event-columns.ts'
import { sessionColumns } from '../../shared/core/lake/session-columns.ts'
import { propertyOfKey } from '../../shared/core/plan/property-columns.ts'

const columnOf = new Map([...eventColumns, ...sessionColumns].map(({ key, name }) => [key, name]))

const times: ReadonlySet<string> = new Set(
  eventColumns.filter(({ type }) => type === 'timestamp').map(({ name }) => name),
)

/** A row of any table as it goes to Firehose, by the names of its columns, times as text. */
export const rowByColumn = (line: string | Buffer) => {
  const row: object = JSON.parse(String(line))
  return Object.fromEntries(
    Object.entries(row).map(([key, value]) => {
      const name = columnOf.get(key) ?? propertyOfKey(key) ?? key
      return [name, times.has(name) && typeof value === 'number' ? formatTimestamp(value) : value]
    }),
  )
}
