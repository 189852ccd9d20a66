/** Where the progress of an attempt lies in the lake's bucket. */
export const attemptKey = 'compacted/attempt.json'

/**
 * How far the runs are on the way to the next commit. Written with compare-and-set after each part, so that a run that
 * leaves before its timeout, or dies, is gone on with and not begun again.
 */
export type Attempt = {
  /** The version that its commit gives the state. */
  readonly version: number
  readonly through: number
  /** Arrivals from here on are new; 0 when all of history is written anew. */
  readonly from: number
  /** The run whose work tables all runs of the attempt read. */
  readonly run: string
  /** Days of `events_daily` to write, with how many new rows each gets. */
  readonly eventDays: Readonly<Record<string, number>>
  /** Days of `sessions_daily` to write. */
  readonly sessionDays: readonly string[]
  /** Days on which stream and batch layer may differ now: those, and the first days of sessions that were joined to earlier ones. */
  readonly comparedDays: readonly string[]
  readonly longestSessionDays: number
  /** Bytes of a new row in the streaming table `events`. */
  readonly bytesPerRow: number
  /** Parts written so far. */
  readonly events: readonly string[]
  readonly sessions: readonly string[]
  readonly persons: string | null
  /** After the commit: the run whose table of differences is read, the days that are corrected, and what differed on them. */
  readonly compared: {
    readonly run: string
    readonly days: readonly string[]
    readonly difference: number
  } | null
  /** True once readers see the commit, the panes are corrected and the work tables are gone. */
  readonly finished: boolean
}

export const encodeAttempt = (attempt: Attempt): Uint8Array =>
  new TextEncoder().encode(JSON.stringify(attempt))

export const decodeAttempt = (bytes: Uint8Array): Attempt => JSON.parse(new TextDecoder().decode(bytes))
