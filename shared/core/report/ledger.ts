import type { EpochMs } from '../event/outcome.ts'

/** One run of one report: its name and the time it is for. */
export type RunId = { readonly report: string; readonly at: EpochMs }

/**
 *   due ──► queued ──► chosen ──► done        a run that is read as due may not be in the queue: it is sent again
 *              └─────────▲ └► failed ─────►   chosen: one attempt's result is the run's, though not yet shown to all
 */
export type RunStatus = 'due' | 'queued' | 'chosen' | 'done' | 'failed'

/** What an attempt has made, in a place of its own; enough to show it to all, however often that is tried. */
export type Result =
  | { readonly kind: 'table'; readonly partition: string; readonly location: string }
  | { readonly kind: 'metric'; readonly values: readonly MetricValue[] }
  | { readonly kind: 'csv'; readonly key: string }

export type MetricValue = {
  readonly value: number
  /** '' for a metric without a dimension. */
  readonly of: string
}

/** A run as it was recorded when its time had come. */
export type DueRun = RunId & {
  /** Time of day at which it was recorded. */
  readonly dueAt: EpochMs
  /** Whether all was there that arrived up to the report's delay after its time; late events may come all the same. */
  readonly isComplete: boolean
}

/** Without what a run has that was recorded as due, where a message came of one that never was. */
export type Run = RunId &
  Partial<DueRun> & {
    /** Time of day at which it was last sent; not there until it was. */
    readonly queuedAt?: EpochMs
    readonly status: RunStatus
    readonly result: Result | undefined
  }

/** What is known of runs. Each call either has its effect, or throws, or both (an answer can be lost). */
export type Ledger = {
  /** The latest runs of a report, latest first. */
  recent(report: string, most: number): Promise<readonly Run[]>
  get(run: RunId): Promise<Run | undefined>
  /** Records a run as due, unless it is recorded. */
  add(run: DueRun): Promise<void>
  /** From due; anything else stays. */
  markQueued(run: RunId, queuedAt: EpochMs): Promise<void>
  /** Makes this the result of the run unless it has one; answers the one that it has then. */
  choose(run: RunId, result: Result, cost: RunCost): Promise<Result>
  markDone(run: RunId): Promise<void>
  /** Unless a result is chosen. */
  markFailed(run: RunId, reason: string): Promise<void>
}

/** Of the query of the chosen attempt. */
export type RunCost = { readonly scannedBytes: number; readonly elapsedMs: number }

/** `2026-11-21T1200Z`: sorts by time, and may stand in keys and partitions. Schedules are of whole minutes. */
export const runText = (at: EpochMs): string => `${new Date(at).toISOString().slice(0, 16).replace(':', '')}Z`
