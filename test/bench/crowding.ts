import { cpus, loadavg } from 'node:os'
import { noise } from './targets.ts'

/** How many programs want each core, over the last minute. 0 where the system does not say. */
export const crowding = (): number => (loadavg()[0] ?? 0) / cpus().length

/** A benchmark alone on two cores, with the threads that collect its garbage, is not more. */
const atRest = 1.5
const crowded = 4
const noiseInCrowd = 0.5

/**
 * What a ratio may be off by. Where programs take turns each finds the caches full of another's: a whole pass, which works on
 * hundreds of megabytes, is slowed by more than the floor beside it, up to half as much again.
 */
export const noiseAt = (crowd: number): number => {
  const share = Math.min(1, Math.max(0, (crowd - atRest) / (crowded - atRest)))
  return noise + share * (noiseInCrowd - noise)
}
