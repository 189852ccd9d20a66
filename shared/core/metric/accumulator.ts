import type { AccumulatorKind } from './contribution.ts'

/** State of an accumulator as it is written to a segment: JSON-safe and as short as can be. */
export type EncodedState = number | string

/** What a reader sees of one cell. Quantiles give p50, p75, p90, p95, p99, min, max, count. */
export type CellValue = number | Readonly<Record<string, number>> | null

/**
 * `empty / add / merge / result`, associative and commutative to the last bit.
 * `add` may change and return its first argument; `merge` may change its first and leaves its second alone.
 */
export type Accumulator<State> = {
  readonly kind: AccumulatorKind
  empty(): State
  /** value: see `Contribution.value`. */
  add(state: State, value: number | string): State
  merge(into: State, from: State): State
  /**
   * Takes back what `add` added, though to another state: what is left may be negative, until it is merged with the state
   * that it corrects. Absent where it cannot be taken back: of a maximum, who knows the second?
   */
  takeBack?(state: State, value: number | string): State
  result(state: State): CellValue
  /** About how long `encode(state)` is. A function of the state alone, whatever way it came about. */
  sizeBytes(state: State): number
  encode(state: State): EncodedState
  /** Inverse of `encode`. Throws on text that `encode` cannot have written. */
  decode(encoded: EncodedState): State
}
