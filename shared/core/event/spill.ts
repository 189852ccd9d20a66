import { hash } from 'node:crypto'
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

/** The whole row for an object under the event's origin, and the event with a row that is short and points there. */
export const spill = (event: JudgedEvent): { overflow: Spilled; event: JudgedEvent } => {
  // By its content too: after a deploy the same event may have another row, and both may have to be found.
  const key = `overflow/${originText(event.origin)}-${hash('md5', event.row).slice(0, 16)}.json`
  const row: Record<string, unknown> = JSON.parse(event.row)
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
    overflow: { key, row: event.row },
    event: { ...event, row: JSON.stringify({ ...light, payload_key: key }) },
  }
}

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
