import type { EpochMs } from '../event/outcome.ts'
import type { Grain } from '../metric/contribution.ts'

const minuteMs = 60_000

/** Length of a window. Every grain divides a day, so that a window never spans two days (UTC). */
export const grainMs: Readonly<Record<Grain, number>> = {
  '1m': minuteMs,
  '5m': 5 * minuteMs,
  '15m': 15 * minuteMs,
  '1h': 60 * minuteMs,
  '1d': 1440 * minuteMs,
}

export const grains: readonly Grain[] = ['1m', '5m', '15m', '1h', '1d']

export const isGrain = (text: unknown): text is Grain => grains.some((grain) => grain === text)

/** `x mod m` in `[0, m)`, also for negative x, where `%` would answer a negative remainder. */
export const flooredModulo = (x: number, m: number): number => ((x % m) + m) % m

/** Start of the tumbling window `[start, end)` that holds the time, in UTC. */
export const windowStart = (timeMs: EpochMs, grain: Grain): EpochMs =>
  timeMs - flooredModulo(timeMs, grainMs[grain])

/** End of the window that starts there; itself not in the window. */
export const windowEnd = (startMs: EpochMs, grain: Grain): EpochMs => startMs + grainMs[grain]

/** How many windows touch `[fromMs, toMs)`. */
export const countWindows = (fromMs: EpochMs, toMs: EpochMs, grain: Grain): number =>
  toMs <= fromMs ? 0 : Math.ceil((toMs - windowStart(fromMs, grain)) / grainMs[grain])

/** Starts of the windows that touch `[fromMs, toMs)`, in order. */
export function* windowStarts(fromMs: EpochMs, toMs: EpochMs, grain: Grain): Generator<EpochMs> {
  if (toMs <= fromMs) return
  for (let start = windowStart(fromMs, grain); start < toMs; start += grainMs[grain]) yield start
}
