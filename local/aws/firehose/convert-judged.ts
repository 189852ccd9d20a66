import type { DuckDBConnection } from '@duckdb/node-api'
import { columnSql } from './columns.ts'
import type { Conversion, Converted } from './parquet.ts'
import { identifier, text } from './sql-text.ts'

/** More than any Firehose record. */
export const maxLineBytes = 2 * 1024 * 1024

/** Converts the documents that are good, and tells of each other one what is wrong with it. */
export async function convertJudged(connection: DuckDBConnection, o: Conversion): Promise<Converted> {
  const columns = o.columns.map(columnSql)
  const structure = JSON.stringify(Object.fromEntries(columns.map((column) => [column.key, column.readAs])))
  const read = (key: string) => `document.${identifier(key)}`
  const misfit = columns.map(
    ({ name, key, convert }) =>
      `WHEN ${read(key)} IS NOT NULL AND (${convert(read(key))}) IS NULL THEN ${text(name)}`,
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
  const selected = columns.map(({ name, key, convert }) => `${convert(read(key))} AS ${identifier(name)}`)
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
