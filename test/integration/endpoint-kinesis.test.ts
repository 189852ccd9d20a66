import { appendFileSync, globSync, readFileSync, statSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { FirehoseClient } from '@aws-sdk/client-firehose'
import {
  CreateStreamCommand,
  DescribeStreamSummaryCommand,
  GetRecordsCommand,
  type GetRecordsCommandOutput,
  GetShardIteratorCommand,
  type GetShardIteratorCommandInput,
  KinesisClient,
  ListShardsCommand,
  MergeShardsCommand,
  PutRecordCommand,
  PutRecordsCommand,
  SplitShardCommand,
  UpdateShardCountCommand,
} from '@aws-sdk/client-kinesis'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type EndpointFixture, openFixture } from './endpoint-fixture.ts'

let fixture: EndpointFixture
let kinesis: KinesisClient

beforeEach(async () => {
  fixture = await openFixture()
  kinesis = new KinesisClient(fixture.client)
  fixture.endpoint.kinesis.createStream({ name: 'clicks', shardCount: 2 })
})

afterEach(async () => {
  kinesis.destroy()
  await fixture.remove()
})

const halfOfKeys = (2n ** 127n).toString()
const lowKey = '0'
const record = (text: string, explicitHashKey = lowKey) => ({
  Data: Buffer.from(text),
  PartitionKey: 'p',
  ExplicitHashKey: explicitHashKey,
})

async function read(
  shardId: string,
  from: Partial<GetShardIteratorCommandInput> = {},
  limit?: number,
): Promise<GetRecordsCommandOutput> {
  const { ShardIterator } = await kinesis.send(
    new GetShardIteratorCommand({
      StreamName: 'clicks',
      ShardId: shardId,
      ShardIteratorType: 'TRIM_HORIZON',
      ...from,
    }),
  )
  return kinesis.send(new GetRecordsCommand({ ShardIterator, Limit: limit }))
}

const texts = (output: GetRecordsCommandOutput) =>
  output.Records?.map(({ Data }) => Buffer.from(Data ?? []).toString())
const shard0 = 'shardId-000000000000'
const shard1 = 'shardId-000000000001'

