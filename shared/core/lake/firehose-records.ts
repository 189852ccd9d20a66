import { joinLines } from './lines.ts'

/** Firehose takes records of up to this; it bills each up to the next 5 KB, so the fuller the cheaper. */
export const maxFirehoseRecordBytes = 1_000 * 1024

/** Joins rows, a line each, into as few Firehose records as they fit. Throws when one row alone does not. */
export const joinRows = (rows: readonly Uint8Array[]): Uint8Array[] => {
  const records: Uint8Array[] = []
  let start = 0
  let bytes = 0
  for (const [place, row] of rows.entries()) {
    const size = row.length + 1
    if (size > maxFirehoseRecordBytes) throw new Error(`a row of ${size} bytes is too long for Firehose`)
    if (bytes + size > maxFirehoseRecordBytes) {
      records.push(linesOf(rows.slice(start, place)))
      start = place
      bytes = 0
    }
    bytes += size
  }
  if (start < rows.length) records.push(linesOf(rows.slice(start)))
  return records
}

const nothing = new Uint8Array(0)

/** Each line with its end. */
const linesOf = (rows: readonly Uint8Array[]): Uint8Array => joinLines([...rows, nothing])
