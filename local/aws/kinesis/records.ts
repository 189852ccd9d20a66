import type { Faults } from '../call.ts'
import { AwsError, invalidMember } from '../errors.ts'
import { Input } from '../input.ts'
import { hashKeySpace } from './hash-key.ts'
import { decodeIterator, encodeIterator } from './iterator.ts'
import type { KinesisStore, NewRecord, Placed } from './store.ts'

const maxRecordBytes = 1024 * 1024
const maxRequestBytes = 5 * 1024 * 1024
const maxRequestRecords = 500
const maxReadRecords = 10_000
const maxReadBytes = 10 * 1024 * 1024

export function recordOf(input: Input): NewRecord {
  const data = input.blob('Data')
  const partitionKey = input.text('PartitionKey')
  const explicitHashKey = input.optionalText('ExplicitHashKey')
  if (partitionKey.length < 1 || partitionKey.length > 256) {
    throw invalidMember('partitionKey', 'Member must have length between 1 and 256')
  }
  if (data.length + Buffer.byteLength(partitionKey) > maxRecordBytes) {
    throw invalidMember('data', `Member must have length less than or equal to ${maxRecordBytes}`)
  }
  if (explicitHashKey === undefined) return { data, partitionKey }
  if (!/^(0|[1-9]\d{0,38})$/.test(explicitHashKey) || BigInt(explicitHashKey) >= hashKeySpace) {
    throw new AwsError(
      'InvalidArgumentException',
      `Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. Specified value was ${explicitHashKey}`,
    )
  }
  return { data, partitionKey, explicitHashKey }
}

export function recordsOf(input: Input): NewRecord[] {
  const entries = input.list('Records')
  if (entries.length < 1 || entries.length > maxRequestRecords) {
    throw invalidMember('records', `Member must have length between 1 and ${maxRequestRecords}`)
  }
  const records = entries.map((entry) => recordOf(new Input(entry)))
  const bytes = records.reduce((sum, one) => sum + one.data.length + Buffer.byteLength(one.partitionKey), 0)
  if (bytes > maxRequestBytes) {
    throw new AwsError('InvalidArgumentException', 'Records size exceeds 5 MB limit')
  }
  return records
}

/** Writes what no fault refuses; the answer has an entry for each record, refused ones included. */
export function putRecords(
  store: KinesisStore,
  faults: Faults,
  o: { stream: string; input: Input },
): unknown {
  const records = recordsOf(o.input)
  const refusals = records.map((record, index) =>
    faults.entry?.({ service: 'kinesis', resource: o.stream, index, ...record }),
  )
  const placed = store.put(
    o.stream,
    records.filter((_, index) => !refusals[index]),
  )
  let next = 0
  const entries = refusals.map((fault) =>
    fault
      ? { ErrorCode: fault.code, ErrorMessage: fault.message ?? `Rate exceeded for stream ${o.stream}` }
      : placedEntry(placed[next++]),
  )
  const failed = refusals.filter((fault) => fault).length
  return { FailedRecordCount: failed, Records: entries, EncryptionType: 'NONE' }
}

export function placedEntry(placed: Placed | undefined): unknown {
  return { SequenceNumber: placed?.sequenceNumber, ShardId: placed?.shardId }
}

export function getRecords(store: KinesisStore, input: Input): unknown {
  const position = decodeIterator(input.text('ShardIterator'))
  const limit = input.optionalNumber('Limit') ?? maxReadRecords
  if (limit < 1 || limit > maxReadRecords)
    throw invalidMember('limit', `Member must be between 1 and ${maxReadRecords}`)
  const { stream, shardId } = position
  if (store.describe(stream).createdMs !== position.createdMs) {
    throw new AwsError('ResourceNotFoundException', `The stream ${stream} of this iterator was deleted.`)
  }
  const { records, atEnd } = store.read({
    stream,
    shardId,
    after: position.after,
    maxRecords: limit,
    maxBytes: maxReadBytes,
  })
  const last = records.at(-1)
  const isBehind = last !== undefined && last.sequenceNumber !== store.latest(stream, shardId)
  const next = { ...position, after: last?.sequenceNumber ?? position.after }
  return {
    Records: records.map((record) => ({
      ApproximateArrivalTimestamp: record.arrivalMs / 1000,
      Data: record.data.toString('base64'),
      PartitionKey: record.partitionKey,
      SequenceNumber: record.sequenceNumber,
      EncryptionType: 'NONE',
    })),
    MillisBehindLatest: isBehind ? Math.max(1, Date.now() - last.arrivalMs) : 0,
    ...(atEnd
      ? { ChildShards: childrenOf(store, stream, shardId) }
      : { NextShardIterator: encodeIterator(next) }),
  }
}

function childrenOf(store: KinesisStore, stream: string, shardId: string): unknown[] {
  return store
    .listShards(stream)
    .filter((shard) => shard.parentShardId === shardId || shard.adjacentParentShardId === shardId)
    .map((shard) => ({
      ShardId: shard.shardId,
      ParentShards: [shard.parentShardId, shard.adjacentParentShardId].filter(
        (parent) => parent !== undefined,
      ),
      HashKeyRange: { StartingHashKey: shard.startingHashKey, EndingHashKey: shard.endingHashKey },
    }))
}
