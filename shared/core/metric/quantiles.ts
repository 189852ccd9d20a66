import type { Accumulator } from './accumulator.ts'
import { binOf, binValue, isBin } from './log-bins.ts'

/**
 * DDSketch (Masson, Rim, Lee, VLDB 2019): counts in bins whose width grows with the value, so that each quantile is
 * within 1 % of a value of that rank. Merging adds the counts, hence is exact in any order; the number of bins is
 * bounded by the range of `log-bins.ts`, so none are ever collapsed.
 */
export type QuantileSketch = { readonly bins: Map<number, number>; min: number; max: number }

const quantileRanks = { p50: 0.5, p75: 0.75, p90: 0.9, p95: 0.95, p99: 0.99 }

export const quantiles: Accumulator<QuantileSketch> = {
  kind: 'quantiles',
  empty: () => ({ bins: new Map(), min: Number.POSITIVE_INFINITY, max: Number.NEGATIVE_INFINITY }),
  add: (state, value) => {
    // `+ 0` makes 0 of -0, which JSON could not carry.
    const x = Number(value) + 0
    addToBin(state.bins, binOf(x), 1)
    state.min = Math.min(state.min, x)
    state.max = Math.max(state.max, x)
    return state
  },
  takeBack: (state, value) => {
    addToBin(state.bins, binOf(Number(value)), -1)
    return state
  },
  merge: (into, from) => {
    for (const [bin, n] of from.bins) addToBin(into.bins, bin, n)
    into.min = Math.min(into.min, from.min)
    into.max = Math.max(into.max, from.max)
    return into
  },
  result: (state) => {
    // Below 0 only in a correction that is looked at alone.
    const sorted = sortedBins(state).filter(([, n]) => n > 0)
    if (sorted.length === 0) return null
    const total = sorted.reduce((sum, [, n]) => sum + n, 0)
    const at = (quantile: number): number => {
      const value = binValue(binAtRank(sorted, Math.floor(quantile * (total - 1))))
      return Math.min(Math.max(value, state.min), state.max)
    }
    const values = Object.fromEntries(Object.entries(quantileRanks).map(([name, q]) => [name, at(q)]))
    return { ...values, min: state.min, max: state.max, count: total }
  },
  sizeBytes: (state) => 24 + state.bins.size * 10,
  encode: (state) => {
    if (state.bins.size === 0) return ''
    // JSON has no infinity: null where nothing was added, but only taken back.
    return JSON.stringify([state.min, state.max, ...sortedBins(state).flat()])
  },
  decode: (encoded) => (encoded === '' ? quantiles.empty() : decode(String(encoded))),
}

const addToBin = (bins: Map<number, number>, bin: number, n: number): void => {
  const count = (bins.get(bin) ?? 0) + n
  // So that what was added and taken back leaves no trace, in whatever order.
  if (count === 0) bins.delete(bin)
  else bins.set(bin, count)
}

/** The order of bins is the order of the values in them. */
const sortedBins = (state: QuantileSketch): [bin: number, n: number][] =>
  [...state.bins].sort(([a], [b]) => a - b)

/** Rank: how many values are smaller, from 0. */
const binAtRank = (sorted: readonly (readonly [number, number])[], rank: number): number => {
  let seen = 0
  for (const [bin, n] of sorted) {
    seen += n
    if (seen > rank) return bin
  }
  throw new Error(`no value of rank ${rank} among ${seen}`)
}

const decode = (text: string): QuantileSketch => {
  const numbers: unknown = JSON.parse(text)
  if (!Array.isArray(numbers) || numbers.length < 4 || numbers.length % 2 !== 0)
    throw new Error('not a quantile sketch')
  const [min, max, ...pairs]: unknown[] = numbers
  const bins = new Map<number, number>()
  for (let i = 0; i < pairs.length; i += 2) {
    const [bin, n] = pairs.slice(i, i + 2)
    if (!isBin(bin) || !isCount(n) || bins.has(bin)) throw new Error('not a quantile sketch')
    bins.set(bin, n)
  }
  return {
    bins,
    min: bound(min, Number.POSITIVE_INFINITY),
    max: bound(max, Number.NEGATIVE_INFINITY),
  }
}

/** Below 0 in a correction. */
const isCount = (n: unknown): n is number => Number.isSafeInteger(n) && n !== 0

const bound = (value: unknown, none: number): number => {
  if (value === null) return none
  if (typeof value !== 'number') throw new Error('not a quantile sketch')
  return value
}
