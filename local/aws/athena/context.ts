import type { S3 } from '../s3/s3.ts'
import type { Catalogue, CatalogueTable } from './catalogue.ts'
import type { ResultColumn } from './column-types.ts'
import { QueryFailure } from './refusal.ts'
import type { Session } from './session.ts'
import type { TableRef } from './statement.ts'

export type StatementContext = {
  readonly catalogue: Catalogue
  readonly s3: S3
  readonly queryId: string
  readonly database: string
  /** Where the result is to lie: `s3://bucket/key`. */
  readonly outputLocation: string
  /** Opens DuckDB with what a query names. */
  openSession(sql: string): Promise<Session>
  /** Throws when the execution was stopped or has read more than it may. */
  check(): Promise<void>
}

export type Outcome = {
  readonly columns: readonly ResultColumn[]
  /** Rows written; of CREATE TABLE AS and INSERT. */
  readonly updateCount?: number
}

export function tableOf(ref: TableRef, o: StatementContext): { database: string; table: CatalogueTable } {
  const database = databaseOf(ref, o)
  const entry = o.catalogue.entry(database, ref.name)
  if (entry?.kind === 'table') return { database, table: entry.table }
  throw new QueryFailure(
    `TABLE_NOT_FOUND: line 1:1: Table 'awsdatacatalog.${database}.${ref.name}' does not exist`,
  )
}

export const databaseOf = (ref: TableRef, o: StatementContext): string => ref.database ?? o.database

export const alreadyExists = (what: string, database: string, name: string): QueryFailure =>
  new QueryFailure(
    `TABLE_ALREADY_EXISTS: line 1:1: ${what} 'awsdatacatalog.${database}.${name}' already exists`,
  )

export const parentOf = (address: string): string => address.slice(0, address.lastIndexOf('/') + 1)

export function objectAt(address: string): { bucket: string; key: string } {
  const [, bucket = '', key = ''] = /^s3:\/\/([^/]+)\/(.*)$/.exec(address) ?? []
  return { bucket, key }
}
