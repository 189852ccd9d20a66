import type { LatestChange } from '../latest/change.ts'
import type { LaneItem } from '../metric/lane-item.ts'
import type { PaneItem } from '../metric/pane-item.ts'
import type { LakeRows } from './fold.ts'

/** What the lane needs of the world. Each call either has its effect, or throws, or both (an answer can be lost). */
export type LanePorts = {
  readonly objects: ObjectStore
  readonly lake: Lake
  readonly panes: PaneStore
  readonly latest: LatestStore
}

/** Objects with compare-and-set, as S3 has it. */
export type ObjectStore = {
  /** `unchanged` when the object still has this etag. */
  get(key: string, knownEtag?: string): Promise<StoredObject | 'unchanged' | 'missing'>
  /**
   * Writes unless another has: `ifMatch` is the etag that must still be there, null when nothing must be there. The memory of `bytes`
   * is used again once this has returned.
   */
  compareAndSet(
    key: string,
    bytes: Uint8Array,
    ifMatch: string | null,
  ): Promise<{ etag: string } | 'conflict'>
  put(key: string, bytes: Uint8Array): Promise<void>
  delete(keys: readonly string[]): Promise<void>
  list(prefix: string): Promise<readonly string[]>
}

export type StoredObject = { readonly etag: string; readonly bytes: Uint8Array }

export type Lake = {
  /** Returns when every row has been taken. The memory of the rows is used again then. */
  send(rows: LakeRows): Promise<void>
}

export type PaneStore = {
  /** Each on condition that the stored version is lower; a failed condition is success. */
  publish(items: readonly PaneItem[]): Promise<void>
  publishLane(item: LaneItem): Promise<void>
}

export type LatestStore = {
  /** Each on condition that what is stored of its entity is older in `order`; a failed condition is success. */
  publish(changes: readonly LatestChange[]): Promise<void>
}
