import { maxKeyLength } from '../latest/compile.ts'
import { type LatestDefinition, type LatestTables, valueName } from '../latest/definitions.ts'
import { propertyColumnName } from '../plan/property-columns.ts'
import { type Column, columnsFrom } from './column.ts'

type EventColumn = Pick<Column, 'name' | 'type'>

export type LatestView = { readonly sql: string; readonly columns: readonly Column[] }

/**
 * A view `latest_<table>` for each latest value table: every entity once, as its newest event says, deleted ones too.
 * It is computed from `events_once` by the rules of `compileLatest`, so it is what the table in DynamoDB holds, and the
 * past from before the table was declared besides. The same text for Athena and DuckDB.
 *
 * columns: those of `events`; a value has the type of its column there.
 */
export const latestViews = (
  tables: LatestTables,
  columns: readonly EventColumn[],
): Readonly<Record<string, LatestView>> =>
  Object.fromEntries(
    Object.entries(tables).map(([name, table]) => [
      `latest_${name}`,
      { sql: viewOf(table, columns), columns: columnsOf(table, columns) },
    ]),
  )

const columnsOf = (table: LatestDefinition, columns: readonly EventColumn[]): Column[] => [
  ...columnsFrom(
    `the newest ${table.of} of the entity`,
    ['key', 'string', 'L-17', `What names the entity: ${table.key}`],
    ['version', 'string', '3', `Its version: ${table.version}, as text`],
    ['event_time', 'timestamp', '2026-11-21 12:00:00.000', 'When it became so'],
    ['origin', 'string', 'shardId-000000000000:49…:0', 'The event that says so, in events_once'],
    ['deleted', 'boolean', 'false', 'True when the entity is no more; its values are NULL then'],
  ),
  ...table.values.flatMap((field) =>
    columnsFrom('the newest event of the entity', [valueName(field), typeOf(field, columns), '', field]),
  ),
]

const viewOf = (table: LatestDefinition, columns: readonly EventColumn[]): string => {
  const events = [
    table.of,
    ...(table.delete !== undefined && 'event' in table.delete ? [table.delete.event] : []),
  ]
  // By number, since a value may be called as something else in here.
  const values = table.values.map((field, place) => `    ${typedValue(field, columns)} AS value_${place}`)
  const shown = table.values.map(
    (field, place) => `  CASE WHEN NOT deleted THEN value_${place} END AS ${valueName(field)}`,
  )
  return `
WITH said AS (
  SELECT
${[
  `    ${asJson(table.key)} AS key_json`,
  `    ${asText(table.key)} AS key_text`,
  `    ${asJson(table.version)} AS version_json`,
  `    ${asText(table.version)} AS version_text`,
  '    event_time',
  '    origin',
  `    ${deletedIn(table)} AS deleted`,
  ...values,
].join(',\n')}
  FROM events_once
  WHERE event IN (${events.map(literal).join(', ')})
),
ranked AS (
  SELECT *,
    ${keyOf} AS entity,
    ${versionOf[table.versionType]}
  FROM said
),
placed AS (
  SELECT *,
    row_number() OVER (PARTITION BY entity ORDER BY version_rank DESC, version_nanos DESC, event_time DESC, origin DESC) AS place
  FROM ranked
  WHERE entity IS NOT NULL AND version_rank IS NOT NULL AND version_nanos IS NOT NULL
)
SELECT
${['  entity AS key', `  ${shownVersion[table.versionType]} AS version`, '  event_time', '  origin', '  deleted', ...shown].join(',\n')}
FROM placed
WHERE place = 1`
}

const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`

const jsonPath = (field: string): readonly [document: string, path: string] | undefined => {
  const [document = '', ...keys] = field.split('.')
  return keys.length === 0 ? undefined : [document, literal(`$.${keys.join('.')}`)]
}

/** As JSON, in quotes when it is text: the number 12 and the text '12' are told apart. A column is text. */
const asJson = (field: string): string => {
  const [document, path] = jsonPath(field) ?? []
  return document === undefined ? `'"' || ${field} || '"'` : `json_format(json_extract(${document}, ${path}))`
}

const asText = (field: string): string => {
  const [document, path] = jsonPath(field) ?? []
  return document === undefined ? field : `json_extract_scalar(${document}, ${path})`
}

/** Beyond it JSON cannot carry an integer exactly, and `compileLatest` takes none. */
const safeInteger = (json: string): string =>
  `regexp_like(${json}, '^-?[0-9]{1,16}$') AND abs(TRY_CAST(${json} AS bigint)) <= ${Number.MAX_SAFE_INTEGER}`

const keyOf = `CASE
      WHEN key_json LIKE '"%' AND length(key_text) BETWEEN 1 AND ${maxKeyLength} THEN key_text
      WHEN ${safeInteger('key_json')} THEN key_json
    END`

/** What versions compare by: whole numbers; of times the seconds since 1970, then their nanoseconds. */
const versionOf = {
  integer: `CASE
      WHEN regexp_like(version_json, '^"-?[0-9]{1,38}"$') THEN CAST(version_text AS decimal(38,0))
      WHEN ${safeInteger('version_json')} THEN CAST(version_json AS decimal(38,0))
    END AS version_rank,
    0 AS version_nanos`,
  time: `CASE
      WHEN regexp_like(version_text, '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})$')
      THEN CAST(TRY(to_unixtime(from_iso8601_timestamp(
        substr(version_text, 1, 19) || regexp_extract(version_text, '(Z|[+-][0-9]{2}:[0-9]{2})$')
      ))) AS bigint)
    END AS version_rank,
    CAST(rpad(coalesce(regexp_extract(version_text, '[.]([0-9]{1,9})', 1), '0'), 9, '0') AS integer) AS version_nanos`,
}

const shownVersion = { integer: 'CAST(version_rank AS varchar)', time: 'version_text' }

const deletedIn = ({ delete: deletion }: LatestDefinition): string => {
  if (deletion === undefined) return 'false'
  if ('event' in deletion) return `event = ${literal(deletion.event)}`
  return `coalesce(CAST(${asText(deletion.field)} AS varchar) = ${literal(String(deletion.is))}, false)`
}

/** Of these types a value can be; text of any other. */
const sqlTypes = { bigint: 'bigint', double: 'double', boolean: 'boolean' } as const

const typeOf = (field: string, columns: readonly EventColumn[]): keyof typeof sqlTypes | 'string' => {
  const [document, ...keys] = field.split('.')
  const name = document === 'properties' && keys.length === 1 ? propertyColumnName(keys[0] ?? '') : undefined
  const type = columns.find((column) => column.name === name)?.type
  return type === 'bigint' || type === 'double' || type === 'boolean' ? type : 'string'
}

/** From the JSON, which has it in partitions from before the plan knew it; typed as the plan's column is. */
const typedValue = (field: string, columns: readonly EventColumn[]): string => {
  const type = typeOf(field, columns)
  return type === 'string' ? asText(field) : `TRY_CAST(${asText(field)} AS ${sqlTypes[type]})`
}
