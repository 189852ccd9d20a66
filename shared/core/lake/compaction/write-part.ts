import { textLiteral } from '../view-sql.ts'
import { bucketCount, targetBytes } from './bucket-count.ts'
import {
  type DailyTable,
  partName,
  partPrefix,
  partTable,
  type WorkKind,
  workMark,
  workPrefix,
  workTable,
} from './names.ts'
import type { CompactionPorts } from './ports.ts'

type WritePorts = Pick<CompactionPorts, 'sql' | 'bucket' | 'objects'>

/** By visitor: as even as there are many of them, where a bucket by event would hold most of a day. */
const bucketColumn: Readonly<Record<DailyTable, string>> = {
  events_daily: 'visitor',
  sessions_daily: 'visitor',
  persons: 'anonymous_id',
}

/** Writes one part and answers its name. It is in no catalogue yet. A part that came out in more files than its bytes need, because they were guessed too high, is written again.
 */
export const writePart = async (
  part: {
    readonly table: DailyTable
    readonly day: string
    readonly run: string
    readonly estimatedBytes: number
    readonly select: string
  },
  ports: WritePorts,
): Promise<string> => {
  let buckets = bucketCount(part.estimatedBytes)
  for (let take = 0; ; take++) {
    const name = partName(part.day, part.run, take)
    const prefix = partPrefix(part.table, name)
    const location = textLiteral(`s3://${ports.bucket}/${prefix}`)
    const through = partTable(part.table, name)
    const properties = [
      "format = 'PARQUET'",
      "write_compression = 'ZSTD'",
      `external_location = ${location}`,
      `bucketed_by = ARRAY[${textLiteral(bucketColumn[part.table])}]`,
      `bucket_count = ${buckets}`,
    ]
    await ports.sql.run(`CREATE TABLE ${through} WITH (${properties.join(', ')}) AS ${part.select}`)
    await ports.sql.run(`DROP TABLE IF EXISTS ${through}`)
    const { files, bytes } = await ports.objects.sizeOf(prefix)
    const enough = Math.max(1, Math.ceil(bytes / targetBytes))
    if (files > enough && take === 0) {
      buckets = enough
      continue
    }
    return name
  }
}

const partitionsPerStatement = 50

/** Tells the catalogue of parts; no reader looks at one before the state names it. */
export const addPartitions = async (
  table: DailyTable,
  parts: readonly string[],
  { sql, bucket }: WritePorts,
): Promise<void> => {
  for (let start = 0; start < parts.length; start += partitionsPerStatement) {
    const partitions = parts
      .slice(start, start + partitionsPerStatement)
      .map(
        (part) =>
          `PARTITION (part = ${textLiteral(part)}) LOCATION ${textLiteral(`s3://${bucket}/${partPrefix(table, part)}`)}`,
      )
    await sql.run(`ALTER TABLE ${table} ADD IF NOT EXISTS ${partitions.join(' ')}`)
  }
}

/** Writes a table that later statements of the attempt read. */
export const writeWorkTable = async (
  work: { readonly run: string; readonly kind: WorkKind; readonly select: string },
  { sql, bucket, objects }: WritePorts,
): Promise<string> => {
  await objects.put(workMark(work.run), new Uint8Array())
  const name = workTable(work.run, work.kind)
  const location = textLiteral(`s3://${bucket}/${workPrefix(work.run, work.kind)}`)
  await sql.run(
    `CREATE TABLE ${name} WITH (format = 'PARQUET', write_compression = 'ZSTD', external_location = ${location}) AS ${work.select}`,
  )
  return name
}
