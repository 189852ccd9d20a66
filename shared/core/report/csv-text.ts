import type { SqlResult } from '../lake/sql-engine.ts'

/** RFC 4180: a header, then the rows. NULL is an empty field, empty text is `""`. */
export const csvText = ({ columns, rows }: Pick<SqlResult, 'columns' | 'rows'>): string =>
  [columns.map(({ name }) => name), ...rows].map((row) => `${row.map(field).join(',')}\r\n`).join('')

const field = (value: string | null): string => {
  if (value === null) return ''
  return value === '' || /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value
}
