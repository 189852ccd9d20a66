import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import type { Endpoint } from '../../local/aws/endpoint.ts'
import { createPaneStore } from '../../shared/aws/dynamodb.ts'

const streams = ['weir-local-raw', 'weir-local-lanes']

/** As on AWS unless a stage says otherwise; on the laptop it is a week from the start. */
export const keepADay = ({ kinesis }: Endpoint): void => {
  for (const stream of streams) kinesis.setRetention(stream, 24)
}

/** Of the raw stream and of the lane stream. */
export const hoursKept = ({ kinesis }: Endpoint): number[] =>
  streams.map((stream) => kinesis.describe(stream).retentionHours)

/** What a lane has published that is so far, or has not heard of every shard yet. */
export async function publishClock(
  { port }: Endpoint,
  clock: number | undefined,
  version = 1,
): Promise<void> {
  const client = new DynamoDBClient({
    endpoint: `http://127.0.0.1:${port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'tester', secretAccessKey: 'any' },
  })
  const store = createPaneStore({ tableName: 'weir-local-metrics', client })
  await store.publishLane({ lane: 0, lanes: 1, version, counters: {}, ...(clock !== undefined && { clock }) })
  client.destroy()
}
