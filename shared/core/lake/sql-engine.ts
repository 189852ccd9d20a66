/** What a statement answered: every value as text, as Athena gives it (`2026-11-01 12:00:00.000`), NULL as null. */
export type SqlResult = {
  readonly columns: readonly { readonly name: string; readonly type: string }[]
  readonly rows: readonly (readonly (string | null)[])[]
  readonly scannedBytes: number
  readonly elapsedMs: number
}

/** Runs one statement of Athena's SQL. Throws when it fails, takes longer or scans more than it may. */
export type SqlEngine = {
  run(
    sql: string,
    options?: { readonly maxScannedBytes?: number; readonly timeoutMs?: number },
  ): Promise<SqlResult>
}
