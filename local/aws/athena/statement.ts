import { invalidRequest } from './refusal.ts'
import { TokenReader } from './tokens.ts'

export type TableRef = { readonly database: string | undefined; readonly name: string }

export type TableProperties = {
  readonly format: 'PARQUET'
  readonly compression: 'zstd' | 'snappy' | 'gzip' | 'uncompressed'
  readonly externalLocation: string | undefined
  readonly partitionedBy: readonly string[]
  readonly bucketedBy: readonly string[]
  readonly bucketCount: number
}

/** Partition key → value. */
export type PartitionSpec = ReadonlyMap<string, string>

/** What the local Athena runs. */
export type Statement =
  | { readonly kind: 'select'; readonly sql: string }
  | {
      readonly kind: 'create-view'
      readonly view: TableRef
      readonly replaces: boolean
      readonly sql: string
    }
  | {
      readonly kind: 'create-table'
      readonly table: TableRef
      readonly isOptional: boolean
      readonly properties: TableProperties
      readonly sql: string
    }
  | { readonly kind: 'insert'; readonly table: TableRef; readonly sql: string }
  | {
      readonly kind: 'drop'
      readonly what: 'TABLE' | 'VIEW'
      readonly table: TableRef
      readonly isOptional: boolean
    }
  | {
      readonly kind: 'add-partitions'
      readonly table: TableRef
      readonly isOptional: boolean
      readonly partitions: readonly { readonly spec: PartitionSpec; readonly location: string | undefined }[]
    }
  | {
      readonly kind: 'drop-partitions'
      readonly table: TableRef
      readonly isOptional: boolean
      readonly specs: readonly PartitionSpec[]
    }
  | { readonly kind: 'show-partitions'; readonly table: TableRef }
  | { readonly kind: 'show-tables' }
  | { readonly kind: 'execute'; readonly name: string; readonly literals: readonly string[] }

/** Reads one statement. A query itself is left to DuckDB; what Athena says in another way than DuckDB is read here. */
export function parseStatement(sql: string): Statement {
  const reader = new TokenReader(sql)
  const statement = statementOf(reader)
  reader.end()
  return statement
}

