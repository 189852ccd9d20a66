import type { EpochMs } from '../event/outcome.ts'

/**
 * The open sessions of visitors as bytes, a record each: what a segment holds of them, and a lane in memory as long as no
 * event of the visitor comes. Records stand one after another; loading and merging segments moves them and reads no session.
 * A record begins at a multiple of 8 bytes and takes one. Little-endian:
 *
 *   float64  bytes of the record; version that last changed it; how many sessions; where varints and text begin
 *            of each session, by start: start, closesAfter, end, lastArrival, order
 *            of each session: times of its marks
 *   varints  bytes of a character, 1 for Latin-1 and 2 for UTF-16; length of the visitor;
 *            of each session what `#addSession` of `RecordWriter` writes, with the length of each text in its place
 *   text     the visitor and all texts of the sessions, with nothing in between; then zeros
 */
export type Records = { readonly bytes: Buffer; readonly floats: Float64Array }

export const sizeAt = 0
const versionAt = 1
export const sessionsAt = 2
export const varintsAt = 3
export const textAt = 4
export const headNumbers = 5

const startAt = 0
const closesAfterAt = 1
export const numbersPerSession = 5

export const botFlag = 1
export const lateFlag = 2

export const latin1Width = 1
export const utf16Width = 2

/** A copy, since numbers must stand at a multiple of their size. Throws on bytes that are not whole records. */
export const recordsOf = (copied: Uint8Array): Records => {
  const { buffer } = new Uint8Array(copied)
  if (buffer.byteLength % 8 !== 0) throw new Error(`${buffer.byteLength} bytes are no records of visitors`)
  const records = { bytes: Buffer.from(buffer), floats: new Float64Array(buffer) }
  for (const at of places(records)) {
    const size = sizeOf(records, at)
    if (!(size >= headNumbers * 8 && size % 8 === 0 && at + size <= buffer.byteLength))
      throw new Error(`no record of a visitor takes ${size} bytes, of ${buffer.byteLength - at}`)
  }
  return records
}

/** Where each record begins. */
export function* places(records: Records): Generator<number> {
  for (let at = 0; at < records.bytes.length; at += sizeOf(records, at)) yield at
}

export const sizeOf = ({ floats }: Records, at: number): number => numberAt(floats, at / 8 + sizeAt)

export const versionOf = ({ floats }: Records, at: number): number => numberAt(floats, at / 8 + versionAt)

/** What a lane needs to know of a session that it does not read. */
export type SessionTimes = { readonly start: EpochMs; readonly closesAfter: EpochMs }

export const timesOf = ({ floats }: Records, at: number): SessionTimes[] => {
  const sessions = at / 8 + headNumbers
  return Array.from({ length: numberAt(floats, at / 8 + sessionsAt) }, (_, place) => ({
    start: numberAt(floats, sessions + place * numbersPerSession + startAt),
    closesAfter: numberAt(floats, sessions + place * numbersPerSession + closesAfterAt),
  }))
}

export const numberAt = (floats: Float64Array, place: number): number => {
  const value = floats[place]
  if (value === undefined) throw new Error(`records of visitors end before number ${place}`)
  return value
}
