import { closeSync, constants, fstatSync, ftruncateSync, openSync, readSync } from 'node:fs'
import { writeFully } from '../file.ts'
import { isWholeFrame, peekFrame } from './frame.ts'

/** Between two places remembered of a file; a read walks at most so far from frame to frame. */
const indexStepBytes = 64 * 1024

/**
 * One file of a shard's log. Of its content only a place every 64 KiB is kept in memory; the system's page cache
 * does the rest.
 */
export class Segment {
  readonly path: string
  readonly firstTick: number
  sizeBytes: number
  readonly #fd: number
  #places: { tick: number; offset: number }[] | undefined
  #lastTick: number | undefined

  constructor(path: string, firstTick: number) {
    this.path = path
    this.firstTick = firstTick
    this.#fd = openSync(path, constants.O_RDWR | constants.O_CREAT)
    this.sizeBytes = fstatSync(this.#fd).size
  }

  /** Undefined in an empty file. */
  get lastTick(): number | undefined {
    this.#scan()
    return this.#lastTick
  }

  /** Cuts off what a killed process left half written. */
  repair(): void {
    const content = this.readAt(0, this.sizeBytes)
    let end = 0
    while (isWholeFrame(content, end)) end += peekFrame(content, end)?.bytes ?? 0
    if (end < this.sizeBytes) ftruncateSync(this.#fd, end)
    this.sizeBytes = end
  }

  append(encoded: Buffer): void {
    this.#scan()
    try {
      writeFully(this.#fd, encoded, this.sizeBytes)
    } catch (error) {
      ftruncateSync(this.#fd, this.sizeBytes)
      throw error
    }
    this.#note(encoded, this.sizeBytes)
    this.sizeBytes += encoded.length
  }

  /** An offset at or before the first frame of this tick or a later one, and close to it. */
  offsetBefore(tick: number): number {
    const places = this.#scan()
    let low = 0
    let high = places.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((places[middle]?.tick ?? 0) < tick) low = middle + 1
      else high = middle
    }
    return places[low - 1]?.offset ?? 0
  }

  readAt(offset: number, bytes: number): Buffer {
    return this.readInto(Buffer.allocUnsafe(Math.max(0, Math.min(bytes, this.sizeBytes - offset))), offset)
  }

  /** As much as there is room for, or as there is. */
  readInto(room: Buffer, offset: number): Buffer {
    const out = room.subarray(0, Math.max(0, this.sizeBytes - offset))
    let done = 0
    while (done < out.length) {
      const read = readSync(this.#fd, out, done, out.length - done, offset + done)
      if (read === 0) break
      done += read
    }
    return out.subarray(0, done)
  }

  close(): void {
    closeSync(this.#fd)
  }

  #scan(): { tick: number; offset: number }[] {
    if (!this.#places) {
      this.#places = []
      this.#note(this.readAt(0, this.sizeBytes), 0)
    }
    return this.#places
  }

  #note(encoded: Buffer, start: number): void {
    const places = this.#places ?? []
    let at = 0
    for (let frame = peekFrame(encoded, at); frame; frame = peekFrame(encoded, at)) {
      const last = places.at(-1)
      if (!last || start + at - last.offset >= indexStepBytes)
        places.push({ tick: frame.tick, offset: start + at })
      this.#lastTick = frame.tick
      at += frame.bytes
    }
  }
}
