import { laneOf } from '../../shared/core/lane/lane-of.ts'
import type { LaneState } from '../../shared/core/lane/state.ts'
import { committedStates, warmStates } from './committed.ts'
import { laneLog } from './lane-log.ts'
import { rowsByName, timeIn } from './rows.ts'
import type { World } from './world.ts'

const minuteMs = 60_000
const minuteOf = (timeMs: number): number => Math.floor(timeMs / minuteMs)

/**
 * Of the panes above the limit of the settings (20) about half leave at each fold, but for those that the last commit
 * touched: at most 30, and what its last pack adds.
 */
const maxRestingPanes = 36

/** When all is at rest: a lane holds what it must and no more, read back from its segments as in warm memory. */
export const checkHeld = (world: World): string[] => {
  const failures: string[] = []
  const cold = committedStates(world)
  const log = laneLog(world.laneStream.shards)
  const minutes = lastMinutes(world, failures)
  for (const state of cold) {
    const { lane, clock, firstMinute } = state
    const ids = [...(minutes.get(lane)?.values() ?? [])].filter((minute) => minute >= firstMinute).length
    if (state.ids.count() !== ids)
      failures.push(`lane ${lane} remembers ${state.ids.count()} ids, ${ids} came within the horizon`)
    const standing = log.lanes.get(lane)
    if (clock !== standing?.clock || firstMinute !== standing?.firstMinute)
      failures.push(
        `lane ${lane} is at ${clock} and forgets before minute ${firstMinute}, expected ` +
          `${standing?.clock} and ${standing?.firstMinute}`,
      )
    const resting = state.panes.size - state.outbox.length
    if (resting > maxRestingPanes) failures.push(`lane ${lane} holds ${resting} panes that nothing touches`)
  }
  const byLane = new Map(cold.map((state) => [state.lane, describe(state)]))
  for (const state of warmStates(world)) {
    world.scheduler.play('warm lane compared')
    const want = byLane.get(state.lane)
    if (describe(state) !== want)
      failures.push(`lane ${state.lane} is ${describe(state)} in memory, ${want} in its segments`)
  }
  return failures
}

const describe = (state: LaneState): string => {
  const { seenIdBytes: _, ...held } = state.held
  const { clock, firstMinute, counters, outbox, latest } = state
  return JSON.stringify({
    ...held,
    ids: state.ids.count(),
    clock,
    firstMinute,
    counters,
    outbox: outbox.map(({ key }) => key),
    latest: latest.length,
  })
}

/** By lane, visitor and event id: the minute in which the last event of it came that was accepted. */
const lastMinutes = (world: World, failures: string[]): Map<number, Map<string, number>> => {
  const minutes = new Map<number, Map<string, number>>()
  for (const row of rowsByName(world.lake.rows.events, 'origin', failures).values()) {
    const lane = laneOf(String(row.visitor), world.lanes)
    const ofLane = minutes.get(lane) ?? new Map<string, number>()
    minutes.set(lane, ofLane)
    const key = `${row.visitor}\n${row.event_id}`
    ofLane.set(key, Math.max(ofLane.get(key) ?? 0, minuteOf(timeIn(row.received_at))))
  }
  return minutes
}
