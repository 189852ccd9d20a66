import type { EpochMs } from '../event/outcome.ts'
import { accountDescriptor } from '../metric/account.ts'
import type { Grain } from '../metric/contribution.ts'
import { windowEnd } from '../window/grain.ts'
import type { LanePane } from './lane-pane.ts'
import type { LaneState } from './state.ts'

/**
 * Least time between two publications of a pane whose window is still open, in ms of arrival. DynamoDB bills every write
 * by its size, and nobody sees an hour change within seconds.
 */
export type PublishEvery = Readonly<Record<Grain, number>>

/** Hours and days are large and change with every commit: together they were two thirds of what was written. */
export const publishSparingly: PublishEvery = {
  '1m': 0,
  '5m': 0,
  '15m': 0,
  '1h': 5 * 60_000,
  '1d': 10 * 60_000,
}

export const publishAtOnce: PublishEvery = { '1m': 0, '5m': 0, '15m': 0, '1h': 0, '1d': 0 }

/** By the name of the parameter `publish` of a stage. Throws at one that is not known. */
export const publishEveryOf = (name: string): PublishEvery => {
  if (name === 'sparingly') return publishSparingly
  if (name === 'at-once') return publishAtOnce
  throw new Error(`publish is ${JSON.stringify(name)}; it must be sparingly or at-once`)
}

/**
 * Of the outbox what must be published now. A pane that waits stays in the outbox of each commit until then. None waits
 * whose window is over or that is about to leave: readers are told that a window is complete. Nor does the account, which
 * is checked while events flow.
 */
export const isDue = (
  held: LanePane,
  { clock = Number.NEGATIVE_INFINITY, paneFloor, flush }: LaneState,
  { at, every }: { readonly at: EpochMs; readonly every: PublishEvery },
): boolean => {
  const { metric, grain, windowStart, version } = held.pane
  if (metric === accountDescriptor.name || at - held.publishedAt >= every[grain]) return true
  return windowEnd(windowStart, grain) <= clock || version <= paneFloor || flush.sealing
}
