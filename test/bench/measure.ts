import { collectGarbage } from './garbage.ts'

/** The middle of them; of an even number the mean of the two. NaN of none. */
export const median = (values: readonly number[]): number => quantile(values, 0.5)

/** Between the two nearest of them in proportion. NaN of none. */
export const quantile = (values: readonly number[], share: number): number => {
  const sorted = values.toSorted((a, b) => a - b)
  const place = (sorted.length - 1) * share
  const below = sorted[Math.floor(place)] ?? Number.NaN
  const above = sorted[Math.ceil(place)] ?? Number.NaN
  return below + (above - below) * (place - Math.floor(place))
}

/**
 * Microseconds of processor time that this process has taken, collecting garbage and compiling in other threads included: what it
 * costs on one core. Unlike the clock on the wall it stands still while the machine does something else.
 */
export const cpuMicros = (): number => {
  const { user, system } = process.cpuUsage()
  return user + system
}

/**
 * What a run takes, in microseconds of processor time. It begins with the young heap empty and ends with it collected: nobody
 * pays for the garbage of whoever had the turn before, and everybody for their own.
 */
export const timed = async <Answer>(
  run: () => Answer | Promise<Answer>,
): Promise<{ us: number; answer: Answer }> => {
  // Twice: what survives the first has been moved, what survives both has left the young heap.
  collectGarbage('minor')
  collectGarbage('minor')
  const began = cpuMicros()
  const answer = await run()
  collectGarbage('minor')
  return { us: cpuMicros() - began, answer }
}

/** What one of the things that take turns has cost in all. */
export type Cost = {
  /** An event. */
  readonly us: number
  readonly timesFloor: number
  /** Quartiles of the ratios of the rounds: how much to make of it. */
  readonly low: number
  readonly middle: number
  readonly high: number
}

/** One round of things that take turns, over the same events: microseconds in all. */
export type Round<Name extends string> = {
  readonly events: number
  readonly floorUs: number
  readonly us: ReadonlyMap<Name, number>
}

/**
 * Totals, not medians: what comes but now and then, such as the merging of old segments, is part of the cost of an event.
 * Whatever else the machine does befalls the floor of the same round alike.
 */
export const costs = <Name extends string>(rounds: readonly Round<Name>[]): Map<Name, Cost> => {
  const names = new Set(rounds.flatMap(({ us }) => [...us.keys()]))
  const events = sum(rounds.map((round) => round.events))
  const floorUs = sum(rounds.map((round) => round.floorUs))
  const costOf = (name: Name): Cost => {
    const us = sum(rounds.map((round) => round.us.get(name) ?? 0))
    const ratios = rounds.map((round) => (round.us.get(name) ?? 0) / round.floorUs)
    return {
      us: us / events,
      timesFloor: us / floorUs,
      low: quantile(ratios, 0.25),
      middle: median(ratios),
      high: quantile(ratios, 0.75),
    }
  }
  return new Map([...names].map((name) => [name, costOf(name)]))
}

export const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
