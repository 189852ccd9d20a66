import { laneOf } from '../../shared/core/lane/lane-of.ts'
import { segmentPrefix, versionOfSegmentKey } from '../../shared/core/lane/manifest.ts'
import type { LaneState } from '../../shared/core/lane/state.ts'
import type { LaneItem } from '../../shared/core/metric/lane-item.ts'
import { windowStart } from '../../shared/core/window/grain.ts'
import { committedStates } from './committed.ts'
import { rowsByName, timeIn } from './rows.ts'
import type { World } from './world.ts'

/** Everything has closed, so nothing but a few ids and marks may be left in the lanes, and no segment but theirs. */
export const checkLanes = (world: World, states: readonly LaneState[], failures: string[]): void => {
  for (const state of states) {
    if (state.sessions.size > 0)
      failures.push(`lane ${state.lane}: ${state.sessions.size} visitors never closed`)
    // What the outbox names stays until the next commit.
    const stale = [...state.panes.values()].filter(
      (held) => held.leavesAfter < (state.clock ?? 0) && !state.outbox.includes(held),
    )
    if (stale.length > 0) failures.push(`lane ${state.lane}: ${stale.length} panes never left`)
    if (state.progress.recordsBeyond > 100)
      failures.push(`lane ${state.lane}: ${state.progress.recordsBeyond} records beyond`)
    if (state.segments.length > 30) failures.push(`lane ${state.lane}: ${state.segments.length} segments`)
    checkOrphans(world, state, failures)
  }
}

/**
 * Segments that lost attempts wrote are gone. The last sweep left none of its version or an older one, and since then
 * no attempt has lost: the quiet at the end of a run is long enough for a sweep of each lane.
 */
const checkOrphans = (world: World, state: LaneState, failures: string[]): void => {
  const named = new Set(state.segments.map(({ key }) => key))
  for (const key of world.objects.objects.keys())
    if (key.startsWith(segmentPrefix(state.lane)) && !named.has(key))
      failures.push(
        `lane ${state.lane}: version ${state.version} left ${versionOfSegmentKey(key)} behind, ${key}`,
      )
}

/** What readers are told of a lane is what was committed, and by which clock. */
export const checkLaneItems = (world: World, states: readonly LaneState[], failures: string[]): void => {
  if (states.length !== world.lanes) failures.push(`${states.length} lanes of ${world.lanes} were committed`)
  for (const state of states) {
    const item = world.table.lanes.get(state.lane)
    if (item === undefined) failures.push(`lane ${state.lane} was never published`)
    else if (item.version !== state.version)
      failures.push(`lane ${state.lane}: version ${item.version} is published, ${state.version} committed`)
    else checkLaneItem(item, state, failures)
    // A mark is acted on when the next one comes: every lane is where the last tick but one was.
    if (state.clock !== world.lastTickButOneMs)
      failures.push(`lane ${state.lane}: the clock is ${state.clock}, expected ${world.lastTickButOneMs}`)
  }
}

/** In the middle of a run, when everything sent has been worked off and sessions are still open. */
export const checkMidway = (world: World): string[] => {
  const failures: string[] = []
  const openStarts = openStartsOf(world, failures)
  for (const state of committedStates(world)) {
    const item = world.table.lanes.get(state.lane)
    if (state.segments.some(({ level }) => level > 0)) world.scheduler.play('segments merged')
    if (state.segments.some(({ isInline }) => isInline)) world.scheduler.play('segments inline')
    if (item?.version !== state.version)
      failures.push(`midway: lane ${state.lane} has published ${item?.version}, committed ${state.version}`)
    else checkLaneItem(item, state, failures)
    const openStart = openStarts.get(state.lane)
    const earliest = openStart === undefined ? undefined : windowStart(openStart, '1m')
    if (item?.earliestOpenStart !== earliest)
      failures.push(
        `midway: lane ${state.lane} has an open session of ${item?.earliestOpenStart}, the lake one of ${earliest}`,
      )
  }
  return failures
}

/** By lane, the earliest event in the lake whose session is not there. */
const openStartsOf = (world: World, failures: string[]): Map<number, number> => {
  const closed = new Set<string>()
  for (const [id, { absorbed_ids: absorbed }] of rowsByName(
    world.lake.rows.sessions,
    'session_id',
    failures,
  )) {
    closed.add(id)
    if (Array.isArray(absorbed)) for (const other of absorbed) closed.add(String(other))
  }
  const starts = new Map<number, number>()
  for (const row of rowsByName(world.lake.rows.events, 'origin', failures).values()) {
    if (closed.has(String(row.session_id))) continue
    const lane = laneOf(String(row.visitor), world.lanes)
    starts.set(lane, Math.min(starts.get(lane) ?? Number.POSITIVE_INFINITY, timeIn(row.event_time)))
  }
  return starts
}

const checkLaneItem = (item: LaneItem, state: LaneState, failures: string[]): void => {
  const { clock, sessions, lanes, counters, flush } = state
  const want = [clock, sessions.earliestStart(), lanes, JSON.stringify(counters), flush.done.at(-1)]
  const got = [item.clock, item.earliestOpenStart, item.lanes, JSON.stringify(item.counters), item.flushed]
  if (got.join() !== want.join())
    failures.push(`lane ${state.lane}: ${got.join(' ')} is published, expected ${want.join(' ')}`)
}
