import type { EpochMs } from '../event/outcome.ts'

/** What a lane publishes of itself beside its panes, so that readers can tell what is complete. */
export type LaneItem = {
  readonly lane: number
  /** How many lanes the stage has. */
  readonly lanes: number
  readonly version: number
  /** Absent until every listed raw shard has spoken. */
  readonly clock?: EpochMs
  /** Start of its earliest open session; absent when it has none. */
  readonly earliestOpenStart?: EpochMs
  /** Id of the last flush it acted on. */
  readonly flushed?: string
  readonly counters: Readonly<Record<string, number>>
}
