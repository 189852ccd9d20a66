import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DynamoDBClient,
  PutItemCommand,
  paginateQuery,
} from '@aws-sdk/client-dynamodb'
import type { EpochMs } from '../core/event/outcome.ts'
import type { Grain } from '../core/metric/contribution.ts'
import type { LaneItem } from '../core/metric/lane-item.ts'
import type { PaneItem } from '../core/metric/pane-item.ts'
import { isoMinute, partitionKey } from '../core/metric/pane-keys.ts'
import { laneCondition, type PutCondition, paneCondition } from '../core/metric/put-condition.ts'
import { windowStart, windowStarts } from '../core/window/grain.ts'
import { conditionInput } from './condition-input.ts'
import { forEachConcurrently } from './for-each-concurrently.ts'
import {
  type Attributes,
  attributesToLane,
  attributesToPane,
  lanesPartition,
  laneToAttributes,
  paneToAttributes,
} from './pane-attributes.ts'

export type PaneRange = {
  readonly metric: string
  /** One that the metric is stored in. */
  readonly grain: Grain
  /** Windows that start in `[windowStart of fromMs, toMs)`. */
  readonly fromMs: EpochMs
  readonly toMs: EpochMs
}

/** The table `metrics`. Each function throws on a fault of the table, after the retries of the SDK. */
export type PaneStore = {
  /** Puts each item unless a version at or above its own is stored: publishing again changes nothing. */
  publish(items: readonly PaneItem[]): Promise<void>
  /** As `publish`; a clock alone may also advance within a version. */
  publishLane(item: LaneItem): Promise<void>
  queryPanes(range: PaneRange): Promise<PaneItem[]>
  /** Every lane that has published, by number. */
  lanes(): Promise<LaneItem[]>
}

export const createPaneStore = (options: {
  readonly tableName: string
  readonly client?: DynamoDBClient
}): PaneStore => {
  const client = options.client ?? new DynamoDBClient({})
  const TableName = options.tableName

  const put = async (Item: Attributes, condition: PutCondition): Promise<void> => {
    try {
      await client.send(new PutItemCommand({ TableName, Item, ...conditionInput(condition) }))
    } catch (error) {
      // What is stored is as new or newer: that is what publishing is for.
      if (!(error instanceof ConditionalCheckFailedException)) throw error
    }
  }

  const publishPane = (item: PaneItem): Promise<void> => put(paneToAttributes(item), paneCondition(item))

  const query = async (condition: string, values: Record<string, AttributeValue>): Promise<Attributes[]> => {
    const items: Attributes[] = []
    const pages = paginateQuery(
      { client },
      {
        TableName,
        KeyConditionExpression: condition,
        ExpressionAttributeValues: values,
        ConsistentRead: true,
      },
    )
    for await (const page of pages) items.push(...(page.Items ?? []))
    return items
  }

  return {
    publish: async (items) => {
      await forEachConcurrently(items, publishPane)
    },
    publishLane: (item) => put(laneToAttributes(item), laneCondition(item)),
    queryPanes: async ({ metric, grain, fromMs, toMs }) => {
      const pages = await forEachConcurrently([...windowStarts(fromMs, toMs, '1d')], (day) =>
        query('pk = :pk AND sk BETWEEN :from AND :to', {
          ':pk': { S: partitionKey(metric, grain, day) },
          ':from': { S: isoMinute(Math.max(day, windowStart(fromMs, grain))) },
          // Keys go on behind the minute, so those of a window that starts at `toMs` are above it.
          ':to': { S: isoMinute(Math.ceil(toMs / 60_000) * 60_000) },
        }),
      )
      return pages.flat().map(attributesToPane)
    },
    lanes: async () => {
      const items = await query('pk = :pk', { ':pk': { S: lanesPartition } })
      return items.map(attributesToLane).sort((a, b) => a.lane - b.lane)
    },
  }
}
