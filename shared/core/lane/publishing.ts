import type { EpochMs } from '../event/outcome.ts'
import { accountDescriptor } from '../metric/account.ts'
import type { Grain } from '../metric/contribution.ts'
import { isComplete, type LaneProgress } from '../window/complete.ts'
import { windowEnd } from '../window/grain.ts'
import type { LaneSettings, SessionMeasure } from './fold.ts'
import type { LanePane } from './lane-pane.ts'
import type { LaneState } from './state.ts'

/**
 * Least time between two publications of a pane, in ms of arrival, as long as no reader is told that its window is
 * complete. DynamoDB bills every write by its size.
 */
export type PublishEvery = {
  /** While the window's events arrive. */
  readonly open: Readonly<Record<Grain, number>>
  /** Once they have: what changes it now is events that are late, or sessions of long ago that close. */
  readonly over: number
}

/**
 * Nobody sees an hour change within seconds, and of a minute that is over only stragglers are missing. Published with
 * every commit, hours and days were two thirds of what was written, and of the rest, minutes that were over were most.
 */
export const publishSparingly: PublishEvery = {
  // Of a window of ten seconds none is left out, though it may be shorter by what invocations take.
  open: { '1m': 9_000, '5m': 9_000, '15m': 9_000, '1h': 10 * 60_000, '1d': 15 * 60_000 },
  over: 10 * 60_000,
}

export const publishAtOnce: PublishEvery = {
  open: { '1m': 0, '5m': 0, '15m': 0, '1h': 0, '1d': 0 },
  over: 0,
}

/** By the name of the parameter `publish` of a stage. Throws at one that is not known. */
export const publishEveryOf = (name: string): PublishEvery => {
  if (name === 'sparingly') return publishSparingly
  if (name === 'at-once') return publishAtOnce
  throw new Error(`publish is ${JSON.stringify(name)}; it must be sparingly or at-once`)
}

/** Clients gather events before they send them: for so long after its end a window's own still arrive. */
const gatheringMs = 30_000

export type Publication = {
  /** Arrival in the lane stream of what was folded last. */
  readonly at: EpochMs
  readonly every: PublishEvery
  /** Latest arrival in the raw stream of what was folded by commits before. */
  readonly arrivedBefore: EpochMs
  /** What the lane will say of itself after its panes. */
  readonly said: LaneProgress
  readonly settings: Pick<LaneSettings, 'gapMs' | 'latenessMs'>
  readonly sessionMetrics: Pick<SessionMeasure, 'sessionDescriptors'>
}

/**
 * Of the outbox what must be published now. A pane that waits stays in the outbox of each commit until then. None waits
 * whose window readers will take for complete, since they believe what the lane says of itself after this; nor one that a
 * flush seals or that makes room for others; nor the account, which is checked while events flow.
 */
export const dueOf = (
  { outbox, flush, paneFloor }: Pick<LaneState, 'outbox' | 'flush' | 'paneFloor'>,
  publication: Publication,
): readonly LanePane[] =>
  outbox.filter(
    (held) =>
      flush.sealing ||
      held.pane.version <= paneFloor ||
      held.pane.metric === accountDescriptor.name ||
      hasWaited(held, publication) ||
      isSaidComplete(held, publication),
  )

const hasWaited = (
  { pane, publishedAt }: LanePane,
  { at, every, arrivedBefore }: Pick<Publication, 'at' | 'every' | 'arrivedBefore'>,
): boolean => {
  const isOver = windowEnd(pane.windowStart, pane.grain) + gatheringMs <= arrivedBefore
  const openMs = every.open[pane.grain]
  return at - publishedAt >= (isOver ? Math.max(openMs, every.over) : openMs)
}

/** By the rule that readers go by; should another lane be behind, they only believe it later. */
const isSaidComplete = (
  { pane }: LanePane,
  { said, settings, sessionMetrics }: Pick<Publication, 'said' | 'settings' | 'sessionMetrics'>,
): boolean => {
  const ofSessions = sessionMetrics.sessionDescriptors.some(({ name }) => name === pane.metric)
  const latenessMs = settings.latenessMs + (ofSessions ? settings.gapMs : 0)
  return isComplete({ end: windowEnd(pane.windowStart, pane.grain), latenessMs, ofSessions }, [
    { ...said, lanes: 1 },
  ])
}