describe('records', () => {
  it('come back in the order of their sequence numbers, over HTTP/2 and HTTP/1.1 alike', async () => {
    // The Firehose client's own handler speaks HTTP/1.1; the Kinesis client's speaks HTTP/2.
    const { requestHandler } = new FirehoseClient(fixture.client).config
    const http1 = new KinesisClient({ ...fixture.client, requestHandler })
    const first = await http1.send(new PutRecordCommand({ StreamName: 'clicks', ...record('one') }))
    const rest = await kinesis.send(
      new PutRecordsCommand({ StreamName: 'clicks', Records: [record('two'), record('three')] }),
    )
    http1.destroy()

    const output = await read(shard0)

    expect(texts(output)).toEqual(['one', 'two', 'three'])
    const numbers = output.Records?.map((one) => one.SequenceNumber ?? '') ?? []
    expect(numbers).toEqual([first.SequenceNumber, ...(rest.Records ?? []).map((one) => one.SequenceNumber)])
    expect(numbers).toEqual(numbers.toSorted((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1)))
    expect(numbers.every((number) => number.length === 56)).toBe(true)
    expect(output.MillisBehindLatest).toBe(0)
    expect(output.NextShardIterator).toBeDefined()
  })

  it('go to the shard of their explicit hash key, else of the MD5 of their partition key', async () => {
    const explicit = await kinesis.send(
      new PutRecordCommand({ StreamName: 'clicks', ...record('x', halfOfKeys) }),
    )
    // md5('a') begins with 0c, md5('c') with 4a, md5('b') with 92
    const keys = ['a', 'b', 'c']
    const hashed = await kinesis.send(
      new PutRecordsCommand({
        StreamARN: fixture.endpoint.kinesis.describe('clicks').arn,
        Records: keys.map((key) => ({ Data: Buffer.from(key), PartitionKey: key })),
      }),
    )

    expect(explicit.ShardId).toBe(shard1)
    expect(hashed.Records?.map((one) => one.ShardId)).toEqual([shard0, shard1, shard0])
  })

  it('are found from any kind of starting point', async () => {
    const put = await kinesis.send(
      new PutRecordsCommand({ StreamName: 'clicks', Records: ['a', 'b', 'c'].map((text) => record(text)) }),
    )
    const StartingSequenceNumber = put.Records?.[1]?.SequenceNumber
    const { ShardIterator: latest } = await kinesis.send(
      new GetShardIteratorCommand({ StreamName: 'clicks', ShardId: shard0, ShardIteratorType: 'LATEST' }),
    )
    await kinesis.send(new PutRecordCommand({ StreamName: 'clicks', ...record('d') }))
    const arrival = (await read(shard0)).Records?.[0]?.ApproximateArrivalTimestamp ?? new Date(0)

    expect(
      texts(await read(shard0, { ShardIteratorType: 'AT_SEQUENCE_NUMBER', StartingSequenceNumber })),
    ).toEqual(['b', 'c', 'd'])
    expect(
      texts(await read(shard0, { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', StartingSequenceNumber })),
    ).toEqual(['c', 'd'])
    expect(texts(await kinesis.send(new GetRecordsCommand({ ShardIterator: latest })))).toEqual(['d'])
    const at = (ms: number) => ({
      ShardIteratorType: 'AT_TIMESTAMP' as const,
      Timestamp: new Date(arrival.getTime() + ms),
    })
    expect(texts(await read(shard0, at(0)))).toEqual(['a', 'b', 'c', 'd'])
    expect(texts(await read(shard0, at(60_000)))).toEqual([])
  })

  it('are read in pages, saying how far behind the reader is', async () => {
    await kinesis.send(
      new PutRecordsCommand({ StreamName: 'clicks', Records: ['a', 'b', 'c'].map((text) => record(text)) }),
    )

    const page = await read(shard0, {}, 2)
    const next = await kinesis.send(new GetRecordsCommand({ ShardIterator: page.NextShardIterator }))

    expect(texts(page)).toEqual(['a', 'b'])
    expect(page.MillisBehindLatest).toBeGreaterThan(0)
    expect(texts(next)).toEqual(['c'])
  })

  it('of several megabytes are read whole, 10 MiB at a time', async () => {
    const large = Buffer.alloc(1024 * 1024 - 1, 'x')
    for (let call = 0; call < 3; call++) {
      const Records = Array.from({ length: 4 }, () => ({ ...record(''), Data: large }))
      await kinesis.send(new PutRecordsCommand({ StreamName: 'clicks', Records }))
    }

    const first = await read(shard0)
    const second = await kinesis.send(new GetRecordsCommand({ ShardIterator: first.NextShardIterator }))

    expect(first.Records?.length).toBe(10)
    expect(second.Records?.length).toBe(2)
    expect(second.Records?.every(({ Data }) => large.equals(Data ?? Buffer.alloc(0)))).toBe(true)
  })
})

describe('limits', () => {
  const refused = async (records: { Data: Buffer; PartitionKey: string }[]) =>
    kinesis.send(new PutRecordsCommand({ StreamName: 'clicks', Records: records })).then(
      () => 'taken',
      (error: Error) => error.name,
    )
  const sized = (bytes: number) => ({ Data: Buffer.alloc(bytes), PartitionKey: 'p' })

  it('take 500 records and refuse 501', async () => {
    expect(await refused(Array.from({ length: 500 }, () => sized(1)))).toBe('taken')
    expect(await refused(Array.from({ length: 501 }, () => sized(1)))).toBe('ValidationException')
  })

  it('take a record of 1 MiB with its key and refuse a byte more', async () => {
    expect(await refused([sized(1024 * 1024 - 1)])).toBe('taken')
    expect(await refused([sized(1024 * 1024)])).toBe('ValidationException')
  })

  it('take 5 MiB a request and refuse a byte more', async () => {
    const five = Array.from({ length: 5 }, () => sized(1024 * 1024 - 1))
    expect(await refused(five)).toBe('taken')
    expect(await refused([...five, sized(0)])).toBe('InvalidArgumentException')
  })

  it('name the stream that does not exist', async () => {
    const put = kinesis.send(new PutRecordCommand({ StreamName: 'nowhere', ...record('x') }))
    await expect(put).rejects.toMatchObject({ name: 'ResourceNotFoundException', message: /nowhere/ })
  })
})

describe('faults', () => {
  it('refuse chosen records inside a 200 and write the others', async () => {
    fixture.endpoint.faults.entry = ({ index }) =>
      index === 1 ? { code: 'ProvisionedThroughputExceededException' } : undefined

    const output = await kinesis.send(
      new PutRecordsCommand({ StreamName: 'clicks', Records: ['a', 'b', 'c'].map((text) => record(text)) }),
    )

    expect(output.FailedRecordCount).toBe(1)
    expect(output.Records?.[1]?.ErrorCode).toBe('ProvisionedThroughputExceededException')
    expect(output.Records?.[1]?.SequenceNumber).toBeUndefined()
    expect(texts(await read(shard0))).toEqual(['a', 'c'])
  })

  it('can answer an error although the call was done', async () => {
    fixture.endpoint.faults.answer = () => ({ code: 'InternalFailure', status: 500 })
    const once = new KinesisClient({ ...fixture.client, maxAttempts: 1 })
    await expect(once.send(new PutRecordCommand({ StreamName: 'clicks', ...record('a') }))).rejects.toThrow()
    fixture.endpoint.faults.answer = undefined
    once.destroy()

    expect(texts(await read(shard0))).toEqual(['a'])
  })
})

describe('on disk', () => {
  const logFiles = () => globSync(join(fixture.dataDir, 'kinesis/clicks', shard0, '*.log'))

  it('a record is written before it is acknowledged', async () => {
    await kinesis.send(new PutRecordCommand({ StreamName: 'clicks', ...record('acknowledged') }))
    expect(
      logFiles()
        .map((file) => readFileSync(file, 'latin1'))
        .join(),
    ).toContain('acknowledged')
  })

  it('everything is as before after a restart, and later records get later numbers', async () => {
    const { StreamDescriptionSummary: before } = await kinesis.send(
      new DescribeStreamSummaryCommand({ StreamName: 'clicks' }),
    )
    const first = await kinesis.send(new PutRecordCommand({ StreamName: 'clicks', ...record('a') }))
    await fixture.restart()
    const second = await kinesis.send(new PutRecordCommand({ StreamName: 'clicks', ...record('b') }))
    const { StreamDescriptionSummary: after } = await kinesis.send(
      new DescribeStreamSummaryCommand({ StreamName: 'clicks' }),
    )

    expect(texts(await read(shard0))).toEqual(['a', 'b'])
    expect(BigInt(second.SequenceNumber ?? 0)).toBeGreaterThan(BigInt(first.SequenceNumber ?? 0))
    expect(after?.StreamCreationTimestamp).toEqual(before?.StreamCreationTimestamp)
  })

  it.each([
    ['cut off', (file: string) => truncateSync(file, statSync(file).size - 3)],
    ['garbled', (file: string) => appendFileSync(file, Buffer.from([0, 0, 0, 40, 1, 2, 3]))],
  ])('a tail that is %s is removed when the log is opened', async (_, damage) => {
    const Records = ['a', 'b', 'c'].map((text) => record(text))
    await kinesis.send(new PutRecordsCommand({ StreamName: 'clicks', Records }))
    const whole = _ === 'cut off' ? ['a', 'b'] : ['a', 'b', 'c']
    for (const file of logFiles()) damage(file)
    await fixture.restart()
    await kinesis.send(new PutRecordCommand({ StreamName: 'clicks', ...record('d') }))

    expect(texts(await read(shard0))).toEqual([...whole, 'd'])
  })
})

describe('resharding', () => {
  it('closes a split shard and names its children to who has read it to its end', async () => {
    await kinesis.send(new PutRecordCommand({ StreamName: 'clicks', ...record('before') }))
    const NewStartingHashKey = (2n ** 126n).toString()
    await kinesis.send(
      new SplitShardCommand({ StreamName: 'clicks', ShardToSplit: shard0, NewStartingHashKey }),
    )
    const after = await kinesis.send(new PutRecordCommand({ StreamName: 'clicks', ...record('after') }))

    const parent = await read(shard0)

    expect(texts(parent)).toEqual(['before'])
    expect(parent.NextShardIterator).toBeUndefined()
    expect(parent.ChildShards?.map((child) => [child.ShardId, child.ParentShards])).toEqual([
      ['shardId-000000000002', [shard0]],
      ['shardId-000000000003', [shard0]],
    ])
    expect(after.ShardId).toBe('shardId-000000000002')
    expect(texts(await read('shardId-000000000002'))).toEqual(['after'])
  })

  it('gives a merged shard two parents and keeps it over a restart', async () => {
    await kinesis.send(
      new MergeShardsCommand({ StreamName: 'clicks', ShardToMerge: shard0, AdjacentShardToMerge: shard1 }),
    )
    await fixture.restart()
    const { Shards } = await kinesis.send(new ListShardsCommand({ StreamName: 'clicks' }))

    expect(Shards?.map((shard) => [shard.ShardId, shard.ParentShardId, shard.AdjacentParentShardId])).toEqual(
      [
        [shard0, undefined, undefined],
        [shard1, undefined, undefined],
        ['shardId-000000000002', shard0, shard1],
      ],
    )
    expect(Shards?.map((shard) => shard.SequenceNumberRange?.EndingSequenceNumber !== undefined)).toEqual([
      true,
      true,
      false,
    ])
  })

  it('lists shards in pages, closed ones too', async () => {
    fixture.endpoint.kinesis.updateShardCount('clicks', 3)
    const first = await kinesis.send(new ListShardsCommand({ StreamName: 'clicks', MaxResults: 2 }))
    const rest = await kinesis.send(new ListShardsCommand({ NextToken: first.NextToken }))
    const open = await kinesis.send(
      new ListShardsCommand({ StreamName: 'clicks', ShardFilter: { Type: 'AT_LATEST' } }),
    )

    expect(first.Shards?.length).toBe(2)
    expect(rest.Shards?.length).toBe(fixture.endpoint.kinesis.listShards('clicks').length - 2)
    expect(open.Shards?.length).toBe(3)
  })

  it.each([1, 3, 5])('to %i shards leaves even ranges over the whole key space', async (count) => {
    await kinesis.send(
      new UpdateShardCountCommand({
        StreamName: 'clicks',
        TargetShardCount: count,
        ScalingType: 'UNIFORM_SCALING',
      }),
    )
    const open = fixture.endpoint.kinesis.listShards('clicks').filter((shard) => !shard.endingSequenceNumber)
    const starts = open.map((shard) => BigInt(shard.startingHashKey)).sort((a, b) => (a < b ? -1 : 1))
    const even = Array.from({ length: count }, (_, index) => (2n ** 128n * BigInt(index)) / BigInt(count))
    expect(starts).toEqual(even)
  })

  it('wakes those who listen for appends', async () => {
    const heard: string[] = []
    const stop = fixture.endpoint.kinesis.onAppend((stream, shardId) => heard.push(`${stream}/${shardId}`))
    await kinesis.send(new PutRecordCommand({ StreamName: 'clicks', ...record('a') }))
    stop()
    await kinesis.send(new PutRecordCommand({ StreamName: 'clicks', ...record('b') }))
    expect(heard).toEqual([`clicks/${shard0}`])
  })
})

it('makes streams of the API only once', async () => {
  const create = () => kinesis.send(new CreateStreamCommand({ StreamName: 'other', ShardCount: 1 }))
  await create()
  await expect(create()).rejects.toMatchObject({ name: 'ResourceInUseException' })
})
