import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DynamoDBClient,
  PutItemCommand,
  type PutItemCommandInput,
  paginateQuery,
} from '@aws-sdk/client-dynamodb'
import type { EpochMs } from '../core/event/outcome.ts'
import type { Grain } from '../core/metric/contribution.ts'
import type { LaneItem } from '../core/metric/lane-item.ts'
import type { PaneItem } from '../core/metric/pane-item.ts'
import { isoMinute, partitionKey } from '../core/metric/pane-keys.ts'
import { windowStart, windowStarts } from '../core/window/grain.ts'
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

//  stored            absent      older        same version           newer
//  pane              put         put          keep                   keep
//  lane              put         put          put if clock is later  keep
const isAbsent = 'attribute_not_exists(pk)'
const isOlder = '#version < :version'
const hasEarlierClock = '(#version = :version AND (attribute_not_exists(#clock) OR #clock < :clock))'

const maxConcurrency = 16

export const createPaneStore = (options: {
  readonly tableName: string
  readonly client?: DynamoDBClient
}): PaneStore => {
  const client = options.client ?? new DynamoDBClient({})
  const TableName = options.tableName

  const put = async (input: Omit<PutItemCommandInput, 'TableName'>): Promise<void> => {
    try {
      await client.send(new PutItemCommand({ TableName, ...input }))
    } catch (error) {
      // What is stored is as new or newer: that is what publishing is for.
      if (!(error instanceof ConditionalCheckFailedException)) throw error
    }
  }

  const publishPane = (item: PaneItem): Promise<void> =>
    put({
      Item: paneToAttributes(item),
      ConditionExpression: `${isAbsent} OR ${isOlder}`,
      ExpressionAttributeNames: { '#version': 'version' },
      ExpressionAttributeValues: { ':version': { N: String(item.version) } },
    })

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
    publishLane: async (item) => {
      const { version, clock } = item
      await put({
        Item: laneToAttributes(item),
        ConditionExpression: [isAbsent, isOlder, ...(clock === undefined ? [] : [hasEarlierClock])].join(
          ' OR ',
        ),
        ExpressionAttributeNames: {
          '#version': 'version',
          ...(clock !== undefined && { '#clock': 'clock' }),
        },
        ExpressionAttributeValues: {
          ':version': { N: String(version) },
          ...(clock !== undefined && { ':clock': { N: String(clock) } }),
        },
      })
    },
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

/** Results in the order of the items. After a failure none is begun, those begun are awaited, then it throws. */
const forEachConcurrently = async <T, R>(items: readonly T[], run: (item: T) => Promise<R>): Promise<R[]> => {
  const results: R[] = []
  const failures: unknown[] = []
  const queue = items.entries()
  const work = async (): Promise<void> => {
    for (const [index, item] of queue) {
      if (failures.length > 0) return
      try {
        results[index] = await run(item)
      } catch (error) {
        failures.push(error)
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(maxConcurrency, items.length) }, work))
  if (failures.length > 0) throw failures[0]
  return results
}
