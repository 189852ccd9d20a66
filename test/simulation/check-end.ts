import { checkAccount } from './check-account.ts'
import { checkLake } from './check-lake.ts'
import { checkLaneItems, checkLanes } from './check-lanes.ts'
import { checkLatest } from './check-latest.ts'
import { checkPanes } from './check-panes.ts'
import { checkSessions } from './check-sessions.ts'
import { committedStates } from './committed.ts'
import { laneLog } from './lane-log.ts'
import { expectedOf } from './oracle.ts'
import type { World } from './world.ts'

/** After everything has come to rest: the lanes, the panes and the lake against the naive program. */
export const checkEnd = (world: World): string[] => {
  const failures: string[] = world.unexpected.map(
    (error) => `unexpected: ${error instanceof Error ? error.stack : error}`,
  )
  const log = laneLog(world.laneStream.shards)
  const expected = expectedOf(world.raw.shards, { log, retiredMs: world.keys.retiredMs })
  failures.push(...expected.failures)
  const states = committedStates(world)
  const lake = checkLake(world, expected, failures)
  const sessions = checkSessions(world, lake, failures)
  checkAccount({ world, states, expected, lake, failures })
  checkPanes(world, { accepted: lake.accepted, sessions }, failures)
  checkLatest(world, lake.accepted, failures)
  checkLanes(world, states, failures)
  checkLaneItems(world, states, failures)
  world.scheduler.play('event packed again', log.again)
  world.scheduler.play('event packed again with another verdict', log.againOtherwise)
  return failures
}
