/**
 * What readers take from the daily tables: arrivals before `through`. Everything later comes from the streaming
 * tables. A part is one immutable folder, `part=<day>.<attempt>`.
 */
export type Compacted = {
  readonly version: number
  /** Arrivals (received_at) before this instant are in the daily tables. Epoch ms, a UTC midnight. */
  readonly through: number
  /** Parts of `events_daily`, sorted. */
  readonly events: readonly string[]
  /** Parts of `sessions_daily`, sorted. */
  readonly sessions: readonly string[]
  /** Part of `persons`. */
  readonly persons: string | null
}
