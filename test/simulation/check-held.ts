import { laneOf } from '../../shared/core/lane/lane-of.ts'
import type { LaneState } from '../../shared/core/lane/state.ts'
import { brief } from './code.ts'
import { committedStates, warmStates } from './committed.ts'
import { laneLog } from './lane-log.ts'
import { rowsByName, timeIn } from './rows.ts'
import type { World } from './world.ts'

const minuteMs = 60_000
const minuteOf = (timeMs: number): number => Math.floor(timeMs / minuteMs)

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
    failures.push(...tooManyPanes(state))
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

/**
 * A fold that begins with more panes than the limit lets go of the older half, but never of what the last commit touched.
 * So what rests is within the limit (the
 * larger one of the two that deploys switch between), or is all of one commit.
 */
const tooManyPanes = ({ lane, panes, outbox }: LaneState): string[] => {
  const touched = new Set(outbox)
  const resting = [...panes.values()].filter((held) => !touched.has(held))
  const versions = new Set(resting.map(({ pane }) => pane.version))
  if (resting.length <= brief.maxPanes || versions.size === 1) return []
  return [`lane ${lane} holds ${resting.length} panes of ${versions.size} commits that nothing touches`]
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
