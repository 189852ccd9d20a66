import type { EpochMs } from '../event/outcome.ts'
import type { LaneProgress } from '../window/complete.ts'
import { arrivedThrough, patienceMs } from './arrived.ts'
import type { ReportDefinition } from './definitions.ts'
import type { Ledger, Run, RunId } from './ledger.ts'
import { dueRuns } from './schedule.ts'

/** A day of quarter hours. So many runs of a report wait at the most; the oldest of more are given up. */
export const mostCaughtUp = 96
/** Those that wait, as many new ones, and the one that was sent before them. */
const mostKnown = 2 * mostCaughtUp + 1

/** A run that is not done after this has been laid aside: the queue hands it out three times, 15 minutes apart. */
export const mostUnderWayMs = 45 * 60_000

export type PlanPorts = {
  readonly ledger: Pick<Ledger, 'recent' | 'add' | 'markQueued' | 'markFailed'>
  readonly queue: RunQueue
  /** How far each lane is that has published. */
  lanes(): Promise<readonly LaneProgress[]>
}

export type RunQueue = {
  /** Returns when every run is in the queue. A run may be sent again. */
  send(runs: readonly RunId[]): Promise<void>
}

export type PlanTimes = {
  readonly nowMs: EpochMs
  /** How long rows that the lanes have sent may be on their way to the lake. */
  readonly settleMs: number
}

export type Planned = {
  readonly sent: number
  /** Recorded though lanes stood before their time. */
  readonly incomplete: number
  /** Missed too long ago to be caught up with, or given up since too many waited. */
  readonly skipped: number
  readonly errors: readonly unknown[]
}

/**
 * Puts the runs that are due into the queue, of each report one at a time: the next follows when it is done, or laid aside.
 * So a report that is slow, hangs or has a day to catch up with takes one place of those that work, and no other waits. First recorded, then, when rows have had the time to come to the lake, sent,
 * then recorded as sent: whatever it dies after, the next time goes on from there. What is sent twice is one run all the
 * same.
 */
export const planRuns = async (
  reports: readonly ReportDefinition[],
  times: PlanTimes,
  ports: PlanPorts,
): Promise<Planned> => {
  const arrivedMs = arrivedThrough(await ports.lanes())
  let [sent, incomplete, skipped] = [0, 0, 0]
  const errors: unknown[] = []
  for (const report of reports)
    try {
      const planned = await planReport(report, { ...times, arrivedMs }, ports)
      sent += planned.sent
      incomplete += planned.incomplete
      skipped += planned.skipped
    } catch (error) {
      // The fault of one keeps no other from its time.
      errors.push(error)
    }
  return { sent, incomplete, skipped, errors }
}

const planReport = async (
  report: ReportDefinition,
  { nowMs, settleMs, arrivedMs }: PlanTimes & { readonly arrivedMs: EpochMs | undefined },
  { ledger, queue }: PlanPorts,
): Promise<Omit<Planned, 'errors'>> => {
  const known = await ledger.recent(report.name, mostKnown)
  const lastRun = known[0]?.at
  // In a new stage no lane has spoken: a first run of hours ago would have all those since then to be caught up with.
  const isNew = arrivedMs === undefined && lastRun === undefined
  const throughMs = isNew ? nowMs : Math.max(arrivedMs ?? 0, nowMs - patienceMs)
  const { runs, skipped } = dueRuns(report, { throughMs, lastRun, most: mostCaughtUp })
  const added = runs.map((at) => ({
    report: report.name,
    at,
    dueAt: nowMs,
    isComplete: arrivedMs !== undefined && at + report.delayMs <= arrivedMs,
  }))
  // One after another, oldest first: the last one recorded stands for all before it.
  for (const run of added) await ledger.add(run)
  const unsent = known.filter(({ status }) => status === 'due').reverse()
  const waiting = [...unsent, ...added]
  const givenUp = waiting.splice(0, Math.max(0, waiting.length - mostCaughtUp))
  for (const run of givenUp) await ledger.markFailed(run, `given up: ${mostCaughtUp} later ones waited`)
  // What is not complete has nothing to wait for any more.
  const next = known.some((run) => isUnderWay(run, nowMs))
    ? undefined
    : waiting.find(({ dueAt = nowMs, isComplete = false }) => !isComplete || nowMs - dueAt >= settleMs)
  if (next !== undefined) {
    await queue.send([next])
    await ledger.markQueued(next, nowMs)
  }
  return {
    sent: next === undefined ? 0 : 1,
    incomplete: added.filter(({ isComplete }) => !isComplete).length,
    skipped: skipped + givenUp.length,
  }
}

/** One that failed comes again as well. */
const isUnderWay = ({ status, queuedAt }: Run, nowMs: EpochMs): boolean =>
  queuedAt !== undefined && status !== 'done' && nowMs - queuedAt < mostUnderWayMs
