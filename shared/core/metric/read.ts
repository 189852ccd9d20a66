import type { EpochMs } from '../event/outcome.ts'
import { isComplete, type LaneProgress } from '../window/complete.ts'
import { grainMs, windowEnd, windowStart, windowStarts } from '../window/grain.ts'
import { allowedLatenessMs, sessionGapMs } from '../window/timing.ts'
import type { CellValue } from './accumulator.ts'
import { accumulators } from './accumulators.ts'
import type { CatalogueEntry } from './catalogue.ts'
import type { AccumulatorKind, Grain } from './contribution.ts'
import { cellDims, cellKey, type Pane } from './pane.ts'

export type MetricQuery = {
  readonly metric: CatalogueEntry
  readonly grain: Grain
  /** Windows that touch `[fromMs, toMs)`. */
  readonly fromMs: EpochMs
  readonly toMs: EpochMs
  /** Some of the metric's dimensions; the others are merged away. */
  readonly by: readonly string[]
}

export type MetricWindow = {
  readonly start: EpochMs
  readonly end: EpochMs
  readonly complete: boolean
  readonly cells: readonly { readonly by: Readonly<Record<string, string>>; readonly value: CellValue }[]
}

export type MetricAnswer = {
  readonly metric: string
  readonly grain: Grain
  /** Every window of the range in order, also those in which nothing happened. */
  readonly windows: readonly MetricWindow[]
}

/** The widest stored grain that the asked one can be merged from: every grain divides the wider ones. */
export const storedGrainFor = (every: readonly Grain[], asked: Grain): Grain | undefined =>
  every.filter((grain) => grainMs[grain] <= grainMs[asked]).sort((a, b) => grainMs[b] - grainMs[a])[0]

/** Merges the panes of all lanes and generations, and the corrections of the batch layer. */
export const readMetric = (
  query: MetricQuery,
  panes: readonly Pane[],
  progress: readonly LaneProgress[],
): MetricAnswer => {
  const statesByWindow = mergeByWindow(query, panes)
  const { metric, grain, fromMs, toMs, by } = query
  const { result } = accumulators[metric.kind]
  const ofSessions = metric.of === 'sessions'
  const latenessMs = allowedLatenessMs + (ofSessions ? sessionGapMs : 0)
  const windows = [...windowStarts(fromMs, toMs, grain)].map((start) => {
    const end = windowEnd(start, grain)
    const cells = [...(statesByWindow.get(start) ?? [])]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, state]) => ({ by: namedDims(by, cellDims(key)), value: result(state) }))
      .filter(({ value }) => !isCorrectedAway(metric.kind, value))
    return { start, end, complete: isComplete({ end, latenessMs, ofSessions }, progress), cells }
  })
  return { metric: metric.name, grain, windows }
}

/** Of a cell that all counts were taken back from, nothing is left to show. */
const isCorrectedAway = (kind: AccumulatorKind, value: CellValue): boolean =>
  (kind === 'count' && value === 0) || (kind === 'quantiles' && value === null)

type States = Map<string, unknown>

const mergeByWindow = (query: MetricQuery, panes: readonly Pane[]): Map<EpochMs, States> => {
  const { empty, merge } = accumulators[query.metric.kind]
  const windows = new Map<EpochMs, States>()
  for (const pane of panes) {
    // Written when the metric was of another kind: the states have nothing to do with each other.
    if (pane.kind !== query.metric.kind) continue
    const start = windowStart(pane.windowStart, query.grain)
    const states = windows.get(start) ?? new Map<string, unknown>()
    windows.set(start, states)
    // By name: the metric may have had other dimensions when the pane was written.
    const places = query.by.map((name) => pane.by.indexOf(name))
    for (const [key, state] of pane.cells) {
      const dims = cellDims(key)
      const mergedKey = cellKey(places.map((place) => dims[place] ?? ''))
      states.set(mergedKey, merge(states.get(mergedKey) ?? empty(), state))
    }
  }
  return windows
}

const namedDims = (names: readonly string[], dims: readonly string[]): Record<string, string> =>
  Object.fromEntries(names.map((name, place) => [name, dims[place] ?? '']))
