import type { CompiledMetrics } from '../../metric/compile.ts'
import type { MetricDescriptor } from '../../metric/contribution.ts'
import { addToPane, openPane, type Pane, takeFromPane } from '../../metric/pane.ts'
import { fromPaneItem, type PaneItem, toPaneItem } from '../../metric/pane-item.ts'
import { parsePaneKeys } from '../../metric/pane-keys.ts'
import { windowStart } from '../../window/grain.ts'
import { dayMs, startOfDay } from './day.ts'
import type { Difference } from './differences.ts'
import type { CompactionPorts } from './ports.ts'

export type SessionMetrics = Pick<CompiledMetrics, 'sessionDescriptors' | 'measureSession'>

/**
 * What the panes of a day's sessions are off by, as panes of their own: absolute, not what has changed since last time,
 * so that writing them again changes nothing. Those of an earlier version that nothing differs in any more become empty.
 */
export const correctionsOfDay = async (
  of: {
    readonly day: string
    readonly differences: readonly Difference[]
    readonly metrics: SessionMetrics
    /** Of the state whose commit this follows. */
    readonly version: number
    readonly through: number
  },
  { panes }: Pick<CompactionPorts, 'panes'>,
): Promise<PaneItem[]> => {
  const corrections = measure(of.differences, of.metrics)
  const fromMs = startOfDay(of.day)
  for (const { name, kind, by, every } of of.metrics.sessionDescriptors)
    for (const grain of every) {
      const stored = await panes.queryPanes({ metric: name, grain, fromMs, toMs: fromMs + dayMs })
      for (const item of stored.filter(isCorrection)) {
        const { windowStart } = item
        const key = keyOf(name, grain, windowStart)
        if (!corrections.has(key) && fromPaneItem(item).cells.size > 0)
          corrections.set(
            key,
            openPane({ descriptor: { name, kind, by }, grain, windowStart, generation: 0 }),
          )
      }
    }
  return [...corrections.values()]
    .map((pane) => toPaneItem({ pane, lane: 'batch', version: of.version, clock: undefined }))
    .filter((item) => !isExpired(item, of.through))
}

/** What it corrects is gone: alone it would say something wrong. */
const isExpired = ({ expiresAt }: PaneItem, nowMs: number): boolean =>
  expiresAt !== undefined && expiresAt * 1000 <= nowMs

const isCorrection = (item: PaneItem): boolean => parsePaneKeys(item).lane === 'batch'

const keyOf = (metric: string, grain: string, windowStart: number): string =>
  `${metric} ${grain} ${windowStart}`

const measure = (differences: readonly Difference[], metrics: SessionMetrics): Map<string, Pane> => {
  const corrections = new Map<string, Pane>()
  for (const { side, startedAt, fields } of differences)
    for (const contribution of metrics.measureSession(fields)) {
      const descriptor = metrics.sessionDescriptors[contribution.metric]
      if (descriptor === undefined) throw new Error(`no session metric ${contribution.metric}`)
      for (const pane of panesAt(startedAt, descriptor, corrections))
        if (side === 'batch') addToPane(pane, contribution)
        else takeFromPane(pane, contribution)
    }
  return corrections
}

const panesAt = (time: number, descriptor: MetricDescriptor, corrections: Map<string, Pane>): Pane[] =>
  descriptor.every.map((grain) => {
    const start = windowStart(time, grain)
    const key = keyOf(descriptor.name, grain, start)
    const pane = corrections.get(key) ?? openPane({ descriptor, grain, windowStart: start, generation: 0 })
    corrections.set(key, pane)
    return pane
  })
