import { type DuckDBConnection, DuckDBInstance, type DuckDBValue } from '@duckdb/node-api'
import { duckdbDialect } from '../../../shared/core/lake/duckdb-dialect.ts'
import { duckdbTypes } from '../../../shared/core/lake/duckdb-types.ts'
import type { SqlEngine } from '../../../shared/core/lake/sql-engine.ts'
import type { Table } from '../../../shared/core/lake/tables.ts'
import { partitionColumns } from '../../../shared/core/lake/tables.ts'

/**
 * As much of Athena as the compaction uses, over DuckDB in memory: each folder of the lake is a table. It keeps the
 * rules that matter: a folder that is written to must be empty, and dropping a table or a partition keeps the files.
 */
export class MemoryAthena implements SqlEngine {
  readonly #connection: DuckDBConnection
  readonly #instance: DuckDBInstance
  readonly #tables: ReadonlyMap<string, Table>
  /** Location → the DuckDB table that holds its rows. */
  readonly #folders = new Map<string, string>()
  readonly #partitions = new Map<string, Map<string, string>>()
  readonly #names = new Map<string, 'TABLE' | 'VIEW'>()
  readonly statements: string[] = []
  /** Called before and after each statement; a throw before it is a statement that never ran. */
  before: (sql: string) => void = () => {}
  after: (sql: string) => void | Promise<void> = () => {}

  private constructor(instance: DuckDBInstance, connection: DuckDBConnection, tables: readonly Table[]) {
    this.#instance = instance
    this.#connection = connection
    this.#tables = new Map(tables.map((table) => [table.name, table]))
  }

  static async open(tables: readonly Table[]): Promise<MemoryAthena> {
    const instance = await DuckDBInstance.create(':memory:', { threads: '1' })
    const connection = await instance.connect()
    for (const statement of duckdbDialect) await connection.run(statement)
    const athena = new MemoryAthena(instance, connection, tables)
    for (const table of tables) {
      if (table.partitioning === 'part') await athena.#showPartitions(table.name)
      else await connection.run(`CREATE TABLE ${table.name} (${athena.#columnsSql(table)})`)
    }
    return athena
  }

  close(): void {
    this.#connection.closeSync()
    this.#instance.closeSync()
  }

  async run(sql: string): ReturnType<SqlEngine['run']> {
    this.before(sql)
    const answer = await this.#execute(sql)
    this.statements.push(sql)
    await this.after(sql)
    return answer
  }

  /** A query of a test: seen by nobody. */
  async rows(sql: string): Promise<(string | null)[][]> {
    const reader = await this.#connection.runAndReadAll(sql)
    const types = reader.columnTypes().map(String)
    return reader.getRows().map((row) => row.map((value, place) => textOf(value, types[place] ?? '')))
  }

