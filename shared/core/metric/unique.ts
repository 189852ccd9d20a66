import type { Accumulator } from './accumulator.ts'
import { estimateCardinality } from './cardinality.ts'
import { eighteenBitsToText, sixBitsToText, textToSixBits } from './six-bits.ts'

/** 2^12 registers: a standard error of 1.04 / sqrt(4096) = 1.6 %. */
const precision = 12
const registerCount = 1 << precision
/** The hash bits beside those of the register; a register holds at most one more than this. */
const rankBits = 64 - precision
/** Above this many registers in use the sketch is dense: 3 characters a register against 1 for each of 4,096. */
const maxSparse = 512

/**
 * HyperLogLog. While few registers are in use: their `register * 64 + rank`, sorted. Then: all 4,096 ranks.
 * Which of the two depends only on the registers in use, so equal sets have equal states however they came about.
 */
export type HyperLogLog = { sparse: number[]; dense: Uint8Array | undefined }

export const unique: Accumulator<HyperLogLog> = {
  kind: 'unique',
  empty: () => ({ sparse: [], dense: undefined }),
  /** hash: 64 bits as 16 hex digits. */
  add: (state, hash) => {
    const high = Number.parseInt(String(hash).slice(0, 8), 16)
    const low = Number.parseInt(String(hash).slice(8), 16)
    raise(state, high >>> (32 - precision), rankOf(high, low))
    return state
  },
  merge: (into, from) => {
    if (from.dense === undefined) {
      for (const entry of from.sparse) raise(into, entry >>> 6, entry & 63)
    } else {
      from.dense.forEach((rank, register) => {
        if (rank > 0) raise(into, register, rank)
      })
    }
    return into
  },
  result: (state) => Math.round(estimateCardinality(rankHistogram(state), rankBits)),
  sizeBytes: (state) => (state.dense === undefined ? state.sparse.length * 3 : registerCount),
  // An entry has 12 + 6 bits.
  encode: (state) =>
    state.dense === undefined ? eighteenBitsToText(state.sparse) : sixBitsToText(state.dense),
  decode: (encoded) => decode(String(encoded)),
}

/** Place of the first 1 among the lower 52 bits, from 1; 53 when there is none. */
const rankOf = (high: number, low: number): number => {
  const upper = (high << precision) >>> 0
  if (upper !== 0) return Math.clz32(upper) + 1
  return 32 - precision + (low === 0 ? 32 : Math.clz32(low)) + 1
}

const raise = (state: HyperLogLog, register: number, rank: number): void => {
  if (state.dense !== undefined) {
    if (rank > (state.dense[register] ?? 0)) state.dense[register] = rank
    return
  }
  const { sparse } = state
  const at = placeOf(sparse, register)
  const entry = sparse[at]
  if (entry === undefined || entry >>> 6 !== register) sparse.splice(at, 0, register * 64 + rank)
  else if (rank > (entry & 63)) sparse[at] = register * 64 + rank
  if (sparse.length > maxSparse) makeDense(state)
}

const makeDense = (state: HyperLogLog): void => {
  const dense = new Uint8Array(registerCount)
  for (const entry of state.sparse) dense[entry >>> 6] = entry & 63
  state.dense = dense
  state.sparse = []
}

/** Index of the first entry at or above the register. */
const placeOf = (sparse: readonly number[], register: number): number => {
  let from = 0
  let to = sparse.length
  while (from < to) {
    const middle = (from + to) >>> 1
    if ((sparse[middle] ?? 0) >>> 6 < register) from = middle + 1
    else to = middle
  }
  return from
}

/** How many registers hold each rank. */
const rankHistogram = (state: HyperLogLog): number[] => {
  const histogram = new Array<number>(rankBits + 2).fill(0)
  const bump = (rank: number): void => {
    histogram[rank] = (histogram[rank] ?? 0) + 1
  }
  if (state.dense === undefined) {
    histogram[0] = registerCount - state.sparse.length
    for (const entry of state.sparse) bump(entry & 63)
  } else {
    for (const rank of state.dense) bump(rank)
  }
  return histogram
}

const decode = (text: string): HyperLogLog => {
  const isDense = text.length === registerCount
  const isSparse = text.length % 3 === 0 && text.length <= maxSparse * 3
  if (!isDense && !isSparse) throw new Error(`not a HyperLogLog: ${text.length} characters`)
  const sixBits = textToSixBits(text)
  const state = isDense
    ? { sparse: [], dense: sixBits }
    : { sparse: sixBitsToSparse(sixBits), dense: undefined }
  if (!isSound(state)) throw new Error('not a HyperLogLog: a rank is too high or registers are out of order')
  return state
}

const sixBitsToSparse = (sixBits: Uint8Array): number[] => {
  const sparse: number[] = []
  for (let at = 0; at < sixBits.length; at += 3) {
    sparse.push(((sixBits[at] ?? 0) << 12) | ((sixBits[at + 1] ?? 0) << 6) | (sixBits[at + 2] ?? 0))
  }
  return sparse
}

const isSound = ({ sparse, dense }: HyperLogLog): boolean => {
  const maxRank = rankBits + 1
  if (dense !== undefined) return dense.every((rank) => rank <= maxRank)
  return sparse.every((entry, i) => {
    const rank = entry & 63
    const isAfterLast = i === 0 || (sparse[i - 1] ?? 0) >>> 6 < entry >>> 6
    return rank >= 1 && rank <= maxRank && isAfterLast
  })
}
