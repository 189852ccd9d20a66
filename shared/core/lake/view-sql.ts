import { formatTimestamp } from '../event/timestamp.ts'

const hourMs = 3_600_000

/** `TIMESTAMP '2026-11-02 00:00:00.000'` */
export const timestampLiteral = (ms: number): string => `TIMESTAMP '${formatTimestamp(ms)}'`

export const textLiteral = (text: string): string => `'${text.replaceAll("'", "''")}'`

/** Literals, so that the engine knows before it reads which parts it needs. */
export const isOneOf = (column: string, values: readonly string[]): string =>
  `${column} IN (${values.map(textLiteral).join(', ')})`

/** UTC day as text, of a part or of a time. */
export const dayOfPart = 'substr(part, 1, 10)'
export const dayOfTime = (column: string): string => `CAST(CAST(${column} AS date) AS varchar)`

/**
 * Partitions of arrival that may hold rows put into Firehose at that instant or later. Firehose names a file by its
 * first row, so what came just after midnight may lie under the hour before it, or earlier when it was slow.
 */
export const arrivedSince = (ms: number): string => {
  const text = formatTimestamp(ms - 4 * hourMs)
  const [day, hour] = [text.slice(0, 10), text.slice(11, 13)]
  return `(dt > '${day}' OR (dt = '${day}' AND "hour" >= '${hour}'))`
}

/** The columns, one a line, each read from `table` but for those that are made otherwise. */
export const selectList = (
  columns: readonly string[],
  table: string,
  made: Readonly<Record<string, string>> = {},
): string => columns.map((name) => `  ${made[name] ?? `${table}.${name}`}`).join(',\n')
