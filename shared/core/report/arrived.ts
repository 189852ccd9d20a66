import type { EpochMs } from '../event/outcome.ts'
import type { LaneProgress } from '../window/complete.ts'

/** How long the runs of reports wait for lanes that stand. Then they are made of what there is, and recorded as incomplete. */
export const patienceMs = 6 * 3_600_000

/** What arrived before this has been folded by every lane, and sent to the lake; undefined until each of them has spoken. */
export const arrivedThrough = (lanes: readonly LaneProgress[]): EpochMs | undefined => {
  const clocks = lanes.flatMap(({ clock }) => (clock === undefined ? [] : [clock]))
  const [first] = lanes
  return first === undefined || clocks.length < first.lanes ? undefined : Math.min(...clocks)
}