  async insert(table: string, rows: readonly Readonly<Record<string, unknown>>[]): Promise<void> {
    const { columns, partitioning } = this.#tables.get(table) ?? { columns: [], partitioning: 'arrival' }
    const all = [...columns, ...partitionColumns({ partitioning })]
    for (let start = 0; start < rows.length; start += 1_000) {
      const structure = all.map(({ name, type }) => `"${name}":"${duckdbTypes[type]}"`).join(',')
      const json = JSON.stringify(rows.slice(start, start + 1_000)).replaceAll("'", "''")
      await this.#connection.run(
        `INSERT INTO ${table} BY NAME SELECT unnest(json_transform('${json}', '[{${structure}}]'), recursive := true)`,
      )
    }
  }

  keys(): string[] {
    return [...this.#folders.keys()].map((folder) => `${folder.replace(/^s3:\/\/[^/]+\//, '')}00000`)
  }

  async deleteKey(key: string): Promise<void> {
    for (const [folder, table] of this.#folders)
      if (`${folder.replace(/^s3:\/\/[^/]+\//, '')}00000` === key) {
        this.#folders.delete(folder)
        for (const name of this.#partitions.keys()) await this.#showPartitions(name)
        await this.#connection.run(`DROP TABLE ${table}`)
      }
  }

  async #execute(sql: string): ReturnType<SqlEngine['run']> {
    const none = { columns: [], rows: [], scannedBytes: 0, elapsedMs: 0 }
    const create = /^CREATE TABLE (\w+) WITH \((.*?)\) AS ([\s\S]*)$/.exec(sql)
    if (create) {
      const [, name = '', properties = '', select = ''] = create
      await this.#createTable(name, /external_location = '([^']+)'/.exec(properties)?.[1] ?? '', select)
      return none
    }
    const [, table = ''] = /^ALTER TABLE (\w+) /.exec(sql) ?? []
    const changed = [...sql.matchAll(/PARTITION \(part = '([^']+)'\)(?: LOCATION '([^']+)')?/g)]
    if (table !== '' && changed.length > 0) {
      for (const [, part = '', location] of changed)
        if (location !== undefined) this.#partitions.get(table)?.set(part, location)
        else this.#partitions.get(table)?.delete(part)
      await this.#showPartitions(table)
      return none
    }
    const drop = /^DROP TABLE IF EXISTS (\w+)$/.exec(sql)
    if (drop) {
      if (this.#names.delete(drop[1] ?? '')) await this.#connection.run(`DROP VIEW ${drop[1]}`)
      return none
    }
    if (/^CREATE OR REPLACE VIEW /.test(sql)) {
      await this.#connection.run(sql)
      return none
    }
    if (!/^\s*(SELECT|WITH)\b/.test(sql)) throw new Error(`unknown statement: ${sql}`)
    return { ...none, rows: await this.rows(sql) }
  }

  async #createTable(name: string, location: string, select: string): Promise<void> {
    if (this.#names.has(name)) throw new Error(`TABLE_ALREADY_EXISTS: ${name}`)
    if (this.#folders.has(location)) throw new Error(`HIVE_PATH_ALREADY_EXISTS: ${location}`)
    const folder = `folder_${this.#folders.size}_${name}`
    await this.#connection.run(`CREATE TABLE ${folder} AS ${select}`)
    this.#folders.set(location, folder)
    this.#names.set(name, 'TABLE')
    await this.#connection.run(`CREATE VIEW ${name} AS SELECT * FROM ${folder}`)
  }

  async #showPartitions(name: string): Promise<void> {
    const table = this.#tables.get(name)
    if (table === undefined) throw new Error(`TABLE_NOT_FOUND: ${name}`)
    const partitions = this.#partitions.get(name) ?? new Map<string, string>()
    this.#partitions.set(name, partitions)
    const columns = table.columns.map((column) => column.name).join(', ')
    const nulls = table.columns.map((column) => `CAST(NULL AS ${duckdbTypes[column.type]}) AS ${column.name}`)
    const parts = [...partitions].flatMap(([part, location]) => {
      const folder = this.#folders.get(location)
      return folder === undefined ? [] : [`SELECT ${columns}, '${part}' AS part FROM ${folder}`]
    })
    const all = [`SELECT ${nulls.join(', ')}, '' AS part WHERE false`, ...parts]
    await this.#connection.run(`CREATE OR REPLACE VIEW ${name} AS ${all.join(' UNION ALL ')}`)
  }

  #columnsSql(table: Table): string {
    return [...table.columns, ...partitionColumns(table)]
      .map(({ name, type }) => `"${name}" ${duckdbTypes[type]}`)
      .join(', ')
  }
}

/** As Athena writes it. */
const textOf = (value: DuckDBValue, type: string): string | null => {
  if (value === null) return null
  const text = String(value)
  if (!type.startsWith('TIMESTAMP')) return text
  const [whole = '', fraction = ''] = text.split('.')
  return `${whole}.${fraction.padEnd(3, '0')}`
}
