import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb'
import { FirehoseClient, PutRecordBatchCommand, PutRecordCommand } from '@aws-sdk/client-firehose'
import {
  KinesisClient,
  PutRecordsCommand,
  PutRecordCommand as PutStreamRecordCommand,
} from '@aws-sdk/client-kinesis'
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { readoutDifference } from '../../commands/cost/readout-difference.ts'
import type { Readout } from '../../local/metering/readout.ts'
import { queueNamed } from '../support/sqs-queue.ts'
import { type EndpointFixture, openFixture } from './endpoint-fixture.ts'

const kb = 1024
let fixture: EndpointFixture
let before: Readout

beforeAll(async () => {
  fixture = await openFixture()
})

beforeEach(() => {
  before = fixture.endpoint.meter.readout()
})

afterAll(async () => {
  await fixture.remove()
})

/** What the test itself has brought about. */
const readout = (): Readout => readoutDifference(fixture.endpoint.meter.readout(), before)

describe('Kinesis', () => {
  let kinesis: KinesisClient

  beforeAll(() => {
    kinesis = new KinesisClient(fixture.client)
    fixture.endpoint.kinesis.createStream({ name: 'raw', shardCount: 2 })
  })
  afterAll(() => kinesis.destroy())

  const put = (...sizes: number[]) =>
    kinesis.send(
      new PutRecordsCommand({
        StreamName: 'raw',
        Records: sizes.map((size) => ({ Data: Buffer.alloc(size), PartitionKey: 'key' })),
      }),
    )

  it.each([
    [1, 1],
    [25 * kb, 1],
    [25 * kb + 1, 2],
    [1000 * kb, 40],
  ])('bills a record of %i bytes as %i PUT payload units', async (size, units) => {
    await put(size)
    expect(readout().kinesis.raw).toEqual({ putUnits: units, records: 1, bytes: size + 3 })
  })

  it('rounds up each record of a call by itself', async () => {
    await put(1, 1, 25 * kb + 1)
    await kinesis.send(
      new PutStreamRecordCommand({ StreamName: 'raw', Data: Buffer.alloc(1), PartitionKey: 'k' }),
    )
    expect(readout().kinesis.raw).toMatchObject({ putUnits: 5, records: 4 })
  })

  it('bills nothing for a record that was refused', async () => {
    fixture.endpoint.faults.entry = ({ index }) => (index === 0 ? { code: 'Throttled' } : undefined)
    await put(1, 1)
    delete fixture.endpoint.faults.entry
    expect(readout().kinesis.raw).toMatchObject({ putUnits: 1, records: 1 })
  })
})

describe('Firehose', () => {
  let firehose: FirehoseClient

  const declare = (name: string, more = {}) => ({
    DeliveryStreamName: name,
    ExtendedS3DestinationConfiguration: {
      BucketARN: 'arn:aws:s3:::weir-test-lake',
      Prefix: `${name}/dt=!{timestamp:yyyy-MM-dd}/`,
      ErrorOutputPrefix: 'errors/!{firehose:error-output-type}/',
      BufferingHints: { IntervalInSeconds: 900, SizeInMBs: 64 },
      ...more,
    },
  })

  beforeAll(() => {
    firehose = new FirehoseClient(fixture.client)
    fixture.endpoint.firehose.declare(declare('raw'))
    const converted = { DataFormatConversionConfiguration: { Enabled: true } }
    fixture.endpoint.firehose.declare(declare('events', converted), [{ Name: 'n', Type: 'bigint' }])
  })
  afterAll(() => firehose.destroy())

  it.each([
    [1, 5],
    [5 * kb, 5],
    [5 * kb + 1, 10],
    [1000 * kb, 1000],
  ])('bills a record of %i bytes as %i KB', async (size, billedKb) => {
    await firehose.send(
      new PutRecordCommand({ DeliveryStreamName: 'raw', Record: { Data: Buffer.alloc(size) } }),
    )
    expect(readout().firehose.raw).toEqual({
      records: 1,
      bytes: size,
      billedBytes: billedKb * kb,
      convertedBytes: 0,
    })
  })

  it('rounds up each record of a batch by itself, and bills conversion by the same bytes', async () => {
    const Records = [1, 2].map((n) => ({ Data: Buffer.from(`{"n":${n}}\n`) }))
    await firehose.send(new PutRecordBatchCommand({ DeliveryStreamName: 'events', Records }))
    expect(readout().firehose.events).toEqual({
      records: 2,
      bytes: 16,
      billedBytes: 10 * kb,
      convertedBytes: 10 * kb,
    })
  })

  it('counts the objects that it delivers apart from those that clients put', async () => {
    fixture.endpoint.firehose.declare(declare('apart'))
    await firehose.send(
      new PutRecordCommand({ DeliveryStreamName: 'apart', Record: { Data: Buffer.alloc(7) } }),
    )
    await fixture.endpoint.firehose.flush()
    expect(readout().s3['weir-test-lake']).toMatchObject({
      writes: 0,
      delivered: { apart: { objects: 1, bytes: 7 } },
    })
  })
})

