import { alterPartitions, showPartitions } from './alter-partitions.ts'
import {
  alreadyExists,
  databaseOf,
  type Outcome,
  objectAt,
  type StatementContext,
  tableOf,
} from './context.ts'
import { createTable, insert } from './make-table.ts'
import { QueryFailure } from './refusal.ts'
import { csvLine } from './result-file.ts'
import type { Statement } from './statement.ts'
import { writeResult } from './write-result.ts'

/** EXECUTE has become the statement that it names before this. */
export type RunnableStatement = Exclude<Statement, { kind: 'execute' }>

export async function runStatement(statement: RunnableStatement, o: StatementContext): Promise<Outcome> {
  switch (statement.kind) {
    case 'select':
      return writeResult(statement.sql, o)
    case 'create-view':
      return createView(statement, o)
    case 'create-table':
      return createTable(statement, o)
    case 'insert':
      return insert(statement, o)
    case 'drop':
      return drop(statement, o)
    case 'add-partitions':
    case 'drop-partitions':
      alterPartitions(statement, tableOf(statement.table, o), o)
      return lines([], o)
    case 'show-partitions':
      return lines(showPartitions(tableOf(statement.table, o), o), o)
    case 'show-tables':
      return lines(o.catalogue.names(o.database), o)
  }
}

async function createView(
  { view, replaces, sql }: Extract<Statement, { kind: 'create-view' }>,
  o: StatementContext,
): Promise<Outcome> {
  const database = databaseOf(view, o)
  const present = o.catalogue.entry(database, view.name)
  if (present?.kind === 'table') throw alreadyExists('Table', database, view.name)
  if (present && !replaces) throw alreadyExists('View', database, view.name)
  const session = await o.openSession(sql)
  await session.connection.run(`SELECT * FROM (${sql}\n) AS query LIMIT 0`)
  await o.check()
  o.catalogue.putView(database, view.name, sql)
  return lines([], o)
}

async function drop(
  { what, table, isOptional }: Extract<Statement, { kind: 'drop' }>,
  o: StatementContext,
): Promise<Outcome> {
  const database = databaseOf(table, o)
  const present = o.catalogue.entry(database, table.name)
  if (!present && !isOptional)
    throw new QueryFailure(`TABLE_NOT_FOUND: line 1:1: ${what} '${database}.${table.name}' does not exist`)
  if (present && (present.kind === 'view') !== (what === 'VIEW'))
    throw new QueryFailure(`GENERIC_USER_ERROR: line 1:1: '${database}.${table.name}' is a ${present.kind}`)
  // The files stay, as in Athena.
  if (present) o.catalogue.drop(database, table.name)
  return lines([], o)
}

/** The answer of a statement about the catalogue: a text, a line for each row, without a header. */
async function lines(rows: readonly string[], o: StatementContext): Promise<Outcome> {
  const { bucket, key } = objectAt(o.outputLocation)
  await o.s3.putObject(bucket, key, Buffer.from(rows.map((row) => csvLine([row])).join('')))
  return {
    columns:
      rows.length === 0
        ? []
        : [{ name: 'result', type: 'string', hiveType: 'string', precision: 0, scale: 0 }],
  }
}
