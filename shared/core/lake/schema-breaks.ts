import type { ColumnType } from './column.ts'
import type { Table } from './tables.ts'

/** Columns of the tables of a release, by name. */
export type Schema = Readonly<Record<string, Readonly<Record<string, string>>>>

/**
 * What would keep partitions written with an earlier schema from being read, or columns of theirs from being found. A
 * Parquet file keeps the type it was written with: Athena fails on another, and Firehose writes on with the new one.
 * New columns are fine: older files answer NULL.
 */
export const schemaBreaks = (
  earlier: Schema,
  tables: Readonly<Record<string, Pick<Table, 'columns'>>>,
): string[] =>
  Object.entries(earlier).flatMap(([table, columns]) => {
    const now = tables[table]
    if (now === undefined) return [`${table} is gone; partitions of it are in the lake. Keep it.`]
    const types = new Map<string, ColumnType>(now.columns.map(({ name, type }) => [name, type]))
    return Object.entries(columns).flatMap(([name, type]) =>
      breakOf(`${table}.${name}`, type, types.get(name)),
    )
  })

const breakOf = (column: string, earlier: string, now: ColumnType | undefined): string[] => {
  if (now === earlier) return []
  return now === undefined
    ? [`${column} is gone; partitions that have it are in the lake. Keep it, and stop writing it.`]
    : [`${column} was ${earlier} and is ${now}; partitions cannot change. Give the new one another name.`]
}
