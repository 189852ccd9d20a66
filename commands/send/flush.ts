import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { createPaneStore } from '../../shared/aws/dynamodb.ts'
import { createRecordWriter, listShards } from '../../shared/aws/kinesis.ts'
import { getParameter } from '../../shared/aws/parameters.ts'
import { parseControlKeys } from '../../shared/core/event/control.ts'
import { flushes } from '../../shared/core/event/punctuations.ts'
import type { LaneItem } from '../../shared/core/metric/lane-item.ts'
import { UserError } from '../command-line/user-error.ts'
import { openLake } from '../lake/duckdb-lake.ts'
import type { Stage } from '../stage/stage.ts'

/** What the lanes have counted since their start. */
export type LaneTotals = {
  readonly received: number
  readonly accepted: number
  readonly quarantined: number
  readonly duplicate: number
  readonly sessionsClosed: number
}

export const laneTotals = (lanes: readonly LaneItem[]): LaneTotals => {
  const total = (counter: keyof LaneTotals) =>
    lanes.reduce((sum, { counters }) => sum + (counters[counter] ?? 0), 0)
  return {
    received: total('received'),
    accepted: total('accepted'),
    quarantined: total('quarantined'),
    duplicate: total('duplicate'),
    sessionsClosed: total('sessionsClosed'),
  }
}

/** Asks every lane to close its sessions and seal its panes; answers the id of the flush. */
export async function putFlush(stage: Stage): Promise<string> {
  const [key] = parseControlKeys(await getParameter(stage.controlKeyParameter))
  const shards = await listShards(stage.rawStream)
  const id = randomUUID()
  const records = flushes(shards, { key, issuedAt: Date.now(), id })
  await createRecordWriter({ streamName: stage.rawStream }).put(records)
  return id
}

export type Wait = { readonly deadlineMs: number; readonly onProgress: (text: string) => void }

/** Returns what the lanes had counted when the last of them acted on the flush. */
export async function waitForLanes(stage: Stage, id: string, wait: Wait): Promise<LaneTotals> {
  const store = createPaneStore({ tableName: stage.metricsTable })
  let totals: LaneTotals | undefined
  await until(wait, 'the flush has not reached every lane', async () => {
    const lanes = await store.lanes()
    const expected = lanes[0]?.lanes ?? 0
    const flushed = lanes.filter((lane) => lane.flushed === id).length
    wait.onProgress(`closing sessions: ${flushed} of ${expected || '?'} lanes`)
    if (expected === 0 || flushed < expected) return false
    totals = laneTotals(lanes)
    return true
  })
  if (!totals) throw new Error('no lane')
  return totals
}

/** Waits until the lake shows at least what the lanes had counted. */
export async function waitForLake(folder: string, totals: LaneTotals, wait: Wait): Promise<void> {
  const rows = totals.accepted + totals.quarantined
  await until(wait, `the lake ${folder} does not show every row`, async () => {
    const lake = await openLake(folder)
    try {
      const events = await lake.count(
        'SELECT count(*) FROM (SELECT origin FROM events UNION SELECT origin FROM bad_events)',
      )
      const sessions = await lake.count('SELECT count(DISTINCT session_id) FROM sessions')
      wait.onProgress(
        `waiting for the lake: ${events} of ${rows} events, ${sessions} of ${totals.sessionsClosed} sessions`,
      )
      return events >= rows && sessions >= totals.sessionsClosed
    } finally {
      lake.close()
    }
  })
}

const pollMs = 250

async function until({ deadlineMs }: Wait, complaint: string, isDone: () => Promise<boolean>): Promise<void> {
  while (!(await isDone())) {
    if (Date.now() > deadlineMs)
      throw new UserError(`${complaint} in time: look at the stack’s log, or allow more with --timeout`)
    await sleep(pollMs)
  }
}
