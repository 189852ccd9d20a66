import type { EpochMs } from '../event/outcome.ts'
import type { Grain, MetricDescriptor } from '../metric/contribution.ts'
import { openPane, type Pane } from '../metric/pane.ts'
import { windowEnd } from '../window/grain.ts'

/** A pane as its lane holds it. */
export type LanePane = {
  readonly key: string
  readonly pane: Pane
  /** Once the clock is past this, its window is complete and it has rested for the allowed lateness: it leaves. */
  leavesAfter: EpochMs
  /** The last version whose segment holds all of its cells. */
  wholeAt: number
  /** When it was last published, by the arrival of what was folded then. Not kept: a lane that is loaded publishes all. */
  publishedAt: EpochMs
}

export const neverPublished: EpochMs = Number.NEGATIVE_INFINITY

/** Generations of one version are told apart by the last digit, when a metric changes its definition in mid-stream. */
const generationsPerVersion = 10

/** The panes of a lane: each by its key, and the open one of each window. */
export class LanePanes {
  readonly #byKey = new Map<string, LanePane>()
  readonly #open = new Map<string, Map<EpochMs, LanePane>>()

  get size(): number {
    return this.#byKey.size
  }

  values(): IterableIterator<LanePane> {
    return this.#byKey.values()
  }

  get(key: string): LanePane | undefined {
    return this.#byKey.get(key)
  }

  /** The open panes of one metric and grain by window start; `seriesKey` says which. */
  series(key: string): Map<EpochMs, LanePane> {
    const known = this.#open.get(key)
    if (known !== undefined) return known
    const series = new Map<EpochMs, LanePane>()
    this.#open.set(key, series)
    return series
  }

  open(of: { descriptor: MetricDescriptor; grain: Grain; windowStart: EpochMs; version: number }): LanePane {
    let generation = of.version * generationsPerVersion
    while (this.#byKey.has(paneKey({ metric: of.descriptor.name, ...of, generation }))) generation++
    const pane = openPane({ ...of, generation })
    return this.add({
      key: paneKey(pane),
      pane,
      leavesAfter: 0,
      wholeAt: of.version,
      publishedAt: neverPublished,
    })
  }

  add(held: LanePane): LanePane {
    const { pane } = held
    this.#byKey.set(held.key, held)
    this.series(seriesKey({ name: pane.metric, kind: pane.kind, by: pane.by }, pane.grain)).set(
      pane.windowStart,
      held,
    )
    return held
  }

  remove(held: LanePane): void {
    const { pane } = held
    this.#byKey.delete(held.key)
    const key = seriesKey({ name: pane.metric, kind: pane.kind, by: pane.by }, pane.grain)
    const series = this.#open.get(key)
    if (series?.get(pane.windowStart) !== held) return
    series.delete(pane.windowStart)
    if (series.size === 0) this.#open.delete(key)
  }
}

/** A metric whose kind or dimensions changed is another series, even under its old name. */
export const seriesKey = (descriptor: Pick<MetricDescriptor, 'name' | 'kind' | 'by'>, grain: Grain): string =>
  `${descriptor.name}|${descriptor.kind}|${descriptor.by.join(',')}|${grain}`

const paneKey = (pane: { metric: string; grain: Grain; windowStart: EpochMs; generation: number }): string =>
  `${pane.metric}|${pane.grain}|${pane.windowStart}|${pane.generation}`

/** Its window is complete and it has rested, both by the clock, which never is ahead of `touchedAt`. */
export const leavesAfter = (pane: Pane, touchedAt: EpochMs, latenessMs: number): EpochMs =>
  Math.max(windowEnd(pane.windowStart, pane.grain), touchedAt) + latenessMs
