import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { plan } from '../../../analytics/plan/plan.ts'
import type { PrintedValue } from '../../../commands/command-line/text-table.ts'
import { printedValue } from '../../../commands/lake/printed-value.ts'
import type { Compacted } from '../../../shared/core/lake/compacted.ts'
import { duckdbDialect } from '../../../shared/core/lake/duckdb-dialect.ts'
import { duckdbTypes } from '../../../shared/core/lake/duckdb-types.ts'
import { lakeTables, partitionColumns, type TableName } from '../../../shared/core/lake/tables.ts'
import { lakeViews } from '../../../shared/core/lake/views.ts'

export type LakeRow = Readonly<Record<string, string | number | boolean | null | readonly string[]>>

/** The tables of the lake in memory, empty, with the views over them. */
export class ViewLake {
  readonly #instance: DuckDBInstance
  readonly #connection: DuckDBConnection

  private constructor(instance: DuckDBInstance, connection: DuckDBConnection) {
    this.#instance = instance
    this.#connection = connection
  }

  static async open(): Promise<ViewLake> {
    const instance = await DuckDBInstance.create(':memory:', { threads: '1' })
    const lake = new ViewLake(instance, await instance.connect())
    for (const statement of duckdbDialect) await lake.run(statement)
    for (const table of Object.values(lakeTables(plan))) {
      const columns = [...table.columns, ...partitionColumns(table)]
      const typed = columns.map(({ name, type }) => `"${name}" ${duckdbTypes[type]}`).join(', ')
      await lake.run(`CREATE TABLE ${table.name} (${typed})`)
    }
    return lake
  }

  async insert(table: TableName, ...rows: readonly LakeRow[]): Promise<void> {
    for (const row of rows) {
      const names = Object.keys(row).map((name) => `"${name}"`)
      const values = Object.values(row).map(literal)
      await this.run(`INSERT INTO ${table} (${names.join(', ')}) VALUES (${values.join(', ')})`)
    }
  }

  /** The answer over the views of that compaction: an array of values a row. */
  async rows(sql: string, compacted?: Compacted): Promise<PrintedValue[][]> {
    for (const [name, text] of Object.entries(lakeViews(lakeTables(plan), compacted)))
      await this.run(`CREATE OR REPLACE VIEW ${name} AS ${text}`)
    return this.read(sql)
  }

  /** The answer over the views as they are. */
  async read(sql: string): Promise<PrintedValue[][]> {
    const reader = await this.#connection.runAndReadAll(sql)
    return reader.getRows().map((row) => row.map(printedValue))
  }

  async run(sql: string): Promise<void> {
    await this.#connection.run(sql)
  }

  close(): void {
    this.#connection.closeSync()
    this.#instance.closeSync()
  }
}

const literal = (value: LakeRow[string]): string => {
  if (value === null) return 'NULL'
  if (typeof value === 'string') return `'${value.replaceAll("'", "''")}'`
  if (typeof value === 'object') return `[${value.map((item) => `'${item}'`).join(', ')}]::VARCHAR[]`
  return String(value)
}
