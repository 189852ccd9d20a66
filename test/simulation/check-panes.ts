import { accumulators } from '../../shared/core/metric/accumulators.ts'
import { fromPaneItem } from '../../shared/core/metric/pane-item.ts'
import { parsePaneKeys } from '../../shared/core/metric/pane-keys.ts'
import { NaiveCounts, type NaivePanes, paneName } from './naive-panes.ts'
import type { ExpectedEvent } from './oracle.ts'
import type { Row } from './rows.ts'
import type { World } from './world.ts'

/** The panes of the table, all lanes and generations merged, against the naive program. */
export const checkPanes = (
  world: World,
  of: { readonly accepted: readonly ExpectedEvent[]; readonly sessions: readonly Row[] },
  failures: string[],
): void => {
  const counts = new NaiveCounts()
  for (const event of of.accepted) counts.event(event)
  for (const row of of.sessions) counts.session(row)
  comparePanes(
    mergedPanes(world, (metric) => metric !== 'account'),
    counts.panes(),
    failures,
  )
}

export const comparePanes = (got: NaivePanes, want: NaivePanes, failures: string[]): void => {
  for (const [key, state] of want)
    if (got.get(key) !== state)
      failures.push(`pane ${key}: ${got.get(key)?.slice(0, 40)}, expected ${state.slice(0, 40)}`)
  for (const key of got.keys()) if (!want.has(key)) failures.push(`pane ${key} should not be`)
}

export const mergedPanes = (world: World, includes: (metric: string) => boolean): NaivePanes => {
  const merged = new Map<string, { kind: keyof typeof accumulators; state: unknown }>()
  const windows = new Set<string>()
  for (const item of world.table.panes.values()) {
    const { metric, grain, windowStart, lane } = parsePaneKeys(item)
    if (!includes(metric)) continue
    const pane = fromPaneItem(item)
    const window = `${lane} ${paneName({ name: metric, kind: pane.kind, by: pane.by }, { grain, windowStart, cell: '' })}`
    if (windows.has(window)) world.scheduler.play('pane of a later generation')
    windows.add(window)
    for (const [cell, state] of pane.cells) {
      const key = paneName({ name: metric, kind: pane.kind, by: pane.by }, { grain, windowStart, cell })
      const known = merged.get(key)?.state ?? accumulators[pane.kind].empty()
      merged.set(key, { kind: pane.kind, state: accumulators[pane.kind].merge(known, state) })
    }
  }
  return new Map([...merged].map(([key, { kind, state }]) => [key, String(accumulators[kind].encode(state))]))
}
