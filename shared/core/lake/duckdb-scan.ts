/** SQL by which DuckDB reads the files of a table as Athena reads them. */

export type ScanColumn = {
  readonly name: string
  /** DuckDB's type; what lies in a file is cast to it. */
  readonly type: string
}

export type Scan = {
  readonly format: 'parquet' | 'json'
  /** Paths or globs, each with at least one file: an empty glob is an error in DuckDB. */
  readonly files: readonly string[]
  readonly columns: readonly ScanColumn[]
  /** Keys of the folders `key=value` in the last of which each file lies. */
  readonly partitionKeys: readonly string[]
}

/**
 * A column that a file does not have, since its schema is younger than the file, is NULL. Partition keys are taken
 * from the file's name, by which DuckDB leaves out files before it opens them; its own hive_partitioning cannot be
 * had together with a given schema, and to find the schema it would open every file.
 */
export function scanSql(scan: Scan): string {
  if (scan.files.length === 0) return emptyScan(scan)
  const columns = scan.columns.map(({ name }) => identifier(name))
  const keys = scan.partitionKeys.map(
    (key, index) => `${folderValue(key, scan.partitionKeys.length - index)} AS ${identifier(key)}`,
  )
  return `SELECT ${[...columns, ...keys].join(', ')} FROM ${source(scan)}`
}

/** Takes whatever is not hidden: what is still being written has a dot or an underscore in front. */
export const anyFile = '[!._]*'

function source({ format, files, columns }: Scan): string {
  const list = `[${files.map(text).join(', ')}]`
  if (format === 'json') {
    // Without `records` each file is read once more to find out.
    const types = columns.map(({ name, type }) => `${text(name)}: ${text(type)}`).join(', ')
    return `read_json(${list}, format = 'newline_delimited', columns = {${types}}, records = true, filename = true)`
  }
  const schema = columns
    .map(({ name, type }) => `${text(name)}: {name: ${text(name)}, type: ${text(type)}, default_value: NULL}`)
    .join(', ')
  return `read_parquet(${list}, schema = MAP {${schema}}, filename = true)`
}

function emptyScan({ columns, partitionKeys }: Scan): string {
  const nothing = columns.map(({ name, type }) => `CAST(NULL AS ${type}) AS ${identifier(name)}`)
  const keys = partitionKeys.map((key) => `'' AS ${identifier(key)}`)
  return `SELECT ${[...nothing, ...keys].join(', ')} WHERE false`
}

/** Counted from the file's name; this costs a filter over 5,760 files as much as hive_partitioning would. */
const folderValue = (key: string, fromEnd: number): string =>
  `substr(string_split(filename, '/')[${-1 - fromEnd}], ${key.length + 2})`

const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`
const text = (value: string): string => `'${value.replaceAll("'", "''")}'`

/**
 * Statements by which DuckDB tells how many bytes queries have read from files. Its own profile (TOTAL_BYTES_READ) leaves
 * out what it reads ahead, which is most of it.
 */
export const readLog = {
  /**
   * Begin with these; without a cache, since a second scan of a file is a scan too. The log lies in a file: kept in
   * memory it is itself what must be spilled when memory is short, by a thread that holds its lock, and nothing goes on.
   */
  start: (temporaryFolder: string): readonly string[] => [
    'SET enable_external_file_cache = false',
    `CALL enable_logging('FileSystem', storage = 'file', storage_path = ${text(`${temporaryFolder}/log`)})`,
  ],
  /** How much since the start, or since it was cleared; what was spilled to the folder of temporary files is no scan. */
  bytes: (temporaryFolder: string): string =>
    `SELECT coalesce(sum(bytes), 0) FROM duckdb_logs_parsed('FileSystem')
     WHERE op = 'READ' AND path NOT LIKE ${text(`${temporaryFolder}%`)}`,
  clear: 'CALL truncate_duckdb_logs()',
} as const
