import { accountDescriptor } from '../../../shared/core/metric/account.ts'
import type { CompiledMetrics } from '../../../shared/core/metric/compile.ts'
import type { MetricDescriptor } from '../../../shared/core/metric/contribution.ts'
import { addToPane, openPane, type Pane } from '../../../shared/core/metric/pane.ts'
import { type PaneItem, toPaneItem } from '../../../shared/core/metric/pane-item.ts'
import { sessionFields } from '../../../shared/core/session/session-row.ts'
import { windowStart } from '../../../shared/core/window/grain.ts'
import type { ClosedSession } from './stream.ts'

/** What one lane would have in its panes: the account of arrivals, and the metrics of closed sessions. */
export class PaneCounter {
  readonly #metrics: CompiledMetrics
  readonly #panes = new Map<string, Pane>()
  readonly #changed = new Set<Pane>()
  #version = 0

  constructor(metrics: CompiledMetrics) {
    this.#metrics = metrics
  }

  accept(receivedAt: number): void {
    this.#count(accountDescriptor, receivedAt, { dims: ['accepted', ''], value: 1 })
  }

  close({ row, start }: ClosedSession): void {
    for (const contribution of this.#metrics.measureSession(sessionFields(row))) {
      const descriptor = this.#metrics.sessionDescriptors[contribution.metric]
      if (descriptor) this.#count(descriptor, start, contribution)
    }
  }

  /** The panes that have changed since the last call. */
  take(clock: number): PaneItem[] {
    const version = ++this.#version
    const items = [...this.#changed].map((pane) => toPaneItem({ pane, lane: 0, version, clock }))
    this.#changed.clear()
    return items
  }

  #count(
    descriptor: MetricDescriptor,
    time: number,
    contribution: { readonly dims: readonly string[]; readonly value: number | string },
  ): void {
    for (const grain of descriptor.every) {
      const start = windowStart(time, grain)
      const key = `${descriptor.name} ${grain} ${start}`
      const pane = this.#panes.get(key) ?? openPane({ descriptor, grain, windowStart: start, generation: 1 })
      this.#panes.set(key, pane)
      this.#changed.add(pane)
      addToPane(pane, contribution)
    }
  }
}
