import type { LanePorts } from '../core/lane/ports.ts'
import { createPaneStore } from './dynamodb.ts'
import { createLake } from './firehose.ts'
import { streamCreatedMs } from './kinesis.ts'
import { createLatestStore } from './latest-store.ts'
import { createObjectStore } from './s3.ts'

/** The world of a lane, by the names that a function finds in its environment. */
export const createLanePorts = (names: {
  readonly stateBucket: string
  readonly metricsTable: string
  readonly latestTable: string
  readonly events: string
  readonly sessions: string
  readonly bad: string
}): LanePorts => ({
  objects: createObjectStore(names.stateBucket),
  lake: createLake(names),
  panes: createPaneStore({ tableName: names.metricsTable }),
  latest: createLatestStore({ tableName: names.latestTable }),
})

/**
 * Names a shard of a stream for ever: a stream that is deleted and made again starts with the same shard ids. The
 * stream is asked once a container.
 */
export const createShardNaming = (streamName: string): ((shardId: string) => Promise<string>) => {
  let created: Promise<number> | undefined
  return async (shardId) => {
    created ??= streamCreatedMs(streamName)
    try {
      return `${await created}/${shardId}`
    } catch (error) {
      created = undefined
      throw error
    }
  }
}