describe('DynamoDB', () => {
  const TableName = 'metrics'
  let dynamodb: DynamoDBClient

  beforeAll(async () => {
    dynamodb = new DynamoDBClient(fixture.client)
    await fixture.endpoint.dynamodb.createTable({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'sk', AttributeType: 'S' },
      ],
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
    })
  })
  afterAll(() => dynamodb.destroy())

  let partition = '`'
  beforeEach(() => {
    partition = String.fromCharCode(partition.charCodeAt(0) + 1)
  })

  /** `pk`, `sk` and `data` with one letter in each key are 10 bytes. */
  const item = (sk: string, bytes: number) => ({
    pk: { S: partition },
    sk: { S: sk },
    data: { B: Buffer.alloc(bytes - 10) },
  })
  const key = (sk: string) => ({ pk: { S: partition }, sk: { S: sk } })
  const put = (sk: string, bytes: number, more = {}) =>
    dynamodb.send(new PutItemCommand({ TableName, Item: item(sk, bytes), ...more }))
  const units = () => readout().dynamodb[TableName]

  it.each([
    [100, 1],
    [1 * kb, 1],
    [1 * kb + 1, 2],
    [400 * kb, 400],
  ])('bills a put of %i bytes as %i write units', async (bytes, writeUnits) => {
    await put('a', bytes)
    expect(units()).toMatchObject({ writes: 1, writeUnits, bytesWritten: bytes })
  })

  it('bills a put whose condition fails like one that succeeds', async () => {
    await put('a', 100)
    const again = put('a', 3 * kb, { ConditionExpression: 'attribute_not_exists(pk)' })
    await expect(again).rejects.toThrow('The conditional request failed')
    expect(units()).toMatchObject({ writes: 2, writeUnits: 1 + 3 })
  })

  it('bills nothing for a call that is not valid', async () => {
    await expect(dynamodb.send(new PutItemCommand({ TableName, Item: { pk: { S: 'p' } } }))).rejects.toThrow()
    expect(units()).toMatchObject({ writes: 0, writeUnits: 0 })
  })

  it('bills each item of a batch, small updates and deletes', async () => {
    const PutRequest = { Item: item('b', 2 * kb) }
    await dynamodb.send(
      new BatchWriteItemCommand({
        RequestItems: { [TableName]: [{ PutRequest }, { DeleteRequest: { Key: key('z') } }] },
      }),
    )
    await dynamodb.send(
      new UpdateItemCommand({
        TableName,
        Key: key('c'),
        UpdateExpression: 'SET n = :n',
        ExpressionAttributeValues: { ':n': { N: '1' } },
      }),
    )
    await dynamodb.send(new DeleteItemCommand({ TableName, Key: key('c') }))
    expect(units()).toMatchObject({ writes: 4, writeUnits: 2 + 1 + 1 + 1 })
  })

  it.each([
    [4 * kb, true, 1],
    [4 * kb + 1, true, 2],
    [4 * kb, false, 0.5],
    [4 * kb + 1, false, 1],
  ])(
    'bills a read of %i bytes, consistent %s, as %d read units',
    async (bytes, ConsistentRead, readUnits) => {
      await put('a', bytes)
      await dynamodb.send(new GetItemCommand({ TableName, Key: key('a'), ConsistentRead }))
      expect(units()).toMatchObject({ reads: 1, readUnits })
    },
  )

  it('bills a read of nothing', async () => {
    await dynamodb.send(new GetItemCommand({ TableName, Key: key('none'), ConsistentRead: true }))
    expect(units()).toMatchObject({ reads: 1, readUnits: 1 })
  })

  it('rounds up the items of a query together, those of a batch one by one', async () => {
    for (const sk of ['a', 'b', 'c']) await put(sk, 1 * kb)
    await dynamodb.send(
      new QueryCommand({
        TableName,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': { S: partition } },
        ConsistentRead: true,
      }),
    )
    expect(units()).toMatchObject({ reads: 1, readUnits: 1 })
    const Keys = ['a', 'b', 'c'].map(key)
    await dynamodb.send(
      new BatchGetItemCommand({ RequestItems: { [TableName]: { Keys, ConsistentRead: true } } }),
    )
    expect(units()).toMatchObject({ reads: 4, readUnits: 4 })
  })
})

