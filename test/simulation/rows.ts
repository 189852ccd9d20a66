import { rowByColumn } from '../support/row-by-column.ts'

/** A row of the lake, parsed. */
export type Row = Readonly<Record<string, string | number | boolean>>

/** Rows by the name they go by, each row once; whoever writes it again must write the same text. */
export const rowsByName = (texts: Iterable<string>, name: string, failures: string[]): Map<string, Row> => {
  const rows = new Map<string, Row>()
  for (const text of texts) {
    const row: Row = rowByColumn(text)
    const key = String(row[name])
    if (rows.has(key)) failures.push(`two rows of ${name} ${key} differ: ${text}`)
    rows.set(key, row)
  }
  return rows
}

export const timeIn = (text: unknown): number => Date.parse(`${String(text).replace(' ', 'T')}Z`)
