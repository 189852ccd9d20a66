import { join } from 'node:path'
import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { duckdbDialect } from '../../../shared/core/lake/duckdb-dialect.ts'
import { anyFile, readLog, type Scan, scanSql } from '../../../shared/core/lake/duckdb-scan.ts'
import type { S3 } from '../s3/s3.ts'
import type { Catalogue, CatalogueTable } from './catalogue.ts'
import { duckdbTypeOf } from './column-types.ts'
import { filesAt, folderAt, locationOf } from './location.ts'
import { QueryFailure } from './refusal.ts'
import { tokensOf } from './tokens.ts'

/** DuckDB for one query: its tables and views are those that the query names. */
export type Session = {
  readonly connection: DuckDBConnection
  /** Ends what runs, with an error. */
  interrupt(): void
  /** Bytes read from files since the session was made ready; also while a statement runs. */
  scannedBytes(): Promise<number>
  close(): void
}

export type SessionOptions = {
  readonly catalogue: Catalogue
  readonly s3: S3
  readonly database: string
  /** The query, by which it is known what tables it needs. */
  readonly sql: string
  readonly temporaryFolder: string
}

const limits = { memory_limit: '1GB', threads: '2', autoinstall_known_extensions: 'false' }

/**
 * An instance for each query: it takes some 20 ms to open, gives its memory back, and starts with no file in its
 * cache, so that what it reads is what was scanned.
 */
export async function openSession(o: SessionOptions): Promise<Session> {
  const { DuckDBInstance } = await import('@duckdb/node-api')
  const instance = await DuckDBInstance.create(':memory:', { ...limits, temp_directory: o.temporaryFolder })
  try {
    const connection = await instance.connect()
    await prepare(connection, o)
    return sessionOf(instance, { connection, watch: await instance.connect(), o })
  } catch (error) {
    instance.closeSync()
    throw error
  }
}

function sessionOf(
  instance: DuckDBInstance,
  { connection, watch, o }: { connection: DuckDBConnection; watch: DuckDBConnection; o: SessionOptions },
): Session {
  return {
    connection,
    interrupt: () => connection.interrupt(),
    async scannedBytes() {
      const reader = await watch.runAndReadAll(readLog.bytes(o.temporaryFolder))
      return Number(reader.getRows()[0]?.[0] ?? 0)
    },
    close() {
      connection.closeSync()
      watch.closeSync()
      instance.closeSync()
    },
  }
}

async function prepare(connection: DuckDBConnection, o: SessionOptions): Promise<void> {
  const { catalogue, database, sql } = o
  if (!catalogue.databases().includes(database))
    throw new QueryFailure(`SCHEMA_NOT_FOUND: line 1:1: Schema '${database}' does not exist`)
  await connection.run("ATTACH ':memory:' AS awsdatacatalog")
  for (const name of catalogue.databases())
    await connection.run(`CREATE SCHEMA awsdatacatalog.${quoted(name)}`)
  await use(connection, database)
  for (const statement of duckdbDialect) await connection.run(statement)
  await provide(sql, { connection, o, database, provided: new Set() })
  await use(connection, database)
  for (const statement of readLog.start(o.temporaryFolder)) await connection.run(statement)
}

const use = (connection: DuckDBConnection, database: string) =>
  connection.run(`USE awsdatacatalog.${quoted(database)}`)

type Provision = {
  readonly connection: DuckDBConnection
  readonly o: SessionOptions
  readonly database: string
  readonly provided: Set<string>
}

/** Makes the tables and views that a text names, those first that a view needs. */
async function provide(sql: string, p: Provision): Promise<void> {
  const { connection, o, provided } = p
  for (const { database, name } of namesIn(sql, p)) {
    const id = `${database}.${name}`
    const entry = o.catalogue.entry(database, name)
    if (!entry || provided.has(id)) continue
    provided.add(id)
    if (entry.kind === 'view') await provide(entry.sql, { ...p, database })
    const definition = entry.kind === 'view' ? entry.sql : await tableSql(entry.table, { ...p, database })
    await use(connection, database)
    await connection.run(`CREATE VIEW ${quoted(name)} AS ${definition}`)
  }
}

/** Whatever may name a table: too many do no harm. */
function namesIn(sql: string, { o, database }: Provision): { database: string; name: string }[] {
  const databases = new Set(o.catalogue.databases())
  const tokens = tokensOf(sql)
  return tokens.flatMap(({ kind, value }, index) => {
    if (kind !== 'word' && kind !== 'name') return []
    const qualifier = tokens[index - 1]?.value === '.' ? tokens[index - 2]?.value.toLowerCase() : undefined
    const isQualified = qualifier !== undefined && databases.has(qualifier)
    return [{ database: isQualified ? qualifier : database, name: value.toLowerCase() }]
  })
}

async function tableSql(table: CatalogueTable, p: Provision): Promise<string> {
  const scan: Scan = {
    format: table.format,
    files: await filesOf(table, p),
    columns: table.columns.map(({ name, type }) => ({ name, type: duckdbTypeOf(type) })),
    partitionKeys: table.partitionKeys.map(({ name }) => name),
  }
  return scanSql(scan)
}

async function filesOf(table: CatalogueTable, { connection, o, database }: Provision): Promise<string[]> {
  const { s3, catalogue } = o
  const location = locationOf(table.location)
  if (table.partitionKeys.length === 0) return filesAt(s3, location)
  if (table.isProjected) {
    const folders = table.partitionKeys.map(({ name }) => `${name}=*`)
    const glob = join(folderAt(s3, location), ...folders, anyFile)
    const found = await connection.runAndReadAll('SELECT 1 FROM glob($glob) LIMIT 1', { glob })
    return found.currentRowCount === 0 ? [] : [glob]
  }
  const partitions = catalogue.partitions(database, table.name)
  const folders = partitions.map((one) => filesAt(s3, locationOf(one.location), { recursive: false }))
  return (await Promise.all(folders)).flat()
}

export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`
