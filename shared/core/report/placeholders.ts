import type { EpochMs } from '../event/outcome.ts'
import { durationMs } from './schedule.ts'

const placeholder = /\{run(?:([+-])(\w+))?\}/g

/**
 * `{run}`, `{run-1d}`, `{run+15m}` as times, so that what a run asks for depends on its time alone: a run that is caught
 * up with or tried again asks the same. Throws for a duration that is none.
 */
export const fillIn = (text: string, run: EpochMs): string =>
  text.replace(placeholder, (_, sign: string | undefined, duration: string | undefined) => {
    const shiftMs = duration === undefined ? 0 : durationMs(duration)
    return new Date(sign === '-' ? run - shiftMs : run + shiftMs).toISOString()
  })
