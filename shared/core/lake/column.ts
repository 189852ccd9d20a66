/** Types that Glue, Athena, Firehose's Parquet conversion and DuckDB all know. */
export type ColumnType = 'string' | 'bigint' | 'int' | 'double' | 'boolean' | 'timestamp' | 'array<string>'

/** A column of the lake, told so that nobody has to ask: catalogue, conversion and docs/tables.md are made from it. */
export type Column = {
  readonly name: string
  /**
   * What it is called in a row on its way to Firehose, where that is not its name. Rows of other code may be under way for days:
   * a key never changes, and never comes to mean another column. See docs/decisions/0011-short-keys.md.
   */
  readonly key?: string
  readonly type: ColumnType
  /** What it means; the comment in the Glue catalogue, which takes 255 characters. */
  readonly comment: string
  /** '' where a number or text has none. */
  readonly unit: string
  /** Where its value comes from: a field of the client, Kinesis, a step of the enrichment, … */
  readonly source: string
  readonly example: string
}

type Told<Name extends string> = readonly [
  name: Name,
  type: ColumnType,
  example: string,
  comment: string,
  unit?: string,
]

const column = <Name extends string>(
  source: string,
  [name, type, example, comment, unit]: Told<Name>,
): Column & { readonly name: Name } => ({
  name,
  type,
  comment,
  unit: unit ?? (type === 'timestamp' ? 'UTC, to the millisecond' : ''),
  source,
  example,
})

/** Columns that come from one source. */
export const columnsFrom = (source: string, ...told: readonly Told<string>[]): readonly Column[] =>
  told.map((one) => column(source, one))

export type KeyedColumn<Name extends string = string> = Column & { readonly name: Name; readonly key: string }

/** The same, each with its key before its name. */
export const keyedColumnsFrom = <const Name extends string>(
  source: string,
  ...told: readonly (readonly [key: string, ...Told<Name>])[]
): readonly KeyedColumn<Name>[] => told.map(([key, ...one]) => ({ ...column(source, one), key }))

/** The key of each column, by its name, in the form in which it is needed. */
export const keysOf = <Name extends string>(
  columns: readonly KeyedColumn<Name>[],
  form: (key: string) => string = (key) => key,
): Readonly<Record<Name, string>> =>
  Object.fromEntries(columns.map(({ name, key }) => [name, form(key)])) as Record<Name, string>
