import { nameInArn } from '../arn.ts'
import { type Faults, readable } from '../call.ts'
import { AwsError } from '../errors.ts'
import { Input } from '../input.ts'
import type { JsonService } from '../json-service.ts'
import { decodeIterator, encodeIterator, positionOf } from './iterator.ts'
import { getRecords, placedEntry, putRecords, recordOf } from './records.ts'
import { changeRetention } from './retention.ts'
import type { KinesisStore } from './store.ts'
import { describeStream, describeStreamSummary, listShards, listStreams, summaryOf } from './views.ts'

/** The Kinesis Data Streams API, as far as producers, consumers and people at a prompt use it. */
export function kinesisActions(store: KinesisStore, faults: Faults): JsonService {
  const mustExist = (input: Input) => store.describe(streamIn(input)).name

  const actions: JsonService['actions'] = {
    CreateStream(input) {
      const name = input.text('StreamName')
      if (store.streamNames().includes(name)) {
        throw new AwsError('ResourceInUseException', `Stream ${name} under account already exists.`)
      }
      store.createStream({ name, shardCount: input.optionalNumber('ShardCount') ?? 4 })
    },
    DeleteStream: (input) => store.deleteStream(streamIn(input)),
    DescribeStream: (input) => describeStream(store, streamIn(input), input),
    DescribeStreamSummary: (input) => describeStreamSummary(store, streamIn(input)),
    ListStreams: (input) => listStreams(store, input),
    ListShards: (input) => listShards(store, input),

    PutRecord(input) {
      const [placed] = store.put(mustExist(input), [recordOf(input)])
      return Object.assign({ EncryptionType: 'NONE' }, placedEntry(placed))
    },
    PutRecords: (input) => putRecords(store, faults, { stream: mustExist(input), input }),

    GetShardIterator: (input) => ({
      ShardIterator: encodeIterator(positionOf(store, streamIn(input), input)),
    }),
    GetRecords: (input) => getRecords(store, input),

    SplitShard(input) {
      const newStartingHashKey = input.text('NewStartingHashKey')
      store.split({ stream: streamIn(input), shardId: input.text('ShardToSplit'), newStartingHashKey })
    },
    MergeShards(input) {
      const adjacentShardId = input.text('AdjacentShardToMerge')
      store.merge({ stream: streamIn(input), shardId: input.text('ShardToMerge'), adjacentShardId })
    },
    UpdateShardCount(input) {
      const stream = streamIn(input)
      const { openShardCount } = store.describe(stream)
      store.updateShardCount(stream, input.number('TargetShardCount'))
      return {
        ...summaryOf(store, stream),
        CurrentShardCount: openShardCount,
        TargetShardCount: input.number('TargetShardCount'),
      }
    },

    IncreaseStreamRetentionPeriod: (input) =>
      changeRetention(store, { ...retentionIn(input), direction: 'Increase' }),
    DecreaseStreamRetentionPeriod: (input) =>
      changeRetention(store, { ...retentionIn(input), direction: 'Decrease' }),
  }
  return { service: 'kinesis', hasLongTexts: true, actions, resource, payload }
}

function streamIn(input: Input): string {
  const arn = input.optionalText('StreamARN')
  return arn === undefined ? input.text('StreamName') : nameInArn(arn)
}

function retentionIn(input: Input): { stream: string; hours: number } {
  return { stream: streamIn(input), hours: input.number('RetentionPeriodHours') }
}

function resource(input: Input): string {
  const iterator = input.optionalText('ShardIterator')
  if (iterator !== undefined) return decodeIterator(iterator).stream
  const named = input.optionalText('StreamName') ?? input.optionalText('StreamARN')
  return named === undefined ? '*' : nameInArn(named)
}

function payload(action: string, input: Input): (() => unknown) | undefined {
  if (action === 'PutRecord') return () => [shown(input)]
  if (action === 'PutRecords') return () => input.list('Records').map((entry) => shown(new Input(entry)))
  return undefined
}

function shown(record: Input): unknown {
  return {
    partitionKey: record.optionalText('PartitionKey'),
    explicitHashKey: record.optionalText('ExplicitHashKey'),
    data: readable(record.optionalBlob('Data') ?? Buffer.alloc(0)),
  }
}
