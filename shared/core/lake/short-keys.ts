import { isObject } from '../event/json.ts'
import { eventRowByKey } from './row-keys.ts'

/**
 * A row of `events` that earlier code wrote, a line of JSON by the names of its columns or of some of them, as this code writes it. One
 * that has its keys already comes back as it is, and so does what is no row: nobody has read it so far.
 */
export const withShortKeys = (row: Buffer): Buffer => {
  const read = readRow(row)
  if (read === undefined) return row
  const byKey = eventRowByKey(read)
  return Object.keys(read).every((name) => name in byKey) ? row : Buffer.from(JSON.stringify(byKey))
}

const readRow = (row: Buffer): Readonly<Record<string, unknown>> | undefined => {
  try {
    const value: unknown = JSON.parse(row.toString('utf8'))
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}
