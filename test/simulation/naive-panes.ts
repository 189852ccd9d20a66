import { accountDescriptor } from '../../shared/core/metric/account.ts'
import { accumulators } from '../../shared/core/metric/accumulators.ts'
import type { Contribution, MetricDescriptor } from '../../shared/core/metric/contribution.ts'
import { cellKey } from '../../shared/core/metric/pane.ts'
import { sessionFields } from '../../shared/core/session/session-row.ts'
import { windowStart } from '../../shared/core/window/grain.ts'
import { codes } from './code.ts'
import type { ExpectedEvent } from './oracle.ts'

/** Metric, kind, dimensions, grain, window start and cell → encoded state. */
export type NaivePanes = Map<string, string>

export const paneName = (
  pane: Pick<MetricDescriptor, 'name' | 'kind' | 'by'>,
  of: { readonly grain: string; readonly windowStart: number; readonly cell: string },
): string => `${pane.name} ${pane.kind} by ${pane.by.join(',')} ${of.grain} ${of.windowStart} ${of.cell}`

/** Everything that is counted, value by value, before anything is added up. */
export class NaiveCounts {
  readonly #groups = new Map<string, Grouped>()

  /** An accepted event, measured as the code did that judged it. */
  event({ accepted, first }: ExpectedEvent): void {
    if (accepted === undefined || first.code === undefined) return
    const { descriptors, measureEvent } = first.code.metrics
    this.#add(descriptors, measureEvent(accepted.fields), accepted.eventTime)
  }

  /** A row of the table `sessions`: what is measured of it is the same in all code. */
  session(row: Readonly<Record<string, string | number | boolean>>): void {
    const { sessionDescriptors, measureSession } = codes[0].metrics
    const start = Date.parse(`${String(row.started_at).replace(' ', 'T')}Z`)
    this.#add(sessionDescriptors, measureSession(sessionFields(row)), start)
  }

  account(receivedAt: number, outcome: string, reason: string): void {
    this.#add([accountDescriptor], [{ metric: 0, value: 1, dims: [outcome, reason] }], receivedAt)
  }

  panes(): NaivePanes {
    return new Map(
      [...this.#groups].map(([key, { kind, values }]) => {
        const accumulator = accumulators[kind]
        const state = values.reduce(
          (total: unknown, value) => accumulator.add(total, value),
          accumulator.empty(),
        )
        return [key, String(accumulator.encode(state))]
      }),
    )
  }

  #add(descriptors: readonly MetricDescriptor[], contributions: readonly Contribution[], time: number): void {
    for (const { metric, value, dims } of contributions) {
      const descriptor = descriptors[metric]
      if (descriptor === undefined) throw new Error(`no metric ${metric}`)
      const cell = cellKey(dims)
      for (const grain of descriptor.every) {
        const key = paneName(descriptor, { grain, windowStart: windowStart(time, grain), cell })
        const group = this.#groups.get(key)
        if (group === undefined) this.#groups.set(key, { kind: descriptor.kind, values: [value] })
        else group.values.push(value)
      }
    }
  }
}

type Grouped = { readonly kind: MetricDescriptor['kind']; readonly values: (number | string)[] }
