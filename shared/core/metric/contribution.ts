/** The *map* half of a metric: what one event or session adds to it. Plain data: it travels in packs. */
export type Grain = '1m' | '5m' | '15m' | '1h' | '1d'

export type AccumulatorKind = 'count' | 'sum' | 'min' | 'max' | 'unique' | 'quantiles'

/** What the lane must know of a metric to reduce it; travels with each pack, so a deploy cannot mix definitions. */
export type MetricDescriptor = {
  readonly name: string
  readonly kind: AccumulatorKind
  readonly every: readonly Grain[]
  /** Names of the dimensions, in the order of `Contribution.dims`. */
  readonly by: readonly string[]
}

export type Contribution = {
  /** Index into the table of descriptors that travels with it. */
  readonly metric: number
  /**
   * count: how many (an integer). sum: scaled integer as decimal text (see `scaled.ts`). min, max, quantiles: the number.
   * unique: 64-bit hash of the value as 16 hex digits.
   */
  readonly value: number | string
  /** One text per dimension; '' when the event does not have it. */
  readonly dims: readonly string[]
}
