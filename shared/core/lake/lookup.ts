import { parseCsv } from './csv.ts'
import type { Column, ColumnType } from './tables.ts'

/** A small table that a team keeps with its queries and that they join: `analytics/lookups/<name>.csv`. */
export type Lookup = {
  readonly name: string
  readonly comment: string
  /** In the order of the CSV, whose first line names them. Arrays do not fit into a CSV. */
  readonly columns: readonly Pick<Column, 'name' | 'type' | 'comment'>[]
}

/** Its file in analytics/lookups. */
export const lookupFile = (name: string): string => `${name.replaceAll('_', '-')}.csv`

/** Athena takes 256 KiB of SQL; the rest is for the statement around it. */
export const maxLookupSqlBytes = 240 * 1024

/**
 * SQL of a view that is the lookup, its rows as literals: the same text for Athena and DuckDB, and no file to carry
 * anywhere. An empty field is NULL. Throws for a CSV that does not fit the columns, or is too long for a view.
 */
export const lookupView = (lookup: Lookup, csv: string): string => {
  const [header = [], ...records] = parseCsv(csv)
  const fail = (problem: string): never => {
    throw new Error(`analytics/lookups/${lookupFile(lookup.name)}: ${problem}`)
  }
  const names = lookup.columns.map(({ name }) => name)
  if (header.join() !== names.join()) fail(`its first line must be ${names.join()}`)
  const rows = records.map((record, index) => {
    const place = `record ${index + 1}`
    if (record.length !== names.length)
      fail(`${place} has ${record.length} fields; ${names.length} are wanted`)
    const values = lookup.columns.map(
      ({ name, type }, field) =>
        literal(type, record[field] ?? '') ?? fail(`${place}: ${name} is no ${type}: ${record[field]}`),
    )
    return `(${values.join(', ')})`
  })
  const casts = lookup.columns.map(({ name, type }) => `  CAST(${name} AS ${sqlTypes[type]}) AS ${name}`)
  // There is no VALUES without a row.
  const source =
    rows.length > 0
      ? `(VALUES\n  ${rows.join(',\n  ')}\n)`
      : `(SELECT ${names.map(() => 'NULL').join(', ')} WHERE false)`
  const sql = `SELECT\n${casts.join(',\n')}\nFROM ${source} AS lookup_rows (${names.join(', ')})`
  const bytes = Buffer.byteLength(sql)
  return bytes <= maxLookupSqlBytes
    ? sql
    : fail(
        `${bytes} bytes of SQL are too many for a view of Athena (${maxLookupSqlBytes}); keep it as a table in S3`,
      )
}

const sqlTypes: Readonly<Record<ColumnType, string>> = {
  string: 'varchar',
  bigint: 'bigint',
  int: 'integer',
  double: 'double',
  boolean: 'boolean',
  timestamp: 'timestamp',
  'array<string>': 'array(varchar)',
}

/** undefined when the text is none of that type. */
const literal = (type: ColumnType, text: string): string | undefined => {
  if (text === '') return 'NULL'
  switch (type) {
    case 'string':
      return quoted(text)
    case 'bigint':
    case 'int':
      return /^-?\d{1,18}$/.test(text) ? text : undefined
    case 'double':
      return /^-?\d+(\.\d+)?$/.test(text) ? `${text}e0` : undefined
    case 'boolean':
      return /^(true|false)$/.test(text) ? text : undefined
    case 'timestamp':
      return /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(text) ? `TIMESTAMP ${quoted(text)}` : undefined
    case 'array<string>':
      return undefined
  }
}

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`
