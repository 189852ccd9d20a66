import type { EpochMs } from '../event/outcome.ts'

/** What one event says of one entity. Plain data: it travels in packs and waits in a segment to be published. */
export type LatestChange = {
  readonly table: string
  readonly key: string
  readonly version: string
  /** See `orderOf`. */
  readonly order: string
  readonly eventTime: EpochMs
  /** What is left of an entity that was deleted: its key and version, so that an older event does not bring it back. */
  readonly deleted: boolean
  readonly values: Readonly<Record<string, string | number | boolean>>
  /** Values that were too large; the view in the lake has them. */
  readonly leftOut: readonly string[]
  /** Epoch seconds; of deletions that may be forgotten. */
  readonly expiresAt?: number
}

/** The partition key in DynamoDB: one entity a partition, so that tables of any size take any load. */
export const latestKey = ({ table, key }: Pick<LatestChange, 'table' | 'key'>): string => `${table}#${key}`

const rankDigits = 38
const timeDigits = 15
const rankLimit = 10n ** BigInt(rankDigits)

/**
 * Puts all events of an entity into one order, by plain comparison of text, in code as in a condition of DynamoDB:
 * the version, then the event time, then the origin, which no two events share. So the newest is the same in whatever
 * order they come, however often.
 */
export const orderOf = (of: {
  readonly rank: bigint
  readonly eventTime: EpochMs
  readonly origin: string
}): string => {
  // Below zero the digits count up to zero from below: 10^38 − 1 stands for −1.
  const rank =
    of.rank < 0n
      ? `0${(rankLimit + of.rank).toString().padStart(rankDigits, '0')}`
      : `1${of.rank.toString().padStart(rankDigits, '0')}`
  return `${rank} ${String(Math.floor(of.eventTime)).padStart(timeDigits, '0')} ${of.origin}`
}

/** Keeps the newest change of each entity. */
export const keepNewest = (kept: Map<string, LatestChange>, change: LatestChange): void => {
  const key = latestKey(change)
  const known = kept.get(key)
  if (known === undefined || known.order < change.order) kept.set(key, change)
}
