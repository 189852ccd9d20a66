import { isOneOf } from '../view-sql.ts'

/** That the part is one of these; of none, a condition that nothing meets. */
export const inParts = (parts: readonly string[], column = 'part'): string =>
  isOneOf(column, parts.length === 0 ? [''] : parts)

/** `e.a, e.b` */
export const columnsOf = (names: readonly string[], alias: string): string =>
  names.map((name) => `${alias}.${name}`).join(', ')

export const columnNames = (table: { readonly columns: readonly { readonly name: string }[] }): string[] =>
  table.columns.map(({ name }) => name)
