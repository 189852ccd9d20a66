import type { EpochMs } from '../event/outcome.ts'
import type { Column, ColumnType } from '../lake/column.ts'
import { columnsFrom } from '../lake/column.ts'
import type { NamedQuery } from '../lake/named-query.ts'
import { runText } from './ledger.ts'

/** How the types that queries name are kept, in Glue and in SQL. A day is text, as everywhere in the lake. */
const types: Readonly<Record<string, { readonly glue: ColumnType; readonly sql: string }>> = {
  varchar: { glue: 'string', sql: 'varchar' },
  date: { glue: 'string', sql: 'varchar' },
  bigint: { glue: 'bigint', sql: 'bigint' },
  double: { glue: 'double', sql: 'double' },
  boolean: { glue: 'boolean', sql: 'boolean' },
  timestamp: { glue: 'timestamp', sql: 'timestamp' },
}

const typeOf = (query: NamedQuery, type: string) => {
  const known = types[type]
  if (known === undefined)
    throw new Error(
      `analytics/queries/${query.name}.sql: a table cannot keep the type "${type}"; it keeps ${Object.keys(types).join(', ')}`,
    )
  return known
}

/** One folder a run: what stands in the catalogue is what was chosen. */
export const reportPartitionColumns: readonly Column[] = columnsFrom('the run', [
  'run',
  'string',
  '2026-11-21T1200Z.3f9a2c',
  'The run and the attempt that made it; filter by it to read only some runs',
])

/** Columns of a table that keeps the answers of a query: those, and the time of the run. */
export const reportColumns = (query: NamedQuery): readonly Column[] => [
  ...query.columns.flatMap(({ name, type, comment }) =>
    columnsFrom(`the query ${query.name}`, [name, typeOf(query, type).glue, '', comment]),
  ),
  ...columnsFrom('the run', ['run_at', 'timestamp', '2026-11-21 12:00:00.000', 'Time that the run is for']),
]

/** Folder in the lake of a table of reports. */
export const reportPrefix = (table: string): string => `reports/${table}/`

export type TableAttempt = {
  readonly table: string
  readonly bucket: string
  readonly at: EpochMs
  /** Tells attempts at a run apart. */
  readonly attempt: string
}

export const partitionOf = ({ at, attempt }: Pick<TableAttempt, 'at' | 'attempt'>): string =>
  `${runText(at)}.${attempt}`

export const locationOf = (of: TableAttempt): string =>
  `s3://${of.bucket}/${reportPrefix(of.table)}run=${partitionOf(of)}/`

/** Exists from the writing of an attempt to its dropping, and is read by nobody. */
export const temporaryTable = ({ table, at, attempt }: Omit<TableAttempt, 'bucket'>): string =>
  `${table}_${runText(at).toLowerCase().replaceAll('-', '')}_${attempt}`

/** Writes what the query answers into the attempt's own folder, as Parquet. */
export const writeSql = (of: TableAttempt & { readonly query: NamedQuery; readonly sql: string }): string => {
  const columns = of.query.columns.map(
    ({ name, type }) => `  CAST(${name} AS ${typeOf(of.query, type).sql}) AS ${name}`,
  )
  const runAt = new Date(of.at).toISOString().replace('T', ' ').replace('Z', '')
  // The query ends in a line of its own: its last may be a comment.
  return `CREATE TABLE ${temporaryTable(of)}
WITH (format = 'PARQUET', write_compression = 'ZSTD', external_location = '${locationOf(of)}')
AS SELECT
${[...columns, `  TIMESTAMP '${runAt}' AS run_at`].join(',\n')}
FROM (
${of.sql.trim().replace(/;$/, '')}
) AS answered`
}

export const dropSql = (temporary: string): string => `DROP TABLE IF EXISTS ${temporary}`

export const addPartitionSql = (table: string, partition: string, location: string): string =>
  `ALTER TABLE ${table} ADD IF NOT EXISTS PARTITION (run = '${partition}') LOCATION '${location}'`
