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
  merge: (into, from) => {
    for (const [bin, n] of from.bins) addToBin(into.bins, bin, n)
    into.min = Math.min(into.min, from.min)
    into.max = Math.max(into.max, from.max)
    return into
  },
  result: (state) => {
    if (state.bins.size === 0) return null
    const sorted = sortedBins(state)
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
    return JSON.stringify([state.min, state.max, ...sortedBins(state).flat()])
  },
  decode: (encoded) => (encoded === '' ? quantiles.empty() : decode(String(encoded))),
}

const addToBin = (bins: Map<number, number>, bin: number, n: number): void => {
  bins.set(bin, (bins.get(bin) ?? 0) + n)
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
  if (
    !Array.isArray(numbers) ||
    numbers.length < 4 ||
    numbers.length % 2 !== 0 ||
    !numbers.every(Number.isFinite)
  ) {
    throw new Error('not a quantile sketch')
  }
  const [min, max, ...pairs]: number[] = numbers
  const bins = new Map<number, number>()
  for (let i = 0; i < pairs.length; i += 2) {
    const [bin = Number.NaN, n = Number.NaN] = pairs.slice(i, i + 2)
    if (!isBin(bin) || !Number.isSafeInteger(n) || n < 1 || bins.has(bin))
      throw new Error('not a quantile sketch')
    bins.set(bin, n)
  }
  return { bins, min: min ?? 0, max: max ?? 0 }
}
