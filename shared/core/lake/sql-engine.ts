/** What a statement answered: every value as text, as Athena gives it (`2026-11-01 12:00:00.000`), NULL as null. */
export type SqlResult = {
  readonly columns: readonly { readonly name: string; readonly type: string }[]
  readonly rows: readonly (readonly (string | null)[])[]
  readonly scannedBytes: number
  readonly elapsedMs: number
}

/** What a statement may do. */
export type SqlLimits = {
  readonly maxScannedBytes?: number
  readonly timeoutMs?: number
  /** Rows of the result after so many are not read. */
  readonly maxRows?: number
}

/** Runs one statement of Athena's SQL. Throws when it fails, a SqlLimitError when it takes longer or scans more than it may. */
export type SqlEngine = { run(sql: string, limits?: SqlLimits): Promise<SqlResult> }

/** A statement was stopped. */
export class SqlLimitError extends Error {
  readonly limit: 'bytes' | 'time'

  constructor(limit: 'bytes' | 'time', message: string) {
    super(message)
    this.limit = limit
  }
}
