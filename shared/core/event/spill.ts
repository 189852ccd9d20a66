import { hash } from 'node:crypto'
import { eventRowByColumn, eventRowByKey } from '../lake/row-keys.ts'
import { maxRowBytes } from '../lane/packer.ts'
import { type JudgedEvent, originText } from './outcome.ts'

/** A row that is too long to travel; it is kept as an object of its own. */
export type Spilled = { readonly key: string; readonly row: string }

// Three bytes a UTF-16 unit is the most that UTF-8 takes: most rows need no closer look.
export const isTooLong = (row: string, maxBytes = maxRowBytes): boolean =>
  row.length > maxBytes / 3 && Buffer.byteLength(row) > maxBytes

/** Columns that may hold what clients sent at length. What is put aside is named by `payload_key`. */
const heavyColumns: readonly string[] = ['payload', 'properties', 'traits', 'context']
const maxTextChars = 2_048

/**
 * The whole row for an object under the event's origin, and the event with a row that is short and points there. The object is
 * for people, and never goes through Firehose: it has the names of the columns.
 */
export const spill = (event: JudgedEvent): { overflow: Spilled; event: JudgedEvent } => {
  const row = readRow(event)
  const whole = JSON.stringify(row)
  // By its content too: after a deploy the same event may have another row, and both may have to be found.
  const key = `overflow/${originText(event.origin)}-${hash('md5', whole).slice(0, 16)}.json`
  const light: Record<string, unknown> = {}
  for (const [column, value] of Object.entries(row)) {
    if (heavyColumns.includes(column)) continue
    if (column === 'reasons') light[column] = shortReasons(event)
    else
      light[column] =
        typeof value === 'string' && value.length > maxTextChars
          ? value.slice(0, maxTextChars).toWellFormed()
          : value
  }
  return {
    overflow: { key, row: whole },
    event: { ...event, row: writtenRow(event, { ...light, payload_key: key }) },
  }
}

/** By the names of its columns. */
const readRow = ({ verdict, row }: JudgedEvent): Readonly<Record<string, unknown>> =>
  verdict === 'accepted' ? eventRowByColumn(JSON.parse(row)) : JSON.parse(row)

const writtenRow = ({ verdict }: JudgedEvent, row: Readonly<Record<string, unknown>>): string =>
  JSON.stringify(verdict === 'accepted' ? eventRowByKey(row) : row)

const maxReasons = 8

/** Still JSON, where a cut text would not be. */
const shortReasons = (event: JudgedEvent): string =>
  event.verdict === 'accepted'
    ? '[]'
    : JSON.stringify(
        event.bad.reasons.slice(0, maxReasons).map(({ code, path, message }) => ({
          code,
          path: path.slice(0, 256).toWellFormed(),
          message: message.slice(0, 256).toWellFormed(),
        })),
      )
