import type { Accumulator } from './accumulator.ts'
import { scaledToNumber } from './scaled.ts'

/** In millionths (`scaled.ts`). */
export const sum: Accumulator<bigint> = {
  kind: 'sum',
  empty: () => 0n,
  add: (state, value) => state + BigInt(value),
  takeBack: (state, value) => state - BigInt(value),
  merge: (into, from) => into + from,
  result: scaledToNumber,
  sizeBytes: () => 20,
  encode: (state) => state.toString(),
  decode: (encoded) => {
    // BigInt('') is 0n, so the text is looked at first.
    if (!/^-?\d+$/.test(String(encoded))) throw new Error(`not a scaled sum: ${encoded}`)
    return BigInt(encoded)
  },
}
