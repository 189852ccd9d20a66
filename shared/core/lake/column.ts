/** Types that Glue, Athena, Firehose's Parquet conversion and DuckDB all know. */
export type ColumnType = 'string' | 'bigint' | 'int' | 'double' | 'boolean' | 'timestamp' | 'array<string>'

/** A column of the lake, told so that nobody has to ask: catalogue, conversion and docs/tables.md are made from it. */
export type Column = {
  readonly name: string
  readonly type: ColumnType
  /** What it means; the comment in the Glue catalogue, which takes 255 characters. */
  readonly comment: string
  /** '' where a number or text has none. */
  readonly unit: string
  /** Where its value comes from: a field of the client, Kinesis, a step of the enrichment, … */
  readonly source: string
  readonly example: string
}

type Told = readonly [name: string, type: ColumnType, example: string, comment: string, unit?: string]

/** Columns that come from one source. */
export const columnsFrom = (source: string, ...told: readonly Told[]): readonly Column[] =>
  told.map(([name, type, example, comment, unit]) => ({
    name,
    type,
    comment,
    unit: unit ?? (type === 'timestamp' ? 'UTC, to the millisecond' : ''),
    source,
    example,
  }))
