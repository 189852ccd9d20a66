import type { EpochMs } from '../event/outcome.ts'

/** Runs at `offsetMs + n × everyMs` since 1970, UTC. */
export type Schedule = { readonly everyMs: number; readonly offsetMs: number }

const unitMs: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** `15m`, `36h`, `7d` in ms. Throws for anything else. */
export const durationMs = (text: string): number => {
  const [, count, unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? []
  const size = unitMs[unit]
  if (count === undefined || size === undefined)
    throw new Error(`${JSON.stringify(text)} is no duration; write it as 90s, 15m, 36h or 7d`)
  return Number(count) * size
}

const minuteMs = 60_000
const dayMs = 86_400_000

/** On the whole quarter hours, hours, …: `every('15m')`. What divides a day keeps its times from day to day. */
export const every = (duration: string): Schedule => {
  const everyMs = durationMs(duration)
  if (everyMs < 5 * minuteMs || everyMs > dayMs || dayMs % everyMs !== 0)
    throw new Error(`every('${duration}'): at least 5m, and a part of a day such as 15m, 1h, 6h`)
  return { everyMs, offsetMs: 0 }
}

/** Once a day at this time, UTC: `nightly('02:00')`. */
export const nightly = (time: string): Schedule => {
  const [, hours, minutes] = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(time) ?? []
  if (hours === undefined || minutes === undefined)
    throw new Error(`nightly('${time}'): write the time as 02:00`)
  return { everyMs: dayMs, offsetMs: (Number(hours) * 60 + Number(minutes)) * minuteMs }
}

export type DueRuns = {
  /** Oldest first. */
  readonly runs: readonly EpochMs[]
  /** Older ones that were missed and are given up. */
  readonly skipped: number
}

/**
 * The runs after the last one recorded; of a report that never ran, the latest alone. A run is due when all is there that
 * arrived up to `delayMs` after its time.
 */
export const dueRuns = (
  { schedule, delayMs }: { readonly schedule: Schedule; readonly delayMs: number },
  at: { readonly throughMs: EpochMs; readonly lastRun: EpochMs | undefined; readonly most: number },
): DueRuns => {
  const { everyMs } = schedule
  const newest = slotAt(at.throughMs - delayMs, schedule)
  const first = at.lastRun === undefined ? newest : slotAt(at.lastRun, schedule) + everyMs
  const missed = Math.max(0, (newest - first) / everyMs + 1)
  const taken = Math.min(missed, at.most)
  const runs = Array.from({ length: taken }, (_, n) => newest - (taken - 1 - n) * everyMs)
  return { runs, skipped: missed - taken }
}

const slotAt = (ms: EpochMs, { everyMs, offsetMs }: Schedule): EpochMs =>
  Math.floor((ms - offsetMs) / everyMs) * everyMs + offsetMs
