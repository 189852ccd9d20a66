import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb'
import { type LatestChange, latestKey } from '../core/latest/change.ts'
import { latestCondition } from '../core/metric/put-condition.ts'
import { conditionInput } from './condition-input.ts'
import { forEachConcurrently } from './for-each-concurrently.ts'
import type { Attributes } from './pane-attributes.ts'

/** The table `latest`. Each function throws on a fault of the table, after the retries of the SDK. */
export type LatestTable = {
  /** Puts each change unless one that is as new or newer in `order` is stored: publishing again changes nothing. */
  publish(changes: readonly LatestChange[]): Promise<void>
  /** What is stored of an entity, also when that is its deletion. */
  get(of: { readonly table: string; readonly key: string }): Promise<LatestChange | undefined>
}

export const createLatestStore = (options: {
  readonly tableName: string
  readonly client?: DynamoDBClient
}): LatestTable => {
  const client = options.client ?? new DynamoDBClient({})
  const TableName = options.tableName

  const put = async (change: LatestChange): Promise<void> => {
    try {
      await client.send(
        new PutItemCommand({
          TableName,
          Item: toAttributes(change),
          ...conditionInput(latestCondition(change)),
        }),
      )
    } catch (error) {
      // What is stored is as new or newer: that is what publishing is for.
      if (!(error instanceof ConditionalCheckFailedException)) throw error
    }
  }

  return {
    publish: async (changes) => {
      await forEachConcurrently(changes, put)
    },
    get: async (of) => {
      const { Item } = await client.send(
        new GetItemCommand({ TableName, Key: { pk: { S: latestKey(of) } }, ConsistentRead: true }),
      )
      return Item === undefined ? undefined : fromAttributes(Item)
    },
  }
}

const toAttributes = (change: LatestChange): Attributes => ({
  pk: { S: latestKey(change) },
  order: { S: change.order },
  version: { S: change.version },
  eventTime: { N: String(change.eventTime) },
  deleted: { BOOL: change.deleted },
  values: { M: Object.fromEntries(Object.entries(change.values).map(([name, v]) => [name, toAttribute(v)])) },
  ...(change.leftOut.length > 0 && { leftOut: { L: change.leftOut.map((name) => ({ S: name })) } }),
  ...(change.expiresAt !== undefined && { expiresAt: { N: String(change.expiresAt) } }),
})

/** Throws when the item is no latest value. */
const fromAttributes = (item: Attributes): LatestChange => {
  const [pk, order, version] = [item.pk?.S, item.order?.S, item.version?.S]
  if (pk === undefined || order === undefined || version === undefined || item.eventTime?.N === undefined)
    throw new Error(`item ${pk} is no latest value`)
  const separator = pk.indexOf('#')
  return {
    table: pk.slice(0, separator),
    key: pk.slice(separator + 1),
    version,
    order,
    eventTime: Number(item.eventTime.N),
    deleted: item.deleted?.BOOL === true,
    values: Object.fromEntries(Object.entries(item.values?.M ?? {}).map(([name, v]) => [name, toValue(v)])),
    leftOut: (item.leftOut?.L ?? []).map((name) => name.S ?? ''),
    ...(item.expiresAt?.N !== undefined && { expiresAt: Number(item.expiresAt.N) }),
  }
}

const toAttribute = (value: string | number | boolean): AttributeValue => {
  if (typeof value === 'string') return { S: value }
  return typeof value === 'number' ? { N: String(value) } : { BOOL: value }
}

const toValue = (attribute: AttributeValue): string | number | boolean =>
  attribute.S ?? (attribute.N === undefined ? attribute.BOOL === true : Number(attribute.N))
