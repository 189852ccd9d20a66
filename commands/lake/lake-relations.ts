import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import latestTables from '../../analytics/latest.ts'
import { lookups } from '../../analytics/lookups/lookups.ts'
import { plan } from '../../analytics/plan/plan.ts'
import type { Compacted } from '../../shared/core/lake/compacted.ts'
import { decodeState, stateKey } from '../../shared/core/lake/compaction/state.ts'
import { anyFile, scanSql } from '../../shared/core/lake/duckdb-scan.ts'
import { duckdbTypes } from '../../shared/core/lake/duckdb-types.ts'
import { latestViews } from '../../shared/core/lake/latest-view.ts'
import { type Lookup, lookupFile, lookupView } from '../../shared/core/lake/lookup.ts'
import { lakeTables, partitionColumns, type Table } from '../../shared/core/lake/tables.ts'
import { lakeViews } from '../../shared/core/lake/views.ts'

export type Relation = { readonly name: string; readonly sql: string }

/** Tables, lookups and views of a lake folder as SQL of DuckDB, each after those that it reads. */
export async function lakeRelations(
  folder: string,
  hasFiles: (glob: string) => Promise<boolean>,
): Promise<Relation[]> {
  const tables = lakeTables(plan)
  const relations: Relation[] = []
  for (const table of Object.values(tables))
    relations.push({ name: table.name, sql: await tableSql(table, folder, hasFiles) })
  for (const lookup of lookups)
    relations.push({ name: lookup.name, sql: lookupView(lookup, await lookupText(lookup)) })
  // Read last: the parts it names are there before it is.
  const views = lakeViews(tables, await compactedOf(folder))
  for (const [name, sql] of Object.entries(views)) relations.push({ name, sql })
  for (const [name, { sql }] of Object.entries(latestViews(latestTables, tables.events.columns)))
    relations.push({ name, sql })
  return relations
}

async function tableSql(
  table: Table,
  folder: string,
  hasFiles: (glob: string) => Promise<boolean>,
): Promise<string> {
  const partitionKeys = partitionColumns(table).map(({ name }) => name)
  const glob = join(folder, table.prefix, ...partitionKeys.map((key) => `${key}=*`), fileNames(table))
  return scanSql({
    format: table.format,
    files: (await hasFiles(glob)) ? [glob] : [],
    columns: table.columns.map(({ name, type }) => ({ name, type: duckdbTypes[type] })),
    partitionKeys,
  })
}

/** Firehose's files have an ending, and whatever is still being written another one; Athena's have none. */
const fileNames = ({ partitioning, format }: Table): string =>
  partitioning === 'part' ? anyFile : `${anyFile}${format === 'parquet' ? '.parquet' : '.json.gz'}`

const lookupsFolder = new URL('../../analytics/lookups/', import.meta.url)

const lookupText = (lookup: Lookup): Promise<string> =>
  readFile(new URL(lookupFile(lookup.name), lookupsFolder), 'utf8')

/** undefined while nothing has been compacted. */
async function compactedOf(folder: string): Promise<Compacted | undefined> {
  try {
    const state = decodeState(await readFile(join(folder, stateKey)))
    return state.version === 0 ? undefined : state
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}
