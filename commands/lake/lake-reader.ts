/** Rows of the lake, whoever reads them for us: DuckDB over files, or Athena. */
export type LakeReader = {
  /** Rows in pieces, for results that do not fit into memory. Athena's values are all text. */
  stream(sql: string): AsyncIterable<readonly (readonly unknown[])[]>
  /** The one value of a query that answers a count. */
  count(sql: string): Promise<number>
  close(): void
}
