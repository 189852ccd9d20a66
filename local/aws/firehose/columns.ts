/** A column of the Glue table that gives a conversion its schema. */
export type GlueColumn = { Name: string; Type: string }

/** With the key that its value has in a document; its name when there is none. */
export type DocumentColumn = GlueColumn & { Key?: string }

export type ColumnSql = {
  name: string
  key: string
  /** Its type in the first reading of a document, where nothing is judged yet. */
  readAs: 'VARCHAR' | 'JSON'
  /** From what was read to what is stored; NULL if it does not convert. */
  convert: (read: string) => string
}

const numbers: Record<string, { duckdb: string; pattern: string }> = {
  tinyint: { duckdb: 'TINYINT', pattern: '-?[0-9]+' },
  smallint: { duckdb: 'SMALLINT', pattern: '-?[0-9]+' },
  int: { duckdb: 'INTEGER', pattern: '-?[0-9]+' },
  integer: { duckdb: 'INTEGER', pattern: '-?[0-9]+' },
  bigint: { duckdb: 'BIGINT', pattern: '-?[0-9]+' },
  float: { duckdb: 'FLOAT', pattern: '-?[0-9.]+([eE][-+]?[0-9]+)?' },
  double: { duckdb: 'DOUBLE', pattern: '-?[0-9.]+([eE][-+]?[0-9]+)?' },
}

/** What OpenX JSON takes: a space or a T, up to 9 digits of a second, UTC with or without its Z. */
const timestampPattern = '[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}[ T][0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{1,9})?Z?'

export function columnSql({ Name: name, Type: type, Key: key = name }: DocumentColumn): ColumnSql {
  const number = numbers[type]
  if (number)
    return { name, key, readAs: 'VARCHAR', convert: (read) => castIf(read, number.pattern, number.duckdb) }
  switch (type) {
    case 'string':
      return { name, key, readAs: 'VARCHAR', convert: (read) => read }
    case 'boolean':
      return { name, key, readAs: 'VARCHAR', convert: (read) => castIf(read, 'true|false', 'BOOLEAN') }
    case 'timestamp':
      return { name, key, readAs: 'VARCHAR', convert: timestampOf }
    case 'array<string>':
      return { name, key, readAs: 'JSON', convert: (read) => `TRY_CAST(${read} AS VARCHAR[])` }
    default:
      throw new Error(
        `column ${name}: the local Firehose does not convert to ${type}; it knows string, boolean, timestamp, array<string> and ${Object.keys(numbers).join(', ')}`,
      )
  }
}

/** Milliseconds. OpenX JSON takes seconds, too; no row has them, and what is not sure of its unit does not convert here. */
const epochMsPattern = '[0-9]{13}'

const timestampOf = (read: string): string =>
  `CASE WHEN regexp_full_match(${read}, '${epochMsPattern}') THEN epoch_ms(TRY_CAST(${read} AS BIGINT))
    WHEN regexp_full_match(${read}, '${timestampPattern}') THEN TRY_CAST(${read} AS TIMESTAMP) END`

/** DuckDB by itself would round '1.5' to an integer and read 'yes' as true. */
function castIf(read: string, pattern: string, type: string): string {
  return `CASE WHEN regexp_full_match(${read}, '${pattern}') THEN TRY_CAST(${read} AS ${type}) END`
}
