import type { ObjectStore } from '../../lane/ports.ts'
import type { Grain } from '../../metric/contribution.ts'
import type { LaneItem } from '../../metric/lane-item.ts'
import type { PaneItem } from '../../metric/pane-item.ts'
import type { SqlEngine } from '../sql-engine.ts'

/** Files below a prefix of the lake. */
export type Size = { readonly files: number; readonly bytes: number }

/** What the compaction needs of the world. */
export type CompactionPorts = {
  readonly sql: SqlEngine
  /** The lake's bucket. */
  readonly bucket: string
  readonly objects: ObjectStore & { sizeOf(prefix: string): Promise<Size> }
  readonly panes: {
    /** Each on condition that the stored version is lower. */
    publish(items: readonly PaneItem[]): Promise<void>
    queryPanes(range: {
      readonly metric: string
      readonly grain: Grain
      readonly fromMs: number
      readonly toMs: number
    }): Promise<readonly PaneItem[]>
    lanes(): Promise<readonly LaneItem[]>
  }
  now(): number
  /** Some characters of 0-9a-z that no other run has. */
  chance(): string
  /** True when there is no time left for another statement. */
  isOutOfTime(): boolean
}
