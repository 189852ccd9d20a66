import type { EpochMs } from '../event/outcome.ts'

/** What a lane says of its progress. */
export type LaneProgress = {
  /** How many lanes there are. */
  readonly lanes: number
  readonly clock?: EpochMs
  readonly earliestOpenStart?: EpochMs
}

/**
 * Whether nothing can be added to the window but by late events: every lane has spoken, and its clock is past the end
 * by `latenessMs` (for a metric of sessions by gap + lateness, and none of its open sessions started before the end).
 */
export const isComplete = (
  window: { readonly end: EpochMs; readonly latenessMs: number; readonly ofSessions: boolean },
  progress: readonly LaneProgress[],
): boolean => {
  const [first] = progress
  if (first === undefined || progress.length < first.lanes) return false
  return progress.every(({ clock, earliestOpenStart }) => {
    if (clock === undefined || clock <= window.end + window.latenessMs) return false
    return !window.ofSessions || earliestOpenStart === undefined || earliestOpenStart >= window.end
  })
}
