import type { DuckDBConnection } from '@duckdb/node-api'
import { columnSql } from './columns.ts'
import { maxLineBytes } from './convert-judged.ts'
import type { Conversion } from './parquet.ts'
import { identifier, text } from './sql-text.ts'

/**
 * Converts documents that are all objects and fit their columns. Answers how many; fewer than there are, or undefined,
 * when one of them may not be good: then what was written is not to be used.
 */
export async function convertGood(connection: DuckDBConnection, o: Conversion): Promise<number | undefined> {
  const columns = o.columns.map(columnSql)
  const types = columns.map(({ key, readAs }) => `${text(key)}: '${readAs}'`)
  // A line that is null reads like an object without any of the columns.
  const hasOne = columns.map(({ key }) => `${identifier(key)} IS NOT NULL`).join(' OR ')
  const selected = columns.map(({ name, key, convert }) => {
    const read = identifier(key)
    const converted = convert(read)
    if (converted === read) return `${read} AS ${identifier(name)}`
    // What does not convert is NULL, and so is what is not there; only the first is an error, and ends it all.
    return `CASE WHEN ${read} IS NOT NULL THEN coalesce(${converted}, error('misfit')) END AS ${identifier(name)}`
  })
  try {
    const copied = await connection.run(`
      COPY (SELECT ${selected.join(', ')} FROM read_json(${text(o.linesPath)}, format = 'newline_delimited',
        records = true, columns = {${types.join(', ')}}, compression = 'uncompressed', hive_partitioning = false,
        filename = false, maximum_object_size = ${maxLineBytes}) WHERE ${hasOne})
      TO ${text(o.parquetPath)} (FORMAT parquet, COMPRESSION ${o.compression})`)
    return copied.rowsChanged
  } catch {
    // Whatever it was, the judged conversion says it better.
    return undefined
  }
}
