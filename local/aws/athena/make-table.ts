import {
  alreadyExists,
  databaseOf,
  type Outcome,
  parentOf,
  type StatementContext,
  tableOf,
} from './context.ts'
import { addressOf, filesAt, type Location, locationOf } from './location.ts'
import { QueryFailure } from './refusal.ts'
import { quoted } from './session.ts'
import type { Statement } from './statement.ts'
import { columnsOfQuery, writeTable } from './write-table.ts'

/** CREATE TABLE AS: the files first, then the table in the catalogue, as Athena does. */
export async function createTable(
  statement: Extract<Statement, { kind: 'create-table' }>,
  o: StatementContext,
): Promise<Outcome> {
  const { table, properties, sql } = statement
  const database = databaseOf(table, o)
  if (o.catalogue.entry(database, table.name)) {
    if (statement.isOptional) return { columns: [], updateCount: 0 }
    throw alreadyExists('Table', database, table.name)
  }
  const location = locationOf(
    properties.externalLocation ?? `${parentOf(o.outputLocation)}tables/${o.queryId}/`,
  )
  await checkEmpty(location, { database, name: table.name }, o)
  const session = await o.openSession(sql)
  const all = await columnsOfQuery(session.connection, sql)
  const partitionKeys = properties.partitionedBy.map((key) => columnNamed(key, all))
  for (const key of properties.bucketedBy) columnNamed(key, all)
  const write = { connection: session.connection, s3: o.s3, sql, location, queryId: o.queryId, properties }
  const written = await writeTable({ ...write, beforeCommit: () => o.check() }, all)
  o.catalogue.createTable(database, {
    name: table.name,
    format: 'parquet',
    location: addressOf(location),
    columns: all.filter(({ name }) => !properties.partitionedBy.includes(name)),
    partitionKeys,
    isProjected: false,
  })
  if (partitionKeys.length > 0) o.catalogue.setPartitions(database, table.name, written.partitions)
  return { columns: [], updateCount: written.rowCount }
}

export async function insert(
  { table: ref, sql }: Extract<Statement, { kind: 'insert' }>,
  o: StatementContext,
): Promise<Outcome> {
  const { database, table } = tableOf(ref, o)
  const session = await o.openSession(sql)
  const partitionedBy = table.partitionKeys.map(({ name }) => name)
  const columns = [...table.columns, ...table.partitionKeys]
  const given = await columnsOfQuery(session.connection, sql)
  if (given.length !== columns.length)
    throw new QueryFailure(
      `TYPE_MISMATCH: line 1:1: Insert query has mismatched column count: table has ${columns.length}, query has ${given.length}`,
    )
  // By position, as SQL has it.
  const named = `SELECT * FROM (${sql}\n) AS query (${columns.map(({ name }) => quoted(name)).join(', ')})`
  const location = locationOf(table.location)
  const properties = { compression: 'zstd', partitionedBy, bucketedBy: [], bucketCount: 0 } as const
  const write = {
    connection: session.connection,
    s3: o.s3,
    sql: named,
    location,
    queryId: o.queryId,
    properties,
  }
  const written = await writeTable({ ...write, beforeCommit: () => o.check() }, columns)
  if (partitionedBy.length > 0 && !table.isProjected) {
    const known = o.catalogue.partitions(database, table.name)
    const isNew = (location: string) => !known.some((one) => one.location === location)
    const added = written.partitions.filter((one) => isNew(one.location))
    o.catalogue.setPartitions(database, table.name, [...known, ...added])
  }
  return { columns: [], updateCount: written.rowCount }
}

async function checkEmpty(
  location: Location,
  { database, name }: { database: string; name: string },
  o: StatementContext,
): Promise<void> {
  const present = await filesAt(o.s3, location)
  if (present.length > 0)
    throw new QueryFailure(
      `HIVE_PATH_ALREADY_EXISTS: Target directory for table '${database}.${name}' already exists: ${addressOf(location)}. You may need to manually clean the data at location '${parentOf(o.outputLocation)}tables/${o.queryId}' before retrying. Athena will not delete data in your account.`,
    )
}

function columnNamed<T extends { name: string }>(name: string, columns: readonly T[]): T {
  const column = columns.find((one) => one.name === name)
  if (!column) throw new QueryFailure(`COLUMN_NOT_FOUND: Column '${name}' not present in the query`)
  return column
}
