import type { Accumulator } from './accumulator.ts'
import type { AccumulatorKind } from './contribution.ts'

type Pick = (a: number, b: number) => number

/** `empty` is the infinity that loses against every number; JSON has none, so it is written as ''. */
const extreme = (kind: AccumulatorKind, pick: Pick, empty: number): Accumulator<number> => ({
  kind,
  empty: () => empty,
  // `+ 0` makes 0 of -0, which JSON could not carry.
  add: (state, value) => pick(state, Number(value) + 0),
  merge: pick,
  result: (state) => (state === empty ? null : state),
  sizeBytes: () => 12,
  encode: (state) => (state === empty ? '' : state),
  decode: (encoded) => {
    if (encoded === '') return empty
    if (typeof encoded !== 'number' || !Number.isFinite(encoded)) throw new Error(`not a ${kind}: ${encoded}`)
    return encoded
  },
})

export const min = extreme('min', Math.min, Number.POSITIVE_INFINITY)
export const max = extreme('max', Math.max, Number.NEGATIVE_INFINITY)
