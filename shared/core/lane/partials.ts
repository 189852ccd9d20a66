import type { EpochMs } from '../event/outcome.ts'
import { accumulators } from '../metric/accumulators.ts'
import type { Contribution, Grain, MetricDescriptor } from '../metric/contribution.ts'
import { type CellKey, cellKey } from '../metric/pane.ts'
import { grains, windowStart } from '../window/grain.ts'
import { seriesKey } from './lane-pane.ts'

/** What contributions to one metric with the same dimensions, in one window of its finest grain, come to. */
export type Partial = {
  readonly series: Series
  readonly key: CellKey
  /** A time in the window. */
  readonly time: EpochMs
  /** The latest arrival of what it is of. */
  touchedAt: EpochMs
  state: unknown
}

type Series = {
  readonly descriptor: MetricDescriptor
  /** Its finest grain. */
  readonly grain: Grain
  /** All of its grains, each with the key of its panes. */
  readonly grains: readonly { readonly grain: Grain; readonly key: string }[]
  readonly windows: Map<EpochMs, Map<readonly string[], Partial>>
}

/**
 * Adds contributions up before they go to panes: a pane of each grain, a cell of each, is a lot of work for one event and
 * little for a pack of them. Dimensions are told apart by object: those of a pack that are equal are the same one, and
 * where they are not, there are two partials with the same sum.
 */
export class Partials {
  readonly #series = new Map<MetricDescriptor, Series>()
  #partials: Partial[] = []

  add(
    descriptor: MetricDescriptor,
    contribution: Contribution,
    at: { readonly time: EpochMs; readonly touchedAt: EpochMs },
  ): void {
    const partial = this.#partialOf(descriptor, contribution.dims, at.time)
    if (at.touchedAt > partial.touchedAt) partial.touchedAt = at.touchedAt
    partial.state = accumulators[descriptor.kind].add(partial.state, contribution.value)
  }

  /** Everything since the last call, in the order in which each first came. */
  take(): readonly Partial[] {
    const taken = this.#partials
    this.#partials = []
    this.#series.clear()
    return taken
  }

  #partialOf(descriptor: MetricDescriptor, dims: readonly string[], time: EpochMs): Partial {
    let series = this.#series.get(descriptor)
    if (series === undefined) {
      const grains = descriptor.every.map((grain) => ({ grain, key: seriesKey(descriptor, grain) }))
      series = { descriptor, grain: finestOf(descriptor), grains, windows: new Map() }
      this.#series.set(descriptor, series)
    }
    const start = windowStart(time, series.grain)
    let byDims = series.windows.get(start)
    if (byDims === undefined) {
      byDims = new Map()
      series.windows.set(start, byDims)
    }
    const known = byDims.get(dims)
    if (known !== undefined) return known
    const state = accumulators[descriptor.kind].empty()
    const partial = { series, key: cellKey(dims), time, touchedAt: Number.NEGATIVE_INFINITY, state }
    byDims.set(dims, partial)
    this.#partials.push(partial)
    return partial
  }
}

/** Every grain is made of whole windows of each finer one. */
const finestOf = ({ every }: MetricDescriptor): Grain => grains.find((grain) => every.includes(grain)) ?? '1m'
