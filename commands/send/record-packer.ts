import { crc32, gzipSync } from 'node:zlib'
import type { OutgoingRecord } from '../../shared/aws/kinesis.ts'

/** Lines joined into one record. Large enough to be cheap, small enough that a batch of Lambda holds twenty. */
const maxJoinedBytes = 200_000
/** Far below the number of events at which enrich gives a record up. */
const maxJoinedLines = 5_000
/** Kinesis takes 1 MiB a record, the partition key included. */
export const maxRecordBytes = 1024 * 1024 - 256
/** What a gzipped line may come to: enrich unzips no more. */
export const maxLineBytes = 16 * 1024 * 1024

export type Line = {
  readonly bytes: Buffer
  /** Lines with the same key go to the same shard, in order. */
  readonly key: string | Buffer
  /** False for what is no JSON: beside other such lines in one record it would not be told apart. */
  readonly isJson: boolean
}

type Bucket = {
  readonly partitionKey: string
  readonly explicitHashKey: string
  lines: Buffer[]
  bytes: number
}

/** Joins lines into records, one growing record for each shard. */
export class RecordPacker {
  readonly #buckets: readonly Bucket[]

  constructor(startingHashKeys: readonly string[]) {
    this.#buckets = startingHashKeys.map((explicitHashKey, index) => ({
      partitionKey: `send-${index}`,
      explicitHashKey,
      lines: [],
      bytes: 0,
    }))
  }

  /** The records that are ready to go now; undefined when the line fits into none. */
  add(line: Line): OutgoingRecord[] | undefined {
    const bucket = this.#buckets[crc32(line.key) % this.#buckets.length]
    if (!bucket) throw new Error('the stream has no open shard')
    const ready: OutgoingRecord[] = []
    const isAlone = !line.isJson || line.bytes.length > maxJoinedBytes
    const isFull = bucket.bytes + line.bytes.length > maxJoinedBytes || bucket.lines.length >= maxJoinedLines
    if (isAlone || isFull) ready.push(...take(bucket))
    if (!isAlone) {
      bucket.lines.push(line.bytes)
      bucket.bytes += line.bytes.length + 1
      return ready
    }
    const data = line.bytes.length > maxRecordBytes ? gzipSync(line.bytes) : line.bytes
    if (data.length > maxRecordBytes || line.bytes.length > maxLineBytes) return undefined
    ready.push({ data, partitionKey: bucket.partitionKey, explicitHashKey: bucket.explicitHashKey })
    return ready
  }

  /** What is still growing. */
  rest(): OutgoingRecord[] {
    return this.#buckets.flatMap(take)
  }
}

const newline = Buffer.from('\n')

function take(bucket: Bucket): OutgoingRecord[] {
  if (bucket.lines.length === 0) return []
  const { partitionKey, explicitHashKey } = bucket
  const data = Buffer.concat(bucket.lines.flatMap((line) => [line, newline]))
  bucket.lines = []
  bucket.bytes = 0
  return [{ data, partitionKey, explicitHashKey }]
}
