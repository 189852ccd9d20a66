import type { Accumulator } from './accumulator.ts'

export const count: Accumulator<number> = {
  kind: 'count',
  empty: () => 0,
  add: (state, value) => state + Number(value),
  takeBack: (state, value) => state - Number(value),
  merge: (into, from) => into + from,
  result: (state) => state,
  sizeBytes: () => 8,
  encode: (state) => state,
  decode: (encoded) => {
    const state = Number(encoded)
    if (!Number.isSafeInteger(state)) throw new Error(`not a count: ${encoded}`)
    return state
  },
}
