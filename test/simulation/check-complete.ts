import type { LaneItem } from '../../shared/core/metric/lane-item.ts'
import { paneKeys } from '../../shared/core/metric/pane-keys.ts'
import { isComplete } from '../../shared/core/window/complete.ts'
import { isGrain, windowEnd } from '../../shared/core/window/grain.ts'
import { codes, most } from './code.ts'
import { committedManifest, committedState } from './committed.ts'
import type { World } from './world.ts'

const ofSessions = new Set(codes.flatMap(({ metrics }) => metrics.sessionDescriptors.map(({ name }) => name)))

/** As a reader of the table judges it, as far as it hangs on this lane. The key is that of the outbox. */
const isSaidComplete = (key: string, item: LaneItem): boolean => {
  const [metric = '', grain, start] = key.split('|')
  if (!isGrain(grain)) throw new Error(`no grain in the key of a pane: ${key}`)
  const isOfSessions = ofSessions.has(metric)
  const latenessMs = most.latenessMs + (isOfSessions ? most.gapMs : 0)
  const window = { end: windowEnd(Number(start), grain), latenessMs, ofSessions: isOfSessions }
  return isComplete(window, [{ ...item, lanes: 1 }])
}

/** Of a window that a lane says is complete, all that it has committed is in the table: no reader takes a part for the whole. */
export const checkComplete = (world: World, lane: number): string[] => {
  const item = world.table.lanes.get(lane)
  const manifest = committedManifest(world, lane)
  // Else the lane has committed since, and has still to say so.
  if (item === undefined || item.version !== manifest?.version) return []
  const complete = new Set(manifest.outbox.filter((key) => isSaidComplete(key, item)))
  if (complete.size === 0) return []
  world.scheduler.play('pane of a complete window looked for')
  return (committedState(world, lane)?.outbox ?? []).flatMap((held) => {
    const { pk, sk } = paneKeys({ ...held.pane, lane })
    const published = world.table.panes.get(`${pk} ${sk}`)?.version ?? 0
    if (!complete.has(held.key) || published >= held.pane.version) return []
    return [
      `lane ${lane} says that ${held.key} is complete; published is ${published} of ${held.pane.version}`,
    ]
  })
}
