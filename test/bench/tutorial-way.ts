import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch'
import { DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb'
import type { Context, KinesisStreamEvent, KinesisStreamRecord } from 'aws-lambda'
import type { KinesisEvent } from '../../shared/core/event/kinesis-event.ts'

/**
 * Where the calls of the tutorial end: before the client (`none`); in its `send`, which answers before anything is marshalled;
 * or at the socket, marshalled and signed.
 */
export type Stub = 'none' | 'send' | 'http'

/**
 * What a tutorial shows: Powertools' BatchProcessor, one record after the other, an UpdateItem for each metric it
 * counts. It validates nothing, enriches nothing, knows no sessions and counts a retry twice.
 */
export const tutorialWay = (stub: Stub): ((event: KinesisEvent) => Promise<void>) => {
  const client = new DynamoDBClient({
    region: 'us-east-1',
    credentials: { accessKeyId: 'bench', secretAccessKey: 'bench' },
    requestHandler: { handle: async () => ({ response: answer() }) },
  })
  if (stub === 'send')
    client.middlewareStack.add(() => async () => ({ output: { $metadata: {} }, response: {} }), {
      step: 'initialize',
      priority: 'high',
    })
  const send =
    stub === 'none'
      ? async (_command: UpdateItemCommand) => undefined
      : (command: UpdateItemCommand) => client.send(command)
  const processor = new BatchProcessor(EventType.KinesisDataStreams)
  const count = async (record: KinesisStreamRecord): Promise<void> => {
    const event = JSON.parse(Buffer.from(record.kinesis.data, 'base64').toString('utf8'))
    for (const update of updatesOf(event)) await send(update)
  }
  return async (event) => {
    const { Records } = event
    const full: KinesisStreamEvent = {
      Records: Records.map((record) => ({
        ...record,
        awsRegion: 'us-east-1',
        eventName: 'aws:kinesis:record',
        eventSource: 'aws:kinesis',
        eventSourceARN: 'arn:aws:kinesis:us-east-1:000000000000:stream/bench',
        eventVersion: '1.0',
        invokeIdentityArn: 'arn:aws:iam::000000000000:role/bench',
        kinesis: { ...record.kinesis, kinesisSchemaVersion: '1.0' },
      })),
    }
    const options = { context: {} as Context, processInParallel: false, throwOnFullBatchFailure: false }
    await processPartialResponse(full, count, processor, options)
  }
}

const answer = () => ({
  statusCode: 200,
  headers: { 'content-type': 'application/x-amz-json-1.0' },
  body: Buffer.from('{}'),
})

type ClientEvent = {
  readonly type: string
  readonly event?: string
  readonly originalTimestamp: string
  readonly properties?: { readonly revenue?: number }
}

/** Of the metrics of analytics/metrics.ts those that an ADD can count, in their three grains. */
const updatesOf = ({ type, event, originalTimestamp, properties }: ClientEvent): UpdateItemCommand[] => {
  const name = type === 'page' ? 'Page Viewed' : (event ?? type)
  const updates: UpdateItemCommand[] = []
  for (const length of grainLengths) {
    const window = originalTimestamp.slice(0, length)
    updates.push(addTo(`events#${name}`, window, 1))
    if (type === 'page') updates.push(addTo('pageViews', window, 1))
    if (name !== 'Order Completed') continue
    updates.push(addTo('orders', window, 1))
    if (typeof properties?.revenue === 'number') updates.push(addTo('revenue', window, properties.revenue))
  }
  return updates
}

/** Characters of an ISO time that name its minute, hour and day. */
const grainLengths = [16, 13, 10]

const addTo = (metric: string, window: string, by: number): UpdateItemCommand =>
  new UpdateItemCommand({
    TableName: 'metrics',
    Key: { pk: { S: metric }, sk: { S: window } },
    UpdateExpression: 'ADD #value :by',
    ExpressionAttributeNames: { '#value': 'value' },
    ExpressionAttributeValues: { ':by': { N: String(by) } },
  })
