import type { DuckDBType } from '@duckdb/node-api'

/** Hive's types, as Glue names them, and what DuckDB calls them. */
const simple: Readonly<Record<string, string>> = {
  string: 'VARCHAR',
  varchar: 'VARCHAR',
  char: 'VARCHAR',
  boolean: 'BOOLEAN',
  tinyint: 'TINYINT',
  smallint: 'SMALLINT',
  int: 'INTEGER',
  integer: 'INTEGER',
  bigint: 'BIGINT',
  float: 'FLOAT',
  double: 'DOUBLE',
  date: 'DATE',
  timestamp: 'TIMESTAMP',
  binary: 'BLOB',
}

/** DuckDB's name of a Hive type: `array<string>` → `VARCHAR[]`. Throws on what it does not know. */
export function duckdbTypeOf(hive: string): string {
  const [, name = '', , inner = '', size = ''] = /^\s*(\w+)\s*(<(.*)>|(\([^)]*\)))?\s*$/s.exec(hive) ?? []
  const parts = splitTop(inner)
  switch (name) {
    case 'array':
      return `${duckdbTypeOf(inner)}[]`
    case 'map':
      return `MAP(${parts.map(duckdbTypeOf).join(', ')})`
    case 'struct':
      return `STRUCT(${parts.map(fieldOf).join(', ')})`
    case 'decimal':
      return `DECIMAL${size || '(10,0)'}`
  }
  const type = simple[name]
  if (!type) throw new Error(`the local Athena does not know the column type ${JSON.stringify(hive)}`)
  return type
}

function fieldOf(part: string): string {
  const colon = part.indexOf(':')
  return `"${part.slice(0, colon).trim()}" ${duckdbTypeOf(part.slice(colon + 1))}`
}

/** Splits at the commas that stand in no bracket. */
function splitTop(list: string): string[] {
  const parts = ['']
  let depth = 0
  for (const character of list) {
    if ('<('.includes(character)) depth++
    if ('>)'.includes(character)) depth--
    if (character === ',' && depth === 0) parts.push('')
    else parts[parts.length - 1] += character
  }
  return parts
}

export type ResultColumn = {
  readonly name: string
  /** As GetQueryResults names it: `varchar`, `bigint`, `array`. */
  readonly type: string
  /** As Glue names it; undefined for what no table can hold. */
  readonly hiveType: string | undefined
  readonly precision: number
  readonly scale: number
}

type AthenaType = Omit<ResultColumn, 'name'>

const of = (type: string, hiveType: string | undefined, precision: number, scale = 0): AthenaType => ({
  type,
  hiveType,
  precision,
  scale,
})

const byAlias: Readonly<Record<string, AthenaType>> = {
  BOOLEAN: of('boolean', 'boolean', 0),
  TINYINT: of('tinyint', 'tinyint', 3),
  SMALLINT: of('smallint', 'smallint', 5),
  INTEGER: of('integer', 'int', 10),
  BIGINT: of('bigint', 'bigint', 19),
  // What DuckDB makes wider than Trino does: a sum of bigint is a bigint there.
  HUGEINT: of('bigint', 'bigint', 19),
  UBIGINT: of('bigint', 'bigint', 19),
  UINTEGER: of('bigint', 'bigint', 19),
  FLOAT: of('float', 'float', 17),
  DOUBLE: of('double', 'double', 17),
  DATE: of('date', 'date', 0),
  TIMESTAMP: of('timestamp', 'timestamp', 3),
  'TIMESTAMP WITH TIME ZONE': of('timestamp with time zone', undefined, 3),
  TIME: of('time', undefined, 3),
  BLOB: of('varbinary', 'binary', 1_073_741_824),
  JSON: of('json', undefined, 0),
  VARCHAR: of('varchar', 'string', 2_147_483_647),
  // Of a bare NULL: Trino's type "unknown", which no table can hold.
  '"NULL"': of('unknown', undefined, 0),
}

/** A column of a result as Athena describes it. `duckdb` is the type as DuckDB prints it. */
export function resultColumn(name: string, duckdb: DuckDBType): ResultColumn {
  return { name, ...athenaTypeOf(duckdb.toString()) }
}

function athenaTypeOf(duckdb: string): AthenaType {
  if (duckdb.endsWith(']'))
    return of(
      'array',
      nested((inner) => `array<${inner}>`, duckdb.slice(0, duckdb.lastIndexOf('['))),
      0,
    )
  const [, name = duckdb, inner = ''] = /^(\w+)\((.*)\)$/s.exec(duckdb) ?? []
  if (name === 'DECIMAL') {
    const [precision = 18, scale = 3] = inner.split(',').map(Number)
    return of('decimal', `decimal(${precision},${scale})`, precision, scale)
  }
  if (name === 'MAP')
    return of(
      'map',
      nested((types) => `map<${types}>`, ...splitTop(inner)),
      0,
    )
  if (name === 'STRUCT') return of('row', structOf(inner), 0)
  return byAlias[duckdb] ?? of('varchar', 'string', 2_147_483_647)
}

function nested(wrap: (inner: string) => string, ...types: string[]): string | undefined {
  const inner = types.map((type) => athenaTypeOf(type.trim()).hiveType)
  return inner.includes(undefined) ? undefined : wrap(inner.join(','))
}

function structOf(fields: string): string | undefined {
  const parts = splitTop(fields).map((field) => {
    const [, name = '', type = ''] = /^\s*"?([^" ]+)"? (.*)$/s.exec(field) ?? []
    const hive = athenaTypeOf(type.trim()).hiveType
    return hive && `${name}:${hive}`
  })
  return parts.includes(undefined) ? undefined : `struct<${parts.join(',')}>`
}
