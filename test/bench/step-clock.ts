import { cpuMicros } from './measure.ts'

/** The steps of a pass, in its order. */
export const steps = [
  'decode',
  'judge',
  'measure',
  'pack',
  'unpack',
  'fold',
  'rows',
  'commit',
  'publish',
] as const
export type Step = (typeof steps)[number]

/** Adds up what each step takes, told only where one ends: nothing that runs in between is left out. */
export class StepClock {
  #us = new Map<Step, number>()
  #since = 0

  start(): void {
    this.#since = cpuMicros()
  }

  /** What ran since the last call was this step. */
  end(step: Step): void {
    const now = cpuMicros()
    this.#us.set(step, (this.#us.get(step) ?? 0) + now - this.#since)
    this.#since = now
  }

  /** Microseconds since the last time they were taken. */
  take(): ReadonlyMap<Step, number> {
    const us = this.#us
    this.#us = new Map()
    return us
  }
}
