import type { EpochMs } from '../event/outcome.ts'
import type { SqlEngine } from '../lake/sql-engine.ts'
import type { Ledger, MetricValue } from './ledger.ts'

/** What the run of a report needs of the world. */
export type ReportPorts = {
  readonly ledger: Ledger
  readonly sql: SqlEngine
  readonly files: ReportFiles
  /** Name of the lake's bucket. */
  readonly bucket: string
  emit(metric: ReportMetric): void
}

export type ReportMetric = {
  readonly name: string
  readonly at: EpochMs
  /** '' when there is none. */
  readonly dimension: string
  readonly values: readonly MetricValue[]
}

export type ReportFiles = {
  /** Writes the object unless there is one of that key already, which then stays. */
  putOnce(key: string, bytes: Uint8Array): Promise<void>
  list(prefix: string): Promise<readonly string[]>
  delete(keys: readonly string[]): Promise<void>
}
