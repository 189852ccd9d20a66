import { type AcceptedEvent, type MetricFields, originText } from '../event/outcome.ts'
import { type LatestChange, orderOf } from './change.ts'
import { type LatestDefinition, type LatestTables, valueName } from './definitions.ts'
import { readVersion } from './version.ts'

/** What an event says of the entities of the latest value tables: pure, and the same for the same event. */
export type LatestOf = (
  event: Pick<AcceptedEvent, 'origin' | 'receivedAt' | 'eventTime' | 'fields'>,
) => readonly LatestChange[]

/** In characters. A longer key is none: cutting it would make one entity of two. */
export const maxKeyLength = 256
/** Of the values of an entity as JSON: they travel beside the row of their event, and wait in memory to be published. */
export const maxValueBytes = 4_096

type Named = { readonly name: string; readonly table: LatestDefinition }

export const compileLatest = (tables: LatestTables): LatestOf => {
  const byEvent = new Map<string, Named[]>()
  for (const [name, table] of Object.entries(tables)) {
    const removal = table.delete !== undefined && 'event' in table.delete ? [table.delete.event] : []
    for (const event of [table.of, ...removal])
      byEvent.set(event, [...(byEvent.get(event) ?? []), { name, table }])
  }
  return (event) => {
    const name = event.fields.get('event')
    const concerned = typeof name === 'string' ? byEvent.get(name) : undefined
    return concerned?.flatMap(({ name, table }) => changeOf(name, table, event) ?? []) ?? none
  }
}

const none: readonly LatestChange[] = []

const changeOf = (
  table: string,
  definition: LatestDefinition,
  { origin, receivedAt, eventTime, fields }: Parameters<LatestOf>[0],
): LatestChange | undefined => {
  const key = keyOf(fields.get(definition.key))
  const version = readVersion(fields.get(definition.version), definition.versionType)
  if (key === undefined || version === undefined) return undefined
  const order = orderOf({ rank: version.rank, eventTime, origin: originText(origin) })
  const change = { table, key, version: version.text, order, eventTime }
  if (!isDeletion(definition, fields)) return { ...change, deleted: false, ...valuesOf(definition, fields) }
  const days = definition.forgetDeletedAfterDays
  return {
    ...change,
    deleted: true,
    values: {},
    leftOut: [],
    ...(days !== undefined && { expiresAt: Math.ceil(receivedAt / 1000) + days * 86_400 }),
  }
}

const keyOf = (value: string | number | boolean | undefined): string | undefined => {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? String(value) : undefined
  if (typeof value !== 'string' || value === '') return undefined
  return value.length <= maxKeyLength || [...value].length <= maxKeyLength ? value : undefined
}

const isDeletion = ({ delete: deletion }: LatestDefinition, fields: MetricFields): boolean => {
  if (deletion === undefined) return false
  if ('event' in deletion) return fields.get('event') === deletion.event
  return String(fields.get(deletion.field)) === String(deletion.is)
}

/** A value that does not fit is left out whole, and named: a cut one would be a wrong one. */
const valuesOf = (
  { values: paths }: LatestDefinition,
  fields: MetricFields,
): Pick<LatestChange, 'values' | 'leftOut'> => {
  const values: Record<string, string | number | boolean> = {}
  const leftOut: string[] = []
  let bytes = 0
  for (const path of paths) {
    const value = fields.get(path)
    if (value === undefined) continue
    const size = Buffer.byteLength(JSON.stringify(value))
    if (bytes + size > maxValueBytes || !isStorable(value)) {
      leftOut.push(valueName(path))
      continue
    }
    bytes += size
    values[valueName(path)] = value
  }
  return { values, leftOut }
}

/** DynamoDB's numbers end at 10^126, and nothing lies between 0 and 10^-130. */
const isStorable = (value: string | number | boolean): boolean =>
  typeof value !== 'number' || value === 0 || (Math.abs(value) < 1e125 && Math.abs(value) > 1e-125)
