import type { Attempt } from './attempt.ts'
import type { SessionMetrics } from './corrections.ts'
import type { DailyTables } from './daily-sessions.ts'
import type { CompactionPorts } from './ports.ts'
import type { Guarded } from './progress.ts'
import type { ViewTables } from './publish.ts'

export type CompactionSettings = {
  readonly tables: ViewTables & DailyTables
  readonly metrics: SessionMetrics
  /** Write all of history anew, from the streaming tables. */
  readonly fromScratch?: boolean
  /** Take the lake as it is: for one that was put there by hand, which nobody has counted. */
  readonly unchecked?: boolean
}

/** What a run works with at one attempt, and the name that all it writes for it carries. */
export type Run = {
  readonly id: string
  readonly settings: CompactionSettings
  readonly ports: CompactionPorts
}

export const attemptOf = ({ value }: Guarded<Attempt>): Attempt => {
  if (value === undefined) throw new Error('no attempt is under way')
  return value
}
