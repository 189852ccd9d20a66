import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb'
import { FirehoseClient, PutRecordCommand as PutDeliveryCommand } from '@aws-sdk/client-firehose'
import { KinesisClient, ListStreamsCommand, PutRecordCommand } from '@aws-sdk/client-kinesis'
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import {
  GetParameterCommand,
  GetParametersCommand,
  PutParameterCommand,
  SSMClient,
} from '@aws-sdk/client-ssm'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Call } from '../../local/aws/call.ts'
import { startEndpoint } from '../../local/aws/endpoint.ts'
import { type EndpointFixture, openFixture } from './endpoint-fixture.ts'

let fixture: EndpointFixture

beforeAll(async () => {
  fixture = await openFixture('weir-local-enrich')
  fixture.endpoint.kinesis.createStream({ name: 'clicks', shardCount: 1 })
  fixture.endpoint.ssm.put({
    name: '/weir/local/write-keys',
    type: 'String',
    value: 'local',
    overwrite: false,
  })
  await fixture.endpoint.dynamodb.createTable({
    TableName: 'metrics',
    AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
  })
  fixture.endpoint.firehose.declare({
    DeliveryStreamName: 'events',
    ExtendedS3DestinationConfiguration: { BucketARN: 'arn:aws:s3:::weir-test-lake', Prefix: 'events/' },
  })
})

afterAll(() => fixture.remove())

it('rejects when its port is taken, and leaves the data alone', async () => {
  const { port } = fixture.endpoint
  const second = startEndpoint({ port, dataDir: fixture.dataDir, buckets: {} })
  await expect(second).rejects.toMatchObject({ code: 'EADDRINUSE' })
})

it('tells every write with who made it and what was written', async () => {
  const calls: Call[] = []
  const stop = fixture.endpoint.onCall((call) => calls.push(call))
  const Data = Buffer.from('{"a":1}')
  await new KinesisClient(fixture.client).send(
    new PutRecordCommand({ StreamName: 'clicks', Data, PartitionKey: 'p' }),
  )
  const Record = { Data: Buffer.from([0, 255]) }
  await new FirehoseClient(fixture.client).send(
    new PutDeliveryCommand({ DeliveryStreamName: 'events', Record }),
  )
  const Bucket = 'weir-test-state'
  await new S3Client(fixture.client).send(new PutObjectCommand({ Bucket, Key: 'lanes/1', Body: 'text' }))
  const Item = {
    pk: { S: 'x' },
    n: { N: '1' },
    cells: { M: { a: { L: [{ BOOL: true }] } } },
    blob: { B: Buffer.alloc(9) },
  }
  await new DynamoDBClient(fixture.client).send(new PutItemCommand({ TableName: 'metrics', Item }))
  stop()

  const by = { principal: 'weir-local-enrich', status: 200 }
  expect(calls).toEqual([
    {
      ...by,
      service: 'kinesis',
      action: 'PutRecord',
      resource: 'clicks',
      payload: [{ partitionKey: 'p', explicitHashKey: undefined, data: { a: 1 } }],
    },
    { ...by, service: 'firehose', action: 'PutRecord', resource: 'events', payload: [{ bytes: 2 }] },
    {
      ...by,
      service: 's3',
      action: 'PutObject',
      resource: 'weir-test-state/lanes/1',
      payload: { body: 'text' },
    },
    {
      ...by,
      service: 'dynamodb',
      action: 'PutItem',
      resource: 'metrics',
      payload: { TableName: 'metrics', Item: { pk: 'x', n: 1, cells: { a: [true] }, blob: '<9 bytes>' } },
    },
  ])
})

it('refuses whole calls where a fault says so', async () => {
  fixture.endpoint.faults.call = ({ action }) =>
    action === 'ListStreams' ? { code: 'LimitExceededException' } : undefined
  const kinesis = new KinesisClient({ ...fixture.client, maxAttempts: 1 })
  await expect(kinesis.send(new ListStreamsCommand({}))).rejects.toMatchObject({
    name: 'LimitExceededException',
  })
  fixture.endpoint.faults.call = undefined
  expect((await kinesis.send(new ListStreamsCommand({}))).StreamNames).toEqual(['clicks'])
})

it('keeps parameters, and shows a secret one only decrypted', async () => {
  const ssm = new SSMClient(fixture.client)
  const Name = '/weir/local/control-key'
  const put = (Value: string, Overwrite: boolean) =>
    ssm.send(new PutParameterCommand({ Name, Value, Type: 'SecureString', Overwrite }))
  await put('one', false)
  await expect(put('two', false)).rejects.toMatchObject({ name: 'ParameterAlreadyExists' })
  await put('two', true)
  await fixture.restart()

  const decrypted = await ssm.send(new GetParameterCommand({ Name, WithDecryption: true }))
  const encrypted = await ssm.send(new GetParameterCommand({ Name }))
  const several = await ssm.send(new GetParametersCommand({ Names: ['/weir/local/write-keys', '/none'] }))

  expect([decrypted.Parameter?.Value, decrypted.Parameter?.Version]).toEqual(['two', 2])
  expect(encrypted.Parameter?.Value).not.toBe('two')
  expect(several.Parameters?.map((one) => one.Value)).toEqual(['local'])
  expect(several.InvalidParameters).toEqual(['/none'])
})

it('says which operation it does not know, with a request id', async () => {
  const headers = {
    'x-amz-target': 'Kinesis_20131202.SubscribeToShard',
    'content-type': 'application/x-amz-json-1.1',
  }
  const response = await fetch(fixture.client.endpoint, { method: 'POST', headers, body: '{}' })
  expect(response.status).toBe(400)
  expect(await response.json()).toMatchObject({ __type: 'UnknownOperationException' })
  expect(response.headers.get('x-amzn-requestid')).toMatch(/^[0-9a-f-]{36}$/)
})

it('tells who calls', async () => {
  const authorization =
    'AWS4-HMAC-SHA256 Credential=me/20261121/us-east-1/sts/aws4_request, SignedHeaders=host, Signature=0'
  const body = new URLSearchParams({ Action: 'GetCallerIdentity', Version: '2011-06-15' })
  const response = await fetch(fixture.client.endpoint, { method: 'POST', headers: { authorization }, body })
  expect(await response.text()).toContain('<Account>000000000000</Account>')
})
