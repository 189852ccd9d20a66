import type { EpochMs } from '../event/outcome.ts'
import type { ReportDefinition } from './definitions.ts'
import type { Ledger, RunId } from './ledger.ts'
import { dueRuns } from './schedule.ts'

/** A day of quarter hours. */
export const mostCaughtUp = 96

export type PlanPorts = {
  readonly ledger: Pick<Ledger, 'recent' | 'add' | 'markQueued'>
  readonly queue: RunQueue
}

export type RunQueue = {
  /** Returns when every run is in the queue. A run may be sent again. */
  send(runs: readonly RunId[]): Promise<void>
}

export type Planned = {
  readonly sent: number
  /** Missed too long ago to be caught up with. */
  readonly skipped: number
  readonly errors: readonly unknown[]
}

/**
 * Puts the runs that are due into the queue. First recorded, then sent, then recorded as sent: whatever it dies after,
 * the next time goes on from there. What is sent twice is one run all the same.
 */
export const planRuns = async (
  reports: readonly ReportDefinition[],
  nowMs: EpochMs,
  ports: PlanPorts,
): Promise<Planned> => {
  let [sent, skipped] = [0, 0]
  const errors: unknown[] = []
  for (const report of reports)
    try {
      const planned = await planReport(report, nowMs, ports)
      sent += planned.sent
      skipped += planned.skipped
    } catch (error) {
      // The fault of one keeps no other from its time.
      errors.push(error)
    }
  return { sent, skipped, errors }
}

const planReport = async (
  report: ReportDefinition,
  nowMs: EpochMs,
  { ledger, queue }: PlanPorts,
): Promise<{ sent: number; skipped: number }> => {
  const known = await ledger.recent(report.name, mostCaughtUp)
  const { runs, skipped } = dueRuns(report, { nowMs, lastRun: known[0]?.at, most: mostCaughtUp })
  const added = runs.map((at) => ({ report: report.name, at }))
  // One after another, oldest first: the last one recorded stands for all before it.
  for (const run of added) await ledger.add(run)
  const unsent = known.filter(({ status }) => status === 'due').map(({ at }) => ({ report: report.name, at }))
  const toSend = [...unsent.reverse(), ...added]
  if (toSend.length > 0) await queue.send(toSend)
  for (const run of toSend) await ledger.markQueued(run)
  return { sent: toSend.length, skipped }
}
