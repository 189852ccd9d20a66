import type { Accumulator } from './accumulator.ts'
import type { AccumulatorKind } from './contribution.ts'
import { count } from './count.ts'
import { max, min } from './extremes.ts'
import { quantiles } from './quantiles.ts'
import { sum } from './sum.ts'
import { unique } from './unique.ts'

/** By kind. The states of one pane all come from the accumulator of its kind, so here they are opaque. */
export const accumulators: Readonly<Record<AccumulatorKind, Accumulator<unknown>>> = {
  count,
  sum,
  min,
  max,
  unique,
  quantiles,
}

export const isAccumulatorKind = (text: unknown): text is AccumulatorKind =>
  typeof text === 'string' && Object.hasOwn(accumulators, text)
