import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { globSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb'
import { FirehoseClient, PutRecordBatchCommand } from '@aws-sdk/client-firehose'
import {
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
  PutRecordsCommand,
} from '@aws-sdk/client-kinesis'
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { afterEach, beforeEach, expect, it } from 'vitest'

let dataDir: string
let child: ChildProcess

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'weir-kill-'))
})

afterEach(async () => {
  await kill()
  rmSync(dataDir, { recursive: true })
})

async function start() {
  child = spawn(process.execPath, [join(import.meta.dirname, 'endpoint-process.ts'), dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [port] = await once(child.stdout ?? child, 'data')
  const credentials = { accessKeyId: 'tester', secretAccessKey: 'any' }
  return { endpoint: `http://127.0.0.1:${String(port).trim()}`, region: 'us-east-1', credentials }
}

async function kill(): Promise<void> {
  if (child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}

it('loses nothing acknowledged when it is killed', async () => {
  const before = await start()
  const Records = ['a', 'b'].map((text) => ({ Data: Buffer.from(text), PartitionKey: text }))
  await new KinesisClient(before).send(new PutRecordsCommand({ StreamName: 'clicks', Records }))
  await new S3Client(before).send(new PutObjectCommand({ Bucket: 'weir-test-state', Key: 'k', Body: 'v' }))
  await new DynamoDBClient(before).send(
    new PutItemCommand({ TableName: 'metrics', Item: { pk: { S: 'p' } } }),
  )
  await new FirehoseClient(before).send(
    new PutRecordBatchCommand({
      DeliveryStreamName: 'raw',
      Records: [{ Data: Buffer.from('whole;') }, { Data: Buffer.from('torn') }],
    }),
  )
  await kill()
  // As if the last write had been cut short: then it was not acknowledged either.
  for (const file of globSync(join(dataDir, 'firehose/raw/*.buffer')))
    truncateSync(file, statSync(file).size - 1)

  const after = await start()

  const kinesis = new KinesisClient(after)
  const from = {
    StreamName: 'clicks',
    ShardId: 'shardId-000000000000',
    ShardIteratorType: 'TRIM_HORIZON' as const,
  }
  const { ShardIterator } = await kinesis.send(new GetShardIteratorCommand(from))
  const { Records: read } = await kinesis.send(new GetRecordsCommand({ ShardIterator }))
  const object = await new S3Client(after).send(new GetObjectCommand({ Bucket: 'weir-test-state', Key: 'k' }))
  const { Item } = await new DynamoDBClient(after).send(
    new GetItemCommand({ TableName: 'metrics', Key: { pk: { S: 'p' } } }),
  )
  expect(read?.map(({ PartitionKey }) => PartitionKey)).toEqual(['a', 'b'])
  expect(await object.Body?.transformToString()).toBe('v')
  expect(Item).toEqual({ pk: { S: 'p' } })
  await expect
    .poll(() => globSync(join(dataDir, 'lake/raw/*/raw-*')).map((file) => readFileSync(file, 'utf8')))
    .toEqual(['whole;'])
})
