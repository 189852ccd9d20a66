import { gzipSync } from 'node:zlib'
import { asBuffer } from '../event/json.ts'
import { maxFirehoseRecordBytes } from './firehose-records.ts'
import { joinLines } from './lines.ts'

/** Rows as one text, so that joining them copies nothing. */
export type Lines = {
  readonly text: Buffer
  /** Where each line ends, behind its newline. */
  readonly ends: readonly number[]
}

/** Text that compresses by less than this is rare; when it does, the run is halved. */
const unzippedBytesTried = 6 * maxFirehoseRecordBytes

/**
 * As few Firehose records as the lines fit, each one gzip member: members one after another are one valid file. Throws when
 * one line alone does not fit.
 */
export const gzipLines = ({ text, ends }: Lines): Uint8Array[] => {
  const records: Uint8Array[] = []
  const startOf = (place: number) => (place === 0 ? 0 : (ends[place - 1] ?? text.length))

  /** The lines from one place to another, in halves when they are too long. */
  const gzipRun = (from: number, to: number): void => {
    const zipped = gzipSync(text.subarray(startOf(from), startOf(to)))
    if (zipped.length <= maxFirehoseRecordBytes) {
      records.push(zipped)
      return
    }
    if (to === from + 1) throw new Error(`a row of ${zipped.length} bytes, gzipped, is too long for Firehose`)
    const half = Math.ceil((from + to) / 2)
    gzipRun(from, half)
    gzipRun(half, to)
  }

  let first = 0
  for (const [place, end] of ends.entries())
    if (place > first && end - startOf(first) > unzippedBytesTried) {
      gzipRun(first, place)
      first = place
    }
  if (first < ends.length) gzipRun(first, ends.length)
  return records
}

const nothing = new Uint8Array(0)

/** The same, of rows that stand each by itself. */
export const joinRowsGzipped = (rows: readonly Uint8Array[]): Uint8Array[] => {
  let end = 0
  return gzipLines({
    text: asBuffer(joinLines([...rows, nothing])),
    ends: rows.map(({ length }) => {
      end += length + 1
      return end
    }),
  })
}
