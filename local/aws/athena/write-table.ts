import { randomUUID } from 'node:crypto'
import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import type { S3 } from '../s3/s3.ts'
import type { CatalogueColumn, Partition } from './catalogue.ts'
import { duckdbTypeOf, resultColumn } from './column-types.ts'
import { addressOf, type Location } from './location.ts'
import { QueryFailure } from './refusal.ts'
import { quoted } from './session.ts'
import type { TableProperties } from './statement.ts'

// https://docs.aws.amazon.com/athena/latest/ug/ctas-considerations-limitations.html
const maxPartitions = 100

export type TableWrite = {
  readonly connection: DuckDBConnection
  readonly s3: S3
  readonly sql: string
  readonly location: Location
  readonly queryId: string
  readonly properties: Pick<TableProperties, 'compression' | 'partitionedBy' | 'bucketedBy' | 'bucketCount'>
  /** Called when all is written and nothing can be seen yet; throws when it shall not be. */
  beforeCommit(): Promise<void>
}

export type Written = { readonly rowCount: number; readonly partitions: readonly Partition[] }

/** The columns of a query as a table holds them. Throws where Glue has no type for one. */
export async function columnsOfQuery(connection: DuckDBConnection, sql: string): Promise<CatalogueColumn[]> {
  const nothing = await connection.run(`SELECT * FROM (${sql}\n) AS query LIMIT 0`)
  const types = nothing.columnTypes()
  return nothing.columnNames().map((name, index) => {
    const type = types[index]
    const column = type && resultColumn(name.toLowerCase(), type)
    if (!column?.hiveType)
      throw new QueryFailure(
        `NOT_SUPPORTED: Unsupported Hive type: ${column?.type ?? 'unknown'} of column ${name}`,
      )
    return { name: column.name, type: column.hiveType }
  })
}

/**
 * Writes the rows of a query as Parquet files: one, or one for each bucket, or one for each partition. They become
 * objects one after another when all are written, so that what fails midway leaves some of them, as on S3.
 */
export async function writeTable(o: TableWrite, columns: readonly CatalogueColumn[]): Promise<Written> {
  const draft = o.s3.draftPath()
  await mkdir(draft)
  try {
    // Athena writes rows in no order, whatever ORDER BY says.
    await o.connection.run('SET preserve_insertion_order = false')
    const typed = columns.map(
      ({ name, type }) => `CAST(${quoted(name)} AS ${duckdbTypeOf(type)}) AS ${quoted(name)}`,
    )
    const query = `SELECT ${typed.join(', ')} FROM (${o.sql}\n) AS query`
    const rowCount = await writeDrafts(o, query, draft)
    await o.beforeCommit()
    return { rowCount, partitions: await putFiles(o, draft) }
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
}

async function writeDrafts(o: TableWrite, query: string, draft: string): Promise<number> {
  const { connection } = o
  const { partitionedBy, bucketedBy, bucketCount, compression } = o.properties
  const copy = async (rows: string, to: string, more = '') => {
    const path = join(draft, to).replaceAll("'", "''")
    const copied = await connection.run(
      `COPY (${rows}) TO '${path}' (FORMAT parquet, COMPRESSION ${compression}${more})`,
    )
    return copied.rowsChanged
  }
  if (partitionedBy.length === 0 && bucketCount <= 1) return copy(query, `0`)
  await connection.run(`CREATE TEMP TABLE written AS ${query}`)
  if (partitionedBy.length > 0) {
    if (bucketCount > 0) throw new QueryFailure('NOT_SUPPORTED: partitions with buckets are not known here')
    const keys = partitionedBy.map(quoted).join(', ')
    await checkPartitionCount(connection, keys)
    return copy('FROM temp.written', 'partitions', `, PARTITION_BY (${keys}), FILENAME_PATTERN '{i}'`)
  }
  const bucket = `hash(${bucketedBy.map(quoted).join(', ')}) % ${bucketCount}`
  let rowCount = 0
  for (let n = 0; n < bucketCount; n++)
    rowCount += await copy(`FROM temp.written WHERE ${bucket} = ${n}`, String(n))
  return rowCount
}

async function checkPartitionCount(connection: DuckDBConnection, keys: string): Promise<void> {
  const reader = await connection.runAndReadAll(
    `SELECT count(*) FROM (SELECT DISTINCT ${keys} FROM temp.written)`,
  )
  if (Number(reader.getRows()[0]?.[0] ?? 0) > maxPartitions)
    throw new QueryFailure(
      `HIVE_TOO_MANY_OPEN_PARTITIONS: Exceeded limit of ${maxPartitions} open writers for partitions/buckets`,
    )
}

/** `<draft>/<n>` or `<draft>/partitions/<key>=<value>/<file>` to objects whose names nobody else gives. */
async function putFiles(o: TableWrite, draft: string): Promise<Partition[]> {
  const { s3, location, queryId } = o
  const partitions = new Map<string, Partition>()
  const entries = await readdir(draft, { recursive: true, withFileTypes: true })
  for (const entry of entries.filter((one) => one.isFile())) {
    const folders = entry.parentPath.slice(draft.length).split('/').slice(2)
    const prefix = location.prefix + folders.map((folder) => `${folder}/`).join('')
    const ending = o.properties.bucketCount > 0 ? `bucket-${entry.name.padStart(5, '0')}` : randomUUID()
    await s3.putFile({
      bucket: location.bucket,
      key: `${prefix}${queryId}_${ending}`,
      draft: join(entry.parentPath, entry.name),
    })
    if (folders.length > 0) {
      const values = folders.map((folder) => decodeURIComponent(folder.slice(folder.indexOf('=') + 1)))
      partitions.set(prefix, { values, location: addressOf({ ...location, prefix }) })
    }
  }
  return [...partitions.values()]
}
