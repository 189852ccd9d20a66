import type { Endpoint } from '../aws/endpoint.ts'
import type { GlueColumn } from '../aws/firehose/columns.ts'
import { declareAthena } from './athena-resources.ts'
import type { Declaration } from './declaration.ts'
import { isObject, type JsonObject } from './intrinsic.ts'
import { shortName } from './lambda-environment.ts'
import { objects, text } from './template-values.ts'

/** Each bucket's folder below the data folder: `lake` for `weir-local-lake`. */
export function foldersOf(declaration: Declaration): Record<string, string> {
  return Object.fromEntries(declaration.buckets.map((bucket) => [bucket, shortName(bucket)]))
}

/** Makes what the declaration names and the endpoint does not have yet. */
export async function createResources(endpoint: Endpoint, declaration: Declaration): Promise<void> {
  for (const { name, shardCount, retentionHours } of declaration.streams) {
    endpoint.kinesis.createStream({ name, shardCount })
    // Also of a stream that exists: what the declaration says now counts.
    endpoint.kinesis.setRetention(name, retentionHours)
  }
  for (const table of declaration.tables) await endpoint.dynamodb.createTable(table)
  for (const delivery of declaration.deliveries) {
    endpoint.firehose.declare(delivery, columnsOf(delivery, declaration.glueTables))
  }
  declareAthena(endpoint.athena, declaration)
  for (const queue of declaration.queues) endpoint.sqs.declare(queue)
}

/** The columns of the Glue table that a delivery stream converts by; undefined when it converts nothing. */
function columnsOf(delivery: JsonObject, glueTables: readonly JsonObject[]): GlueColumn[] | undefined {
  const destination = child(delivery, 'ExtendedS3DestinationConfiguration')
  const conversion = child(destination, 'DataFormatConversionConfiguration')
  const tableName = child(conversion, 'SchemaConfiguration').TableName
  if (tableName === undefined) return undefined
  const table = glueTables
    .map((properties) => child(properties, 'TableInput'))
    .find(({ Name }) => Name === tableName)
  if (!table)
    throw new Error(`${String(delivery.DeliveryStreamName)}: there is no Glue table ${String(tableName)}`)
  return objects(child(table, 'StorageDescriptor').Columns).map(({ Name, Type }) => ({
    Name: text(Name, 'a column name'),
    Type: text(Type, 'a column type'),
  }))
}

function child(parent: JsonObject, key: string): JsonObject {
  const value = parent[key]
  return isObject(value) ? value : {}
}
