import { nameInArn } from '../arn.ts'
import { AwsError } from '../errors.ts'
import type { Input } from '../input.ts'
import type { KinesisStore, Shard } from './store.ts'

/** What the describing and listing actions answer. */
export function summaryOf(store: KinesisStore, name: string) {
  const { arn } = store.describe(name)
  return { StreamName: name, StreamARN: arn }
}

function commonOf(store: KinesisStore, name: string) {
  const stream = store.describe(name)
  return {
    ...summaryOf(store, name),
    StreamStatus: 'ACTIVE',
    StreamModeDetails: { StreamMode: 'PROVISIONED' },
    RetentionPeriodHours: stream.retentionHours,
    StreamCreationTimestamp: stream.createdMs / 1000,
    EnhancedMonitoring: [{ ShardLevelMetrics: [] }],
    EncryptionType: 'NONE',
  }
}

export function describeStreamSummary(store: KinesisStore, name: string) {
  const { openShardCount } = store.describe(name)
  return {
    StreamDescriptionSummary: { ...commonOf(store, name), OpenShardCount: openShardCount, ConsumerCount: 0 },
  }
}

export function describeStream(store: KinesisStore, name: string, input: Input) {
  const limit = input.optionalNumber('Limit') ?? 100
  const rest = after(store.listShards(name), input.optionalText('ExclusiveStartShardId'))
  return {
    StreamDescription: {
      ...commonOf(store, name),
      Shards: rest.slice(0, limit).map(shown),
      HasMoreShards: rest.length > limit,
    },
  }
}

export function listStreams(store: KinesisStore, input: Input) {
  const limit = input.optionalNumber('Limit') ?? 100
  const start = input.optionalText('ExclusiveStartStreamName') ?? input.optionalText('NextToken') ?? ''
  const rest = store.streamNames().filter((name) => name > start)
  const names = rest.slice(0, limit)
  const hasMore = rest.length > limit
  return {
    StreamNames: names,
    HasMoreStreams: hasMore,
    ...(hasMore && { NextToken: names.at(-1) }),
    StreamSummaries: names.map((name) => {
      const { StreamStatus, StreamModeDetails, StreamCreationTimestamp } = commonOf(store, name)
      return { ...summaryOf(store, name), StreamStatus, StreamModeDetails, StreamCreationTimestamp }
    }),
  }
}

export function listShards(store: KinesisStore, input: Input) {
  const page = pageOf(input)
  const limit = input.optionalNumber('MaxResults') ?? 1000
  const rest = after(filtered(store.listShards(page.stream), page.filter), page.after)
  const shards = rest.slice(0, limit)
  if (rest.length <= limit) return { Shards: shards.map(shown) }
  const token = { ...page, after: shards.at(-1)?.shardId }
  return { Shards: shards.map(shown), NextToken: Buffer.from(JSON.stringify(token)).toString('base64') }
}

type Filter = { type: string; shardId?: string | undefined; timestampMs?: number | undefined }
type Page = { stream: string; after?: string | undefined; filter?: Filter | undefined }

function pageOf(input: Input): Page {
  const token = input.optionalText('NextToken')
  if (token !== undefined) return JSON.parse(Buffer.from(token, 'base64').toString('utf8'))
  const arn = input.optionalText('StreamARN')
  const stream = arn === undefined ? input.text('StreamName') : nameInArn(arn)
  const filter = input.optionalObject('ShardFilter')
  const seconds = filter?.optionalNumber('Timestamp')
  return {
    stream,
    after: input.optionalText('ExclusiveStartShardId'),
    filter: filter && {
      type: filter.text('Type'),
      shardId: filter.optionalText('ShardId'),
      timestampMs: seconds === undefined ? undefined : seconds * 1000,
    },
  }
}

/** Everything kept counts as within the retention: old shards are not forgotten here. */
function filtered(shards: Shard[], filter: Filter | undefined): Shard[] {
  switch (filter?.type) {
    case undefined:
    case 'AT_TRIM_HORIZON':
    case 'FROM_TRIM_HORIZON':
      return shards
    case 'AT_LATEST':
      return shards.filter((shard) => shard.endingSequenceNumber === undefined)
    case 'AFTER_SHARD_ID':
      return after(shards, filter?.shardId)
    case 'AT_TIMESTAMP':
      return shards.filter(
        (shard) =>
          shard.createdMs <= (filter?.timestampMs ?? 0) && endMs(shard, shards) > (filter?.timestampMs ?? 0),
      )
    case 'FROM_TIMESTAMP':
      return shards.filter((shard) => endMs(shard, shards) >= (filter?.timestampMs ?? 0))
    default:
      throw new AwsError('ValidationException', `ShardFilter type ${filter?.type} is not known`)
  }
}

/** A shard ends when its first child begins. */
function endMs(shard: Shard, shards: Shard[]): number {
  const child = shards.find(
    (one) => one.parentShardId === shard.shardId || one.adjacentParentShardId === shard.shardId,
  )
  return child?.createdMs ?? Number.POSITIVE_INFINITY
}

function after(shards: Shard[], shardId: string | undefined): Shard[] {
  return shardId === undefined ? shards : shards.filter((shard) => shard.shardId > shardId)
}

function shown(shard: Shard) {
  return {
    ShardId: shard.shardId,
    ParentShardId: shard.parentShardId,
    AdjacentParentShardId: shard.adjacentParentShardId,
    HashKeyRange: { StartingHashKey: shard.startingHashKey, EndingHashKey: shard.endingHashKey },
    SequenceNumberRange: {
      StartingSequenceNumber: shard.startingSequenceNumber,
      EndingSequenceNumber: shard.endingSequenceNumber,
    },
  }
}
