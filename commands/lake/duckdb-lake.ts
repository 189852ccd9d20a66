import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { type DuckDBConnection, DuckDBInstance, type DuckDBValue } from '@duckdb/node-api'
import { duckdbDialect } from '../../shared/core/lake/duckdb-dialect.ts'
import { readLog } from '../../shared/core/lake/duckdb-scan.ts'
import type { PrintedTable } from '../command-line/text-table.ts'
import { lakeRelations } from './lake-relations.ts'
import { printedValue } from './printed-value.ts'

/** What a query answered, and what it cost. */
export type LakeAnswer = PrintedTable & {
  /** Bytes read from the files of the lake. */
  readonly scannedBytes: number
  readonly elapsedMs: number
}

/** The files of a lake as tables and views of DuckDB, which stands in for Athena. */
export type DuckdbLake = {
  query(sql: string): Promise<LakeAnswer>
  /** Rows in pieces of some 2,000, for results that do not fit into memory. */
  stream(sql: string): AsyncIterable<DuckDBValue[][]>
  /** The one value of a query that answers a count. */
  count(sql: string): Promise<number>
  close(): void
}

/** WEIR_LAKE, or where the local stack puts it. */
export const lakeFolder = (): string => resolve(process.env.WEIR_LAKE || '.weir/lake')

/**
 * Tables exist, with their types, also while they have no file yet. Files that come later are seen by later opens, and
 * so are days that are compacted later.
 */
export async function openLake(folder: string): Promise<DuckdbLake> {
  const temporaryFolder = mkdtempSync(join(tmpdir(), 'weir-duckdb-'))
  const instance = await DuckDBInstance.create(':memory:', {
    autoinstall_known_extensions: 'false',
    temp_directory: temporaryFolder,
  })
  const connection = await instance.connect()
  const close = () => {
    connection.closeSync()
    instance.closeSync()
    rmSync(temporaryFolder, { recursive: true, force: true })
  }
  try {
    await prepare(connection, folder, temporaryFolder)
  } catch (error) {
    close()
    throw error
  }
  return {
    async query(sql) {
      await connection.run(readLog.clear)
      const startedMs = performance.now()
      const reader = await connection.runAndReadAll(sql)
      const elapsedMs = performance.now() - startedMs
      const scanned = await connection.runAndReadAll(readLog.bytes(temporaryFolder))
      return {
        columns: reader.deduplicatedColumnNames(),
        rows: reader.getRows().map((row) => row.map(printedValue)),
        scannedBytes: Number(scanned.getRows()[0]?.[0] ?? 0),
        elapsedMs,
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
    close,
  }
}

async function prepare(connection: DuckDBConnection, folder: string, temporaryFolder: string): Promise<void> {
  for (const statement of duckdbDialect) await connection.run(statement)
  const hasFiles = async (glob: string) => {
    const found = await connection.runAndReadAll('SELECT 1 FROM glob($glob) LIMIT 1', { glob })
    return found.currentRowCount > 0
  }
  for (const { name, sql } of await lakeRelations(folder, hasFiles))
    await connection.run(`CREATE VIEW ${name} AS ${sql}`)
  for (const statement of readLog.start(temporaryFolder)) await connection.run(statement)
}
