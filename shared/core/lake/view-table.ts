import type { Column, ColumnType } from './column.ts'

const trinoTypes: Readonly<Record<ColumnType, string>> = {
  string: 'varchar',
  bigint: 'bigint',
  int: 'integer',
  double: 'double',
  boolean: 'boolean',
  timestamp: 'timestamp(3)',
  'array<string>': 'array(varchar)',
}

const opening = '/* Presto View: '
const ending = ' */'

/**
 * What the Glue catalogue holds of a view of Athena: `ViewOriginalText`, in the form that Trino writes it
 * (HiveViewCodec: a comment with base64 of JSON). Names without a database stand for those in `database`.
 */
export const viewText = (view: {
  readonly sql: string
  readonly database: string
  readonly columns: readonly Column[]
}): string => {
  const definition = {
    originalSql: view.sql,
    catalog: 'awsdatacatalog',
    schema: view.database,
    columns: view.columns.map(({ name, type }) => ({ name, type: trinoTypes[type] })),
  }
  return `${opening}${Buffer.from(JSON.stringify(definition)).toString('base64')}${ending}`
}

/** The SQL in a text of `viewText`; throws for any other. */
export const viewSql = (text: string): string => {
  if (!text.startsWith(opening) || !text.endsWith(ending)) throw new Error('no text of a view of Athena')
  const json = Buffer.from(text.slice(opening.length, -ending.length), 'base64').toString()
  const { originalSql }: { originalSql: unknown } = JSON.parse(json)
  if (typeof originalSql !== 'string') throw new Error('a view of Athena without originalSql')
  return originalSql
}