function statementOf(reader: TokenReader): Statement {
  if (reader.accept('CREATE')) return creation(reader)
  if (reader.accept('INSERT', 'INTO')) return { kind: 'insert', table: tableRef(reader), sql: reader.rest() }
  if (reader.accept('DROP')) return drop(reader)
  if (reader.accept('ALTER', 'TABLE')) return alteration(reader)
  if (reader.accept('EXECUTE')) return execution(reader)
  if (reader.accept('SHOW', 'PARTITIONS')) return { kind: 'show-partitions', table: tableRef(reader) }
  if (reader.accept('SHOW', 'TABLES')) return { kind: 'show-tables' }
  const [first] = reader.tokens
  const isQuery = first && /^(SELECT|WITH|VALUES|TABLE|\()$/i.test(first.value)
  if (!isQuery)
    reader.fail(
      "Expecting: one of what the local Athena runs: 'SELECT', 'WITH', 'VALUES', 'CREATE VIEW', 'CREATE TABLE … AS', 'INSERT INTO', 'DROP', 'ALTER TABLE … PARTITION', 'EXECUTE', 'SHOW TABLES', 'SHOW PARTITIONS'",
    )
  return { kind: 'select', sql: reader.rest() }
}

function creation(reader: TokenReader): Statement {
  const replaces = reader.accept('OR', 'REPLACE')
  if (reader.accept('VIEW')) {
    const view = tableRef(reader)
    reader.expect('AS')
    return { kind: 'create-view', view, replaces, sql: reader.rest() }
  }
  reader.expect('TABLE')
  const isOptional = reader.accept('IF', 'NOT', 'EXISTS')
  const table = tableRef(reader)
  const properties = tableProperties(reader.accept('WITH') ? propertyList(reader) : new Map())
  reader.expect('AS')
  return { kind: 'create-table', table, isOptional, properties, sql: reader.rest() }
}

function propertyList(reader: TokenReader): Map<string, string> {
  const properties = new Map<string, string>()
  reader.expect('(')
  do {
    const name = reader.name()
    reader.expect('=')
    properties.set(name, reader.literal())
  } while (reader.accept(','))
  reader.expect(')')
  return properties
}

const compressions: Readonly<Record<string, TableProperties['compression']>> = {
  ZSTD: 'zstd',
  SNAPPY: 'snappy',
  GZIP: 'gzip',
  NONE: 'uncompressed',
}

// https://docs.aws.amazon.com/athena/latest/ug/create-table-as.html#ctas-table-properties
function tableProperties(given: ReadonlyMap<string, string>): TableProperties {
  const known = ['format', 'write_compression', 'parquet_compression', 'external_location', 'partitioned_by']
  known.push('bucketed_by', 'bucket_count')
  const unknown = [...given.keys()].find((name) => !known.includes(name))
  if (unknown) throw invalidRequest(`Table property '${unknown}' is not known here; ${known.join(', ')} are`)
  const format = textOf(given.get('format')) ?? 'PARQUET'
  if (format.toUpperCase() !== 'PARQUET')
    throw invalidRequest(`the local Athena writes PARQUET, not ${format}`)
  const named = textOf(given.get('write_compression') ?? given.get('parquet_compression')) ?? 'GZIP'
  const compression = compressions[named.toUpperCase()]
  if (!compression) throw invalidRequest(`${named} compression is not supported for PARQUET`)
  const bucketedBy = textsOf(given.get('bucketed_by'))
  const bucketCount = Number(given.get('bucket_count') ?? 0)
  if (bucketedBy.length > 0 !== bucketCount > 0 || !Number.isInteger(bucketCount))
    throw invalidRequest('bucketed_by and bucket_count must be given together')
  return {
    format: 'PARQUET',
    compression,
    externalLocation: textOf(given.get('external_location')),
    partitionedBy: textsOf(given.get('partitioned_by')),
    bucketedBy,
    bucketCount,
  }
}

function textOf(literal: string | undefined): string | undefined {
  return literal === undefined ? undefined : new TokenReader(literal).text()
}

/** `ARRAY['a', 'b']` */
function textsOf(literal: string | undefined): string[] {
  return new TokenReader(literal ?? '').tokens
    .filter(({ kind }) => kind === 'text')
    .map(({ value }) => value.toLowerCase())
}

function drop(reader: TokenReader): Statement {
  const what = reader.accept('VIEW') ? 'VIEW' : 'TABLE'
  if (what === 'TABLE') reader.expect('TABLE')
  const isOptional = reader.accept('IF', 'EXISTS')
  return { kind: 'drop', what, table: tableRef(reader), isOptional }
}

function alteration(reader: TokenReader): Statement {
  const table = tableRef(reader)
  if (reader.accept('ADD')) {
    const isOptional = reader.accept('IF', 'NOT', 'EXISTS')
    const partitions: { spec: PartitionSpec; location: string | undefined }[] = []
    while (reader.accept('PARTITION')) {
      const spec = partitionSpec(reader)
      partitions.push({ spec, location: reader.accept('LOCATION') ? reader.text() : undefined })
    }
    if (partitions.length === 0) reader.fail("Expecting: 'PARTITION'")
    return { kind: 'add-partitions', table, isOptional, partitions }
  }
  reader.expect('DROP')
  const isOptional = reader.accept('IF', 'EXISTS')
  const specs: PartitionSpec[] = []
  do {
    reader.expect('PARTITION')
    specs.push(partitionSpec(reader))
  } while (reader.accept(','))
  return { kind: 'drop-partitions', table, isOptional, specs }
}

function partitionSpec(reader: TokenReader): PartitionSpec {
  const spec = new Map<string, string>()
  reader.expect('(')
  do {
    const name = reader.name()
    reader.expect('=')
    const literal = reader.literal()
    spec.set(name, literal.startsWith("'") ? new TokenReader(literal).text() : literal)
  } while (reader.accept(','))
  reader.expect(')')
  return spec
}

function execution(reader: TokenReader): Statement {
  const name = reader.name()
  const literals: string[] = []
  if (reader.accept('USING')) {
    do literals.push(reader.literal())
    while (reader.accept(','))
  }
  return { kind: 'execute', name, literals }
}

/** `table`, `database.table` or `awsdatacatalog.database.table`. */
function tableRef(reader: TokenReader): TableRef {
  const parts = [reader.name()]
  while (reader.accept('.')) parts.push(reader.name())
  return { name: parts.at(-1) ?? '', database: parts.at(-2) }
}

/** The statement with literals in place of its question marks. */
export function withParameters(sql: string, literals: readonly string[]): string {
  const marks = new TokenReader(sql).tokens.filter(({ kind, value }) => kind === 'symbol' && value === '?')
  if (marks.length !== literals.length)
    throw invalidRequest(
      `Incorrect number of parameters: expected ${marks.length} but found ${literals.length}`,
    )
  let out = ''
  let at = 0
  for (const [index, { start, end }] of marks.entries()) {
    out += `${sql.slice(at, start)}${literals[index]}`
    at = end
  }
  return out + sql.slice(at)
}
