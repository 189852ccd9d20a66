import { type LatestVersionType, latestVersionTypes } from './version.ts'

/** What ends an entity: an event of its own, or a field of the event that says so. */
export type LatestDelete =
  | { readonly event: string }
  | { readonly field: string; readonly is: string | boolean }

export type LatestDefinition = {
  /** Name of the event that says how an entity is now, `'Listing Changed'`. */
  readonly of: string
  /** Field that names the entity: text, or an integer that JSON carries exactly. */
  readonly key: string
  /** Field by which the newest event of an entity is known; the event of a deletion has it too. */
  readonly version: string
  /** `integer` (up to 38 digits; above 2^53 as text), or `time` (RFC 3339 with its zone, to the nanosecond). */
  readonly versionType: LatestVersionType
  /** Fields that are kept, together up to `maxValueBytes`. */
  readonly values: readonly string[]
  readonly delete: LatestDelete | undefined
  /** undefined: a deleted entity is remembered for ever. */
  readonly forgetDeletedAfterDays: number | undefined
  readonly description: string
}

export type LatestTables = Readonly<Record<string, LatestDefinition>>

type Options = Pick<LatestDefinition, 'of' | 'key' | 'version' | 'values'> & {
  readonly versionType?: LatestVersionType
  readonly delete?: LatestDelete
  /**
   * After so many days nothing is left of a deleted entity, and an older event of it that comes later still brings it
   * back. Worth it only where keys are never used again and there are very many; clients that were offline set the bound.
   */
  readonly forgetDeletedAfterDays?: number
  readonly description?: string
}

/** The newest version of each entity: read by key from `GET /v1/latest/{table}/{key}`, all of them in the lake's view. */
export const latest = (options: Options): LatestDefinition => ({
  of: options.of,
  key: options.key,
  version: options.version,
  versionType: options.versionType ?? 'integer',
  values: options.values,
  delete: options.delete,
  forgetDeletedAfterDays: options.forgetDeletedAfterDays,
  description: options.description ?? '',
})

/** Names the tables and checks them; throws one clear line for the first that is wrong. */
export const defineLatest = <T extends LatestTables>(tables: T): T => {
  for (const [name, table] of Object.entries(tables)) {
    const problem = problemOf(name, table)
    if (problem !== undefined) throw new Error(`latest "${name}": ${problem}`)
  }
  return tables
}

/** The raw stream and the lane stream keep up to a week each, and each may be read again from its start. */
const leastDaysOfDeleted = 15

const namePattern = /^[a-z][a-z0-9_]{0,63}$/
// Only what is written alike in a JSON path of Athena and of DuckDB.
const fieldPattern = /^(?:[a-z][a-z0-9_]*|(?:properties|traits|context)(?:\.[A-Za-z_][A-Za-z0-9_]*)+)$/
const ownColumns: readonly string[] = ['key', 'version', 'event_time', 'origin', 'deleted']

const problemOf = (name: string, table: LatestDefinition): string | undefined => {
  // The name is part of keys in the table, of paths of the query API and of a view in the lake.
  if (!namePattern.test(name)) return 'a name is a small letter, then up to 63 small letters, digits or _'
  if (table.of === '') return '"of" is empty; name an event'
  if (!latestVersionTypes.includes(table.versionType))
    return `"versionType" is ${JSON.stringify(table.versionType)}; use ${latestVersionTypes.join(' or ')}`
  const badField = fieldsOf(table).find((field) => !fieldPattern.test(field))
  if (badField !== undefined)
    return `${JSON.stringify(badField)} is no field; name one such as properties.listing_id or user_id`
  const names = table.values.map(valueName)
  const taken = names.find((value, place) => ownColumns.includes(value) || names.indexOf(value) < place)
  if (taken !== undefined) return `two columns would be called "${taken}"`
  if (table.delete !== undefined && 'event' in table.delete && table.delete.event === table.of)
    return '"delete" names the same event as "of"; use a field of it: { field, is }'
  const days = table.forgetDeletedAfterDays
  if (days !== undefined && !(Number.isInteger(days) && days >= leastDaysOfDeleted))
    return `"forgetDeletedAfterDays" is ${days}; ${leastDaysOfDeleted} is the least, since both streams can be read again for a week`
  return undefined
}

const fieldsOf = (table: LatestDefinition): readonly string[] => [
  table.key,
  table.version,
  ...table.values,
  ...(table.delete !== undefined && 'field' in table.delete ? [table.delete.field] : []),
]

/** `properties.address.city` is kept as `address_city`, `geo_country` as it is. */
export const valueName = (field: string): string =>
  field
    .slice(field.indexOf('.') + 1)
    .replaceAll('.', '_')
    .toLowerCase()
