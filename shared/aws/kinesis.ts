import {
  DescribeStreamSummaryCommand,
  IncreaseStreamRetentionPeriodCommand,
  KinesisClient,
  ListShardsCommand,
  type ListShardsCommandOutput,
  PutRecordsCommand,
} from '@aws-sdk/client-kinesis'
import { resendRefused } from '../core/lake/resend.ts'
import { pause } from './backoff.ts'

export type OutgoingRecord = {
  readonly data: Uint8Array
  readonly partitionKey: string
  /** Decimal text below 2^128; decides the shard in place of the partition key. */
  readonly explicitHashKey?: string
}

/** Where Kinesis put a record. */
export type PlacedRecord = { readonly shardId: string; readonly sequenceNumber: string }

export type RecordWriter = {
  /**
   * Puts every record, or throws. Answers in the order of `records`. After a throw any of them may be in the stream,
   * so whoever puts again must be ready for redeliveries.
   */
  put(
    records: readonly OutgoingRecord[],
    options?: { readonly signal?: AbortSignal },
  ): Promise<PlacedRecord[]>
}

// https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecords.html (data and partition keys count)
const maxRecordsPerRequest = 500
const maxBytesPerRequest = 5 * 1024 * 1024

export function createRecordWriter(options: {
  readonly streamName: string
  readonly client?: KinesisClient
  readonly maxInFlight?: number
  /** In a row without one record taken: a busy stream that takes some each time is not given up. */
  readonly maxAttempts?: number
}): RecordWriter {
  const { streamName, client = sharedClient(), maxInFlight = 4, maxAttempts = 10 } = options
  return {
    async put(records, { signal } = {}) {
      const placed = new Array<PlacedRecord>(records.length)
      const requests = splitIntoRequests(records)
      let next = 0
      // A first failure stops the others from starting further requests: the caller is going to throw anyway.
      let failed = false
      const work = async () => {
        for (let request = requests[next++]; request && !failed; request = requests[next++])
          await putAll(request, { client, streamName, placed, signal, maxAttempts }).catch((error) => {
            failed = true
            throw error
          })
      }
      const outcomes = await Promise.allSettled(Array.from({ length: maxInFlight }, work))
      for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
      return placed
    },
  }
}

/** A record and its place in the answer. */
type Numbered = { readonly position: number; readonly record: OutgoingRecord }

function splitIntoRequests(records: readonly OutgoingRecord[]): Numbered[][] {
  const requests: Numbered[][] = []
  let bytes = 0
  for (const [position, record] of records.entries()) {
    const size = record.data.length + Buffer.byteLength(record.partitionKey)
    const last = requests.at(-1)
    if (last && last.length < maxRecordsPerRequest && bytes + size <= maxBytesPerRequest) {
      last.push({ position, record })
      bytes += size
    } else {
      requests.push([{ position, record }])
      bytes = size
    }
  }
  return requests
}

type PutContext = {
  readonly client: KinesisClient
  readonly streamName: string
  readonly placed: PlacedRecord[]
  readonly signal: AbortSignal | undefined
  readonly maxAttempts: number
}

/** PutRecords refuses single records inside a 200: those are sent again until all are taken. */
const putAll = (request: readonly Numbered[], context: PutContext): Promise<void> => {
  const { client, streamName, placed, signal, maxAttempts } = context
  return resendRefused(request, {
    name: streamName,
    maxAttempts,
    async put(waiting) {
      const answer = await client.send(
        new PutRecordsCommand({
          StreamName: streamName,
          Records: waiting.map(({ record }) => ({
            Data: record.data,
            PartitionKey: record.partitionKey,
            ExplicitHashKey: record.explicitHashKey,
          })),
        }),
        signal ? { abortSignal: signal } : {},
      )
      const refused: number[] = []
      let reason = ''
      for (const [place, { position }] of waiting.entries()) {
        const entry = answer.Records?.[place]
        if (entry?.ShardId && entry.SequenceNumber)
          placed[position] = { shardId: entry.ShardId, sequenceNumber: entry.SequenceNumber }
        else {
          refused.push(place)
          reason = `${entry?.ErrorCode}: ${entry?.ErrorMessage}`
        }
      }
      return { refused, reason }
    },
    pause: (attempt) => pause(attempt, signal),
  })
}

export type Shard = {
  readonly id: string
  /** Ids of the shards it was split or merged from; they may be gone from the list already. */
  readonly parents: readonly string[]
  readonly open: boolean
  /** As `explicitHashKey` it leads to this shard. */
  readonly startingHashKey: string
}

/** Every shard of the stream that still holds records, closed ones included. */
export async function listShards(streamName: string, client = sharedClient()): Promise<Shard[]> {
  const shards: Shard[] = []
  let nextToken: string | undefined
  do {
    const page: ListShardsCommandOutput = await client.send(
      // The stream's name and a page token exclude each other.
      new ListShardsCommand(nextToken ? { NextToken: nextToken } : { StreamName: streamName }),
    )
    for (const shard of page.Shards ?? [])
      shards.push({
        id: shard.ShardId ?? '',
        parents: [shard.ParentShardId, shard.AdjacentParentShardId].filter((id) => id !== undefined),
        open: shard.SequenceNumberRange?.EndingSequenceNumber === undefined,
        startingHashKey: shard.HashKeyRange?.StartingHashKey ?? '0',
      })
    nextToken = page.NextToken
  } while (nextToken)
  return shards
}

/** Tells a stream from a later one of the same name, whose sequence numbers start anew. */
export async function streamCreatedMs(streamName: string, client = sharedClient()): Promise<number> {
  const answer = await client.send(new DescribeStreamSummaryCommand({ StreamName: streamName }))
  const created = answer.StreamDescriptionSummary?.StreamCreationTimestamp
  if (!created) throw new Error(`${streamName}: Kinesis does not say when it was created`)
  return created.getTime()
}

/** How long the stream keeps a record, in hours. */
export async function hoursKept(streamName: string, client = sharedClient()): Promise<number> {
  const answer = await client.send(new DescribeStreamSummaryCommand({ StreamName: streamName }))
  const hours = answer.StreamDescriptionSummary?.RetentionPeriodHours
  if (hours === undefined) throw new Error(`${streamName}: Kinesis does not say how long it keeps a record`)
  return hours
}

/**
 * Upwards only; at most 8,760 hours. What has not expired yet is kept for so long, within minutes:
 * https://docs.aws.amazon.com/streams/latest/dev/kinesis-extended-retention.html
 */
export async function extendRetention(
  streamName: string,
  hours: number,
  client = sharedClient(),
): Promise<void> {
  await client.send(
    new IncreaseStreamRetentionPeriodCommand({ StreamName: streamName, RetentionPeriodHours: hours }),
  )
}

let client: KinesisClient | undefined
/** Made at the first call, not at import: commands set the endpoint in the environment first. */
function sharedClient(): KinesisClient {
  client ??= new KinesisClient({})
  return client
}