describe('S3', () => {
  const Bucket = 'weir-test-state'
  const Key = 'lanes/1'
  const other = 'lanes/2'
  let s3: S3Client

  beforeAll(() => {
    s3 = new S3Client({ ...fixture.client, forcePathStyle: true })
  })
  afterAll(() => s3.destroy())

  it('tells the dear requests from the cheap and the free ones', async () => {
    await s3.send(new PutObjectCommand({ Bucket, Key, Body: 'x' }))
    await s3.send(new CopyObjectCommand({ Bucket, Key: 'copy', CopySource: `${Bucket}/${Key}` }))
    await s3.send(new ListObjectsV2Command({ Bucket }))
    await s3.send(new GetObjectCommand({ Bucket, Key })).then(({ Body }) => Body?.transformToString())
    await s3.send(new HeadObjectCommand({ Bucket, Key }))
    await s3.send(new DeleteObjectCommand({ Bucket, Key }))
    await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: 'copy' }] } }))
    expect(readout().s3[Bucket]).toMatchObject({ writes: 3, reads: 2, deletes: 2 })
  })

  it('bills what was not changed, not there, and refused by a condition', async () => {
    const { ETag } = await s3.send(new PutObjectCommand({ Bucket, Key: other, Body: 'x' }))
    await expect(s3.send(new GetObjectCommand({ Bucket, Key: other, IfNoneMatch: ETag }))).rejects.toThrow()
    await expect(s3.send(new GetObjectCommand({ Bucket, Key: 'none' }))).rejects.toThrow()
    await expect(
      s3.send(new PutObjectCommand({ Bucket, Key: other, Body: 'y', IfNoneMatch: '*' })),
    ).rejects.toThrow()
    expect(readout().s3[Bucket]).toMatchObject({ writes: 2, reads: 2 })
  })
})

it('bills a message of SQS for each 64 KB begun', async () => {
  const sqs = new SQSClient(fixture.client)
  fixture.endpoint.sqs.declare(queueNamed('reports'))
  const QueueUrl = `${fixture.client.endpoint}/000000000000/reports`
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x' }))
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x'.repeat(65 * kb) }))
  sqs.destroy()
  expect(readout().sqs).toEqual({ requests: 3 })
})

it('shows the readout at a path of its own', async () => {
  const answer = await fetch(`${fixture.client.endpoint}/_weir/meter`)
  expect(await answer.json()).toEqual(fixture.endpoint.meter.readout())
})
