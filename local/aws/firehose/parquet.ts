import { mkdirSync } from 'node:fs'
import type { DuckDBConnection } from '@duckdb/node-api'
import { openKeyLocks } from '../key-locks.ts'
import { columnSql, type GlueColumn } from './columns.ts'

export type Conversion = {
  /** A file of JSON documents, one a line. */
  linesPath: string
  lineCount: number
  columns: readonly GlueColumn[]
  parquetPath: string
  compression: 'snappy' | 'zstd' | 'gzip' | 'uncompressed'
}

export type Converted = {
  /** 0: nothing was good, and the Parquet file is not to be used. */
  rowCount: number
  /** Documents that do not parse or do not fit their columns, as they were. */
  refused: { line: string; reason: string }[]
}

export type ParquetConverter = (conversion: Conversion) => Promise<Converted>

const maxLineBytes = 2 * 1024 * 1024

/**
 * DuckDB, loaded when first needed. One conversion at a time, so that its memory has one bound; and an instance for
 * each, which takes 20 ms and gives back 150 MB that would otherwise be kept.
 */
export function openParquetConverter(temporaryFolder: string): ParquetConverter {
  mkdirSync(temporaryFolder, { recursive: true })
  const oneAtATime = openKeyLocks()
  const limits = { memory_limit: '200MB', threads: '1', temp_directory: temporaryFolder }
  return (conversion) =>
    oneAtATime('duckdb', async () => {
      const { DuckDBInstance } = await import('@duckdb/node-api')
      const instance = await DuckDBInstance.create(':memory:', limits)
      const connection = await instance.connect()
      try {
        return await convert(connection, conversion)
      } finally {
        connection.closeSync()
        instance.closeSync()
      }
    })
}

async function convert(connection: DuckDBConnection, o: Conversion): Promise<Converted> {
  const columns = o.columns.map(columnSql)
  const structure = JSON.stringify(Object.fromEntries(columns.map((column) => [column.name, column.readAs])))
  const read = (name: string) => `document.${identifier(name)}`
  const misfit = columns.map(
    ({ name, convert }) =>
      `WHEN ${read(name)} IS NOT NULL AND (${convert(read(name))}) IS NULL THEN ${text(name)}`,
  )
  // COPY and the list of the refused read the file by the same rules, so that each line is in exactly one of them.
  await connection.run(`
    CREATE OR REPLACE TEMP VIEW judged AS
    WITH lines AS (
      SELECT line FROM read_csv(${text(o.linesPath)}, columns = {line: 'VARCHAR'}, auto_detect = false, header = false,
        delim = E'\\x01', quote = '', escape = '', comment = '', new_line = '\\n', max_line_size = ${maxLineBytes}, buffer_size = ${maxLineBytes})
    ), parsed AS (
      SELECT line, CASE WHEN json_valid(line) THEN CASE WHEN json_type(line) = 'OBJECT'
        THEN json_transform(line, ${text(structure)}) END END AS document
      FROM lines
    )
    SELECT line, document,
      CASE WHEN document IS NULL THEN '' ${misfit.join(' ')} END AS misfit
    FROM parsed`)
  const selected = columns.map(({ name, convert }) => `${convert(read(name))} AS ${identifier(name)}`)
  const copied = await connection.run(`
    COPY (SELECT ${selected.join(', ')} FROM judged WHERE misfit IS NULL) TO ${text(o.parquetPath)}
    (FORMAT parquet, COMPRESSION ${o.compression})`)
  const rowCount = copied.rowsChanged
  return { rowCount, refused: rowCount === o.lineCount ? [] : await refusedIn(connection) }
}

async function refusedIn(connection: DuckDBConnection): Promise<Converted['refused']> {
  const rows = await connection.runAndReadAll('SELECT line, misfit FROM judged WHERE misfit IS NOT NULL')
  return rows.getRows().map(([line, misfit]) => ({
    line: String(line),
    reason:
      misfit === ''
        ? 'The document is not a JSON object'
        : `The value of column ${misfit} does not fit its type in the table`,
  }))
}

function text(value: string): string {
  return `'${value.replaceAll("'", "''")}'`
}

function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
