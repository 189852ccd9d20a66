import { formatTimestamp } from '../event/timestamp.ts'
import { keyOfProperty, propertyOfKey } from '../plan/property-columns.ts'
import { eventColumns, eventKeys } from './event-columns.ts'
import { sessionKeys } from './session-columns.ts'

type Row = Readonly<Record<string, unknown>>

const renamed = (row: Row, nameOf: (name: string) => string | undefined): Row =>
  Object.fromEntries(Object.entries(row).map(([name, value]) => [nameOf(name) ?? name, value]))

const turned = (keys: Readonly<Record<string, string>>): ReadonlyMap<string, string> =>
  new Map(Object.entries(keys).map(([name, key]) => [key, name]))

const keyOfEvent = new Map(Object.entries(eventKeys))
const columnOfEvent = turned(eventKeys)
const keyOfSession = new Map(Object.entries(sessionKeys))

/** A row of `events` as it goes to Firehose. */
export const eventRowByKey = (row: Row): Row =>
  renamed(row, (name) => keyOfEvent.get(name) ?? keyOfProperty(name))

/** The other way round, for whoever reads a row: by the names of the columns, times as text. */
export const eventRowByColumn = (row: Row): Row => {
  const byColumn = Object.entries(renamed(row, (key) => columnOfEvent.get(key) ?? propertyOfKey(key)))
  return Object.fromEntries(
    byColumn.map(([name, value]) => [name, timeColumns.has(name) ? asText(value) : value]),
  )
}

const timeColumns: ReadonlySet<string> = new Set(
  eventColumns.filter(({ type }) => type === 'timestamp').map(({ name }) => name),
)

const asText = (time: unknown): unknown => (typeof time === 'number' ? formatTimestamp(time) : time)

/** A row of `sessions` as it goes to Firehose. */
export const sessionRowByKey = (row: Row): Row => renamed(row, (name) => keyOfSession.get(name))
