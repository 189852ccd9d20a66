import type { LaneState } from '../../shared/core/lane/state.ts'
import type { Lake } from './check-lake.ts'
import { comparePanes, mergedPanes } from './check-panes.ts'
import { NaiveCounts } from './naive-panes.ts'
import type { Expected } from './oracle.ts'
import type { World } from './world.ts'

/** I1, in the counters and in the panes of the account: by minute and hour of arrival, by outcome and reason. */
export const checkAccount = (of: {
  world: World
  states: readonly LaneState[]
  expected: Expected
  lake: Lake
  failures: string[]
}): void => {
  const accepted = new Set(of.lake.accepted.map(({ origin }) => origin))
  const want = { received: 0, accepted: 0, quarantined: 0, duplicate: 0 }
  const counts = new NaiveCounts()
  for (const { origin, verdict, receivedAt, reason } of of.expected.events.values()) {
    const outcome = verdict === 'quarantined' ? verdict : accepted.has(origin) ? 'accepted' : 'duplicate'
    want.received++
    want[outcome]++
    counts.account(receivedAt, outcome, reason)
  }
  for (const name of ['received', 'accepted', 'quarantined', 'duplicate'] as const) {
    const got = of.states.reduce((sum, { counters }) => sum + counters[name], 0)
    if (got !== want[name]) of.failures.push(`counters: ${got} ${name}, expected ${want[name]}`)
  }
  comparePanes(
    mergedPanes(of.world, (metric) => metric === 'account'),
    counts.panes(),
    of.failures,
  )
}
