import { crc32 } from 'node:zlib'
import type { NewRecord, RecordSize } from './store.ts'

/**
 * A record on disk, big-endian:
 *   u32 body length, u32 CRC-32 of the body,
 *   body: f64 tick, u16 length of the partition key, u8 length of the explicit hash key, both keys, data
 */
export type Frame = NewRecord & { tick: number }

const headBytes = 8
const fixedBodyBytes = 11

export function encodeFrames(frames: readonly Frame[]): Buffer {
  const keys = frames.map((frame) => Buffer.from(frame.partitionKey))
  const sizes = frames.map(
    (frame, index) =>
      headBytes +
      fixedBodyBytes +
      (keys[index]?.length ?? 0) +
      (frame.explicitHashKey?.length ?? 0) +
      frame.data.length,
  )
  const out = Buffer.allocUnsafe(sizes.reduce((sum, size) => sum + size, 0))
  let at = 0
  for (const [index, frame] of frames.entries()) {
    const size = sizes[index] ?? 0
    encodeFrame(out.subarray(at, at + size), frame, keys[index] ?? Buffer.alloc(0))
    at += size
  }
  return out
}

function encodeFrame(out: Buffer, frame: Frame, partitionKey: Buffer): void {
  const explicit = frame.explicitHashKey ?? ''
  out.writeDoubleBE(frame.tick, 8)
  out.writeUInt16BE(partitionKey.length, 16)
  out.writeUInt8(explicit.length, 18)
  partitionKey.copy(out, 19)
  out.write(explicit, 19 + partitionKey.length, 'latin1')
  frame.data.copy(out, 19 + partitionKey.length + explicit.length)
  out.writeUInt32BE(out.length - headBytes, 0)
  out.writeUInt32BE(crc32(out.subarray(headBytes)), 4)
}

/** Length and tick of the frame at `at`, or undefined if the buffer ends before the frame does. */
export function peekFrame(buffer: Buffer, at: number): { bytes: number; tick: number } | undefined {
  if (at + headBytes + fixedBodyBytes > buffer.length) return undefined
  return { bytes: headBytes + buffer.readUInt32BE(at), tick: buffer.readDoubleBE(at + 8) }
}

export function sizeOfFrame(buffer: Buffer, at: number): RecordSize {
  const keyBytes = buffer.readUInt16BE(at + 16)
  const bodyBytes = buffer.readUInt32BE(at)
  return { keyBytes, dataBytes: bodyBytes - fixedBodyBytes - keyBytes - buffer.readUInt8(at + 18) }
}

export function partitionKeyOfFrame(buffer: Buffer, at: number): string {
  return buffer.toString('utf8', at + 19, at + 19 + buffer.readUInt16BE(at + 16))
}

/** Whether a whole frame with the right checksum stands at `at`. */
export function isWholeFrame(buffer: Buffer, at: number): boolean {
  const peeked = peekFrame(buffer, at)
  if (!peeked || at + peeked.bytes > buffer.length || peeked.bytes < headBytes + fixedBodyBytes) return false
  return crc32(buffer.subarray(at + headBytes, at + peeked.bytes)) === buffer.readUInt32BE(at + 4)
}

/** The frame at `at`; its data is a view of the buffer. */
export function decodeFrame(buffer: Buffer, at: number): Frame {
  const end = at + headBytes + buffer.readUInt32BE(at)
  const keyEnd = at + 19 + buffer.readUInt16BE(at + 16)
  const explicitEnd = keyEnd + buffer.readUInt8(at + 18)
  return {
    tick: buffer.readDoubleBE(at + 8),
    partitionKey: buffer.toString('utf8', at + 19, keyEnd),
    ...(explicitEnd > keyEnd && { explicitHashKey: buffer.toString('latin1', keyEnd, explicitEnd) }),
    data: buffer.subarray(explicitEnd, end),
  }
}
