import { createReadStream } from 'node:fs'
import { pipeline, Transform, type TransformCallback } from 'node:stream'
import { createGunzip } from 'node:zlib'

export type FileLines = AsyncIterable<Buffer[]> & {
  /** Bytes of the file read so far, as they stand on the disk. */
  readonly bytesRead: () => number
}

const chunkBytes = 1024 * 1024

/**
 * The lines of a file in order, without their ends, a few thousand at a time; a name that ends in .gz is unzipped.
 * Bytes are split, not text: what is not UTF-8 passes through as it is. Of a line longer than `maxLineBytes` only its
 * start comes, one byte longer than that.
 */
export function fileLines(path: string, maxLineBytes: number): FileLines {
  let bytesRead = 0
  const meter = new Transform({
    transform(chunk: Buffer, _encoding, done: TransformCallback) {
      bytesRead += chunk.length
      done(null, chunk)
    },
  })
  const file = createReadStream(path, { highWaterMark: chunkBytes })
  // The errors of all arrive at whoever reads the last of them.
  const ignore = () => {}
  const bytes = path.endsWith('.gz')
    ? pipeline(file, meter, createGunzip({ chunkSize: chunkBytes }), ignore)
    : pipeline(file, meter, ignore)
  return {
    bytesRead: () => bytesRead,
    [Symbol.asyncIterator]: () => splitLines(bytes, maxLineBytes),
  }
}

const newline = 0x0a

/** The same for any bytes. */
export async function* splitLines(
  chunks: AsyncIterable<Buffer>,
  maxLineBytes: number,
): AsyncGenerator<Buffer[]> {
  let begun: Buffer[] = []
  let begunBytes = 0
  const keep = (part: Buffer) => {
    const room = maxLineBytes + 1 - begunBytes
    if (room <= 0 || part.length === 0) return
    begun.push(part.subarray(0, room))
    begunBytes += Math.min(part.length, room)
  }
  for await (const chunk of chunks) {
    const lines: Buffer[] = []
    let start = 0
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, start)) {
      keep(chunk.subarray(start, end))
      lines.push(begun.length === 1 && begun[0] ? begun[0] : Buffer.concat(begun))
      begun = []
      begunBytes = 0
      start = end + 1
    }
    keep(chunk.subarray(start))
    if (lines.length > 0) yield lines
  }
  if (begunBytes > 0) yield [Buffer.concat(begun)]
}
