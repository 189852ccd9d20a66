import { join } from 'node:path'
import { readJsonFile, replaceFile } from '../file.ts'
import { QueryFailure } from './refusal.ts'

export type CatalogueColumn = { readonly name: string; readonly type: string }

export type CatalogueTable = {
  readonly name: string
  readonly format: 'parquet' | 'json'
  /** `s3://bucket/prefix/` */
  readonly location: string
  readonly columns: readonly CatalogueColumn[]
  readonly partitionKeys: readonly CatalogueColumn[]
  /** Every folder below the location is a partition; else those that statements have added. */
  readonly isProjected: boolean
}

export type Partition = { readonly values: readonly string[]; readonly location: string }

export type CatalogueEntry =
  | { readonly kind: 'table'; readonly table: CatalogueTable }
  | { readonly kind: 'view'; readonly name: string; readonly sql: string }

/** What statements have made of one database. */
type Made = {
  tables: Record<string, CatalogueTable>
  views: Record<string, string>
  partitions: Record<string, Partition[]>
}

export type Catalogue = {
  databases(): string[]
  declareDatabase(name: string): void
  /** From the template, at every start: it is not kept. */
  declareTable(database: string, table: CatalogueTable): void
  declareView(database: string, name: string, sql: string): void
  entry(database: string, name: string): CatalogueEntry | undefined
  /** Tables and views, sorted. */
  names(database: string): string[]
  partitions(database: string, table: string): readonly Partition[]
  createTable(database: string, table: CatalogueTable): void
  putView(database: string, name: string, sql: string): void
  /** What the template declares comes back at the next start. */
  drop(database: string, name: string): void
  setPartitions(database: string, table: string, partitions: readonly Partition[]): void
}

/** Databases with their tables, views and partitions. What statements change is on disk when the call returns. */
export function openCatalogue(dataDir: string): Catalogue {
  const path = join(dataDir, 'athena-catalogue.json')
  const made = (readJsonFile(path) ?? {}) as Record<string, Made>
  const declared = new Map<string, Map<string, CatalogueEntry>>()

  const madeIn = (database: string): Made => {
    if (!declared.has(database))
      throw new QueryFailure(`SCHEMA_NOT_FOUND: line 1:1: Schema '${database}' does not exist`)
    made[database] ??= { tables: {}, views: {}, partitions: {} }
    return made[database]
  }
  const change = (database: string, edit: (made: Made) => void) => {
    edit(madeIn(database))
    replaceFile(path, JSON.stringify(made, null, 1))
  }

  function entry(database: string, name: string): CatalogueEntry | undefined {
    const table = made[database]?.tables[name]
    if (table) return { kind: 'table', table }
    const sql = made[database]?.views[name]
    return sql === undefined ? declared.get(database)?.get(name) : { kind: 'view', name, sql }
  }

  return {
    databases: () => [...declared.keys()],
    declareDatabase(name) {
      if (!declared.has(name)) declared.set(name, new Map())
    },
    declareTable: (database, table) => declared.get(database)?.set(table.name, { kind: 'table', table }),
    declareView: (database, name, sql) => declared.get(database)?.set(name, { kind: 'view', name, sql }),
    entry,
    names(database) {
      const { tables, views } = madeIn(database)
      const all = [...(declared.get(database)?.keys() ?? []), ...Object.keys(tables), ...Object.keys(views)]
      return [...new Set(all)].sort()
    },
    partitions: (database, table) => made[database]?.partitions[table] ?? [],
    createTable: (database, table) => change(database, ({ tables }) => (tables[table.name] = table)),
    putView: (database, name, sql) => change(database, ({ views }) => (views[name] = sql)),
    drop(database, name) {
      declared.get(database)?.delete(name)
      change(database, ({ tables, views, partitions }) => {
        delete tables[name]
        delete views[name]
        delete partitions[name]
      })
    },
    setPartitions: (database, table, list) =>
      change(database, ({ partitions }) => (partitions[table] = [...list])),
  }
}
