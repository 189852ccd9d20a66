import type { EpochMs } from '../event/outcome.ts'
import { allowedLatenessMs } from '../window/timing.ts'
import { fillIn } from './placeholders.ts'
import { durationMs, type Schedule } from './schedule.ts'

export { every, nightly } from './schedule.ts'

/** Where the answer of a run goes. */
export type ReportTarget =
  /** A table of the lake with the rows of all runs, each with its `run_at`. */
  | { readonly kind: 'table'; readonly table: string }
  /** A metric of CloudWatch: the number in `column` of the one row, or of each row by the text in `by`. */
  | {
      readonly kind: 'metric'
      readonly metric: string
      readonly column: string
      readonly by: string | undefined
    }
  /** A file `reports-csv/<prefix>/<run>.csv` of the lake's bucket. */
  | { readonly kind: 'csv'; readonly prefix: string }

export type ReportDefinition = {
  readonly name: string
  readonly description: string
  /** A file of analytics/queries, without `.sql`. */
  readonly query: string
  /** Values for its parameters; `{run}`, `{run-1d}` and the like stand for times. */
  readonly parameters: Readonly<Record<string, string>>
  readonly schedule: Schedule
  /** A run waits until all is in the lake that arrived up to so long after its time. */
  readonly delayMs: number
  readonly target: ReportTarget
  readonly timeoutMs: number
  readonly maxScannedBytes: number
}

type Options = Pick<ReportDefinition, 'name' | 'query' | 'schedule' | 'target'> &
  Partial<Pick<ReportDefinition, 'description' | 'parameters' | 'timeoutMs' | 'maxScannedBytes'>> & {
    /** `15m` unless said otherwise: the allowed lateness. */
    readonly delay?: string
  }

export const table = (name: string): ReportTarget => ({ kind: 'table', table: name })
export const metric = (name: string, column: string, by?: string): ReportTarget => ({
  kind: 'metric',
  metric: name,
  column,
  by,
})
export const csv = (prefix: string): ReportTarget => ({ kind: 'csv', prefix })

/** The function that runs reports lives for 12 minutes; some are left to write what a query answered. */
const longestTimeoutMs = 10 * 60_000

export const defineReport = (options: Options): ReportDefinition => {
  const report: ReportDefinition = {
    description: '',
    parameters: {},
    timeoutMs: 2 * 60_000,
    maxScannedBytes: 10_000_000_000,
    ...options,
    delayMs: options.delay === undefined ? allowedLatenessMs : durationMs(options.delay),
  }
  const problem = problemOf(report)
  if (problem !== undefined) throw new Error(`report "${report.name}": ${problem}`)
  return report
}

/** All reports of the team. Throws when two of them share a name or a target. */
export const defineReports = (reports: readonly ReportDefinition[]): readonly ReportDefinition[] => {
  const taken = new Set<string>()
  for (const { name, target } of reports)
    for (const word of [`name ${name}`, targetText(target)]) {
      if (taken.has(word)) throw new Error(`report "${name}": another has the ${word} already`)
      taken.add(word)
    }
  return reports
}

export const targetText = (target: ReportTarget): string => {
  switch (target.kind) {
    case 'table':
      return `table ${target.table}`
    case 'metric':
      return `metric ${target.metric}`
    case 'csv':
      return `csv ${target.prefix}`
  }
}

// Names are parts of keys in S3 and DynamoDB.
const namePattern = /^[a-z][a-z0-9-]{0,63}$/
const targetPatterns = {
  // Apart from the tables of the lake and its views.
  table: /^report_[a-z0-9_]{1,57}$/,
  metric: /^[A-Za-z][A-Za-z0-9_]{0,63}$/,
  csv: namePattern,
}
const anyRun: EpochMs = 0

const problemOf = ({ name, target, parameters, timeoutMs, maxScannedBytes }: ReportDefinition) => {
  if (!namePattern.test(name)) return 'a name is a small letter, then up to 63 small letters, digits or -'
  const text = targetText(target).slice(target.kind.length + 1)
  if (!targetPatterns[target.kind].test(text))
    return `${target.kind} "${text}" must look like ${targetPatterns[target.kind].source}`
  if (timeoutMs <= 0 || timeoutMs > longestTimeoutMs) return `timeoutMs is at most ${longestTimeoutMs}`
  if (maxScannedBytes < 10_000_000) return 'maxScannedBytes is at least 10000000: Athena bills no less'
  for (const value of Object.values(parameters)) fillIn(value, anyRun)
  return undefined
}
