import type { Server } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { CreateTableCommand, DynamoDBClient, waitUntilTableExists } from '@aws-sdk/client-dynamodb'

// dynalite has no types.
const dynalite: (options: { createTableMs: number }) => Server = createRequire(import.meta.url)('dynalite')

export type MetricsTable = {
  readonly tableName: string
  readonly endpoint: string
  readonly client: DynamoDBClient
  close(): Promise<void>
}

/** An empty table `metrics` behind a real socket, in memory. */
export const openMetricsTable = async (): Promise<MetricsTable> => {
  const server = dynalite({ createTableMs: 0 })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const endpoint = `http://127.0.0.1:${portOf(server.address())}`
  const client = new DynamoDBClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  })
  const tableName = 'weir-local-metrics'
  await client.send(
    new CreateTableCommand({
      TableName: tableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'sk', AttributeType: 'S' },
      ],
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
    }),
  )
  await waitUntilTableExists({ client, maxWaitTime: 10, minDelay: 1 }, { TableName: tableName })
  const close = async (): Promise<void> => {
    client.destroy()
    server.closeAllConnections()
    await new Promise((resolve) => {
      server.close(resolve)
    })
  }
  return { tableName, endpoint, client, close }
}

const portOf = (address: AddressInfo | string | null): number => {
  if (address === null || typeof address === 'string') throw new Error('not listening on a port')
  return address.port
}
