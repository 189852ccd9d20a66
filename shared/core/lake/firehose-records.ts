import { gzipSync } from 'node:zlib'

/** Firehose takes records of up to this; it bills each up to the next 5 KB, so the fuller the cheaper. */
export const maxFirehoseRecordBytes = 1_000 * 1024

/** Joins rows, a line each, into as few Firehose records as they fit. Throws when one row alone does not. */
export const joinRows = (rows: readonly string[]): Uint8Array[] => {
  const records: Uint8Array[] = []
  let lines: string[] = []
  let bytes = 0
  const close = () => {
    if (lines.length > 0) records.push(Buffer.from(`${lines.join('\n')}\n`))
    lines = []
    bytes = 0
  }
  for (const row of rows) {
    const size = Buffer.byteLength(row) + 1
    if (size > maxFirehoseRecordBytes) throw new Error(`a row of ${size} bytes is too long for Firehose`)
    if (bytes + size > maxFirehoseRecordBytes) close()
    lines.push(row)
    bytes += size
  }
  close()
  return records
}

/** Text that compresses by less than this is rare; when it does, the run is halved. */
const unzippedBytesTried = 6 * maxFirehoseRecordBytes

/** The same, each record one gzip member: members one after another are one valid file. */
export const joinRowsGzipped = (rows: readonly string[]): Uint8Array[] => {
  const records: Uint8Array[] = []
  let start = 0
  let bytes = 0
  for (const [place, row] of rows.entries()) {
    if (place > start && bytes + row.length > unzippedBytesTried) {
      records.push(...gzipRun(rows.slice(start, place)))
      start = place
      bytes = 0
    }
    bytes += row.length
  }
  if (start < rows.length) records.push(...gzipRun(rows.slice(start)))
  return records
}

const gzipRun = (rows: readonly string[]): Uint8Array[] => {
  const zipped = gzipSync(`${rows.join('\n')}\n`)
  if (zipped.length <= maxFirehoseRecordBytes) return [zipped]
  if (rows.length === 1) throw new Error(`a row of ${zipped.length} bytes, gzipped, is too long for Firehose`)
  const half = Math.ceil(rows.length / 2)
  return [...gzipRun(rows.slice(0, half)), ...gzipRun(rows.slice(half))]
}
