import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { type DuckDBConnection, DuckDBInstance, type DuckDBValue } from '@duckdb/node-api'
import { plan } from '../../analytics/plan/plan.ts'
import { duckdbDialect } from '../../shared/core/lake/duckdb-dialect.ts'
import { type ColumnType, lakeTables, type Table } from '../../shared/core/lake/tables.ts'
import { lakeViews } from '../../shared/core/lake/views.ts'
import type { PrintedTable } from '../command-line/text-table.ts'
import { printedValue } from './printed-value.ts'

/** The files of a lake as tables and views of DuckDB, which stands in for Athena. */
export type DuckdbLake = {
  query(sql: string): Promise<PrintedTable>
  /** Rows in pieces of some 2,000, for results that do not fit into memory. */
  stream(sql: string): AsyncIterable<DuckDBValue[][]>
  /** The one value of a query that answers a count. */
  count(sql: string): Promise<number>
  close(): void
}

/** WEIR_LAKE, or where the local stack puts it. */
export const lakeFolder = (): string => resolve(process.env.WEIR_LAKE || '.weir/lake')

/** Tables exist, with their types, also while they have no file yet. Files that come later are seen by later opens. */
export async function openLake(folder: string): Promise<DuckdbLake> {
  const instance = await DuckDBInstance.create(':memory:', {
    autoinstall_known_extensions: 'false',
    temp_directory: join(tmpdir(), `weir-duckdb-${process.pid}`),
  })
  const connection = await instance.connect()
  for (const statement of duckdbDialect) await connection.run(statement)
  const tables = lakeTables(plan)
  for (const table of Object.values(tables))
    await connection.run(`CREATE VIEW ${table.name} AS ${await tableSql(connection, folder, table)}`)
  for (const [name, sql] of Object.entries(lakeViews(tables)))
    await connection.run(`CREATE VIEW ${name} AS ${sql}`)
  return {
    async query(sql) {
      const reader = await connection.runAndReadAll(sql)
      return {
        columns: reader.deduplicatedColumnNames(),
        rows: reader.getRows().map((row) => row.map(printedValue)),
      }
    },
    async *stream(sql) {
      const result = await connection.stream(sql)
      yield* result.yieldRows()
    },
    async count(sql) {
      const reader = await connection.runAndReadAll(sql)
      return Number(reader.getRows()[0]?.[0] ?? 0)
    },
    close() {
      connection.closeSync()
      instance.closeSync()
    },
  }
}

const duckdbTypes: Readonly<Record<ColumnType, string>> = {
  string: 'VARCHAR',
  bigint: 'BIGINT',
  int: 'INTEGER',
  double: 'DOUBLE',
  boolean: 'BOOLEAN',
  timestamp: 'TIMESTAMP',
  'array<string>': 'VARCHAR[]',
}

async function tableSql(connection: DuckDBConnection, folder: string, table: Table): Promise<string> {
  // Whatever is still being written has another ending, or a name with a dot in front.
  const ending = table.format === 'parquet' ? 'parquet' : 'json.gz'
  const files = text(join(folder, table.prefix, 'dt=*/hour=*', `[!.]*.${ending}`))
  const found = await connection.runAndReadAll(`SELECT 1 FROM glob(${files}) LIMIT 1`)
  if (found.currentRowCount === 0) return emptyTableSql(table)
  const partitions = 'hive_partitioning = true, hive_types_autocast = false'
  if (table.format === 'json') {
    const types = table.columns
      .map(({ name, type }) => `${text(name)}: ${text(duckdbTypes[type])}`)
      .join(', ')
    return `SELECT ${columnNames(table)}, dt, hour
      FROM read_json(${files}, format = 'newline_delimited', columns = {${types}}, ${partitions})`
  }
  const source = `read_parquet(${files}, union_by_name = true, ${partitions})`
  const present = await connection.runAndReadAll(`SELECT column_name FROM (DESCRIBE SELECT * FROM ${source})`)
  const names = new Set(present.getRows().map(([name]) => name))
  // A column of the schema that no file has yet, because the schema is younger than the files, is NULL.
  const columns = table.columns.map(({ name, type }) =>
    names.has(name)
      ? `CAST(${quoted(name)} AS ${duckdbTypes[type]}) AS ${quoted(name)}`
      : `CAST(NULL AS ${duckdbTypes[type]}) AS ${quoted(name)}`,
  )
  return `SELECT ${columns.join(', ')}, dt, hour FROM ${source}`
}

/** An empty glob is an error in DuckDB. */
function emptyTableSql(table: Table): string {
  const columns = table.columns.map(
    ({ name, type }) => `CAST(NULL AS ${duckdbTypes[type]}) AS ${quoted(name)}`,
  )
  return `SELECT ${columns.join(', ')}, '' AS dt, '' AS hour WHERE false`
}

const columnNames = (table: Table): string => table.columns.map(({ name }) => quoted(name)).join(', ')
const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`
const text = (value: string): string => `'${value.replaceAll("'", "''")}'`
