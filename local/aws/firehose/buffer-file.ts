import { closeSync, openSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { crc32 } from 'node:zlib'
import { writeFully } from '../file.ts'

export type Buffered = { arrivalMs: number; data: Buffer }

/** u32 length of the data, u32 CRC-32 of it, f64 arrival in ms, data; big-endian. */
const headBytes = 16
const readBytes = 1024 * 1024

/** What Firehose has taken and not yet delivered. An append is on disk when it returns. */
export class BufferFile {
  readonly path: string
  dataBytes = 0
  #fileBytes = 0
  readonly #fd: number

  constructor(path: string) {
    this.path = path
    this.#fd = openSync(path, 'wx')
  }

  append(records: readonly Buffer[], arrivalMs: number): void {
    const dataBytes = records.reduce((sum, record) => sum + record.length, 0)
    const out = Buffer.allocUnsafe(dataBytes + headBytes * records.length)
    let at = 0
    for (const record of records) {
      out.writeUInt32BE(record.length, at)
      out.writeUInt32BE(crc32(record), at + 4)
      out.writeDoubleBE(arrivalMs, at + 8)
      record.copy(out, at + headBytes)
      at += headBytes + record.length
    }
    writeFully(this.#fd, out, this.#fileBytes)
    this.#fileBytes += out.length
    this.dataBytes += dataBytes
  }

  close(): void {
    closeSync(this.#fd)
  }
}

/** The records of a buffer file, in pieces of about a MiB; what a killed process left half written is no record. */
export async function* bufferedRecords(path: string): AsyncGenerator<Buffered[]> {
  const file = await open(path, 'r')
  try {
    let offset = 0
    let wantedBytes = readBytes
    for (;;) {
      const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(wantedBytes), 0, wantedBytes, offset)
      const piece = buffer.subarray(0, bytesRead)
      const { records, usedBytes, nextBytes } = recordsIn(piece)
      if (records.length > 0) yield records
      // Nothing whole in all that was asked for: the next record is larger, or this is the torn end.
      if (usedBytes === 0 && (bytesRead < wantedBytes || nextBytes <= wantedBytes)) return
      offset += usedBytes
      wantedBytes = Math.max(readBytes, nextBytes)
    }
  } finally {
    await file.close()
  }
}

function recordsIn(piece: Buffer): { records: Buffered[]; usedBytes: number; nextBytes: number } {
  const records: Buffered[] = []
  let at = 0
  while (at + headBytes <= piece.length) {
    const end = at + headBytes + piece.readUInt32BE(at)
    if (end > piece.length) return { records, usedBytes: at, nextBytes: end - at }
    const data = piece.subarray(at + headBytes, end)
    if (crc32(data) !== piece.readUInt32BE(at + 4)) break
    records.push({ arrivalMs: piece.readDoubleBE(at + 8), data })
    at = end
  }
  return { records, usedBytes: at, nextBytes: 0 }
}
