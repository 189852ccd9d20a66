/** How long after the end of a window its late events are waited for, by the clock of the lanes. */
export const allowedLatenessMs = 15 * 60_000

/** A session ends where nothing happens for longer than this. */
export const sessionGapMs = 30 * 60_000
