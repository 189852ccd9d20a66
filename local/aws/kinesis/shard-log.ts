import { mkdirSync, readdirSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import { decodeFrame, encodeFrames, type Frame, peekFrame } from './frame.ts'
import { Segment } from './segment.ts'
import { msOfTick, tickAt } from './sequence.ts'
import type { NewRecord } from './store.ts'

const defaultSegmentBytes = 16 * 1024 * 1024
const readBytes = 512 * 1024

/** A shard's records on disk, in files of 16 MiB named after their first tick. An append is there when it returns. */
export class ShardLog {
  readonly #folder: string
  readonly #segmentBytes: number
  readonly #now: () => number
  readonly #segments: Segment[]
  #lastTick: number

  /** @param floorTick every record gets a greater one: for a shard whose files are gone or that has a parent. */
  constructor(folder: string, floorTick: number, o: { segmentBytes?: number; now?: () => number } = {}) {
    this.#folder = folder
    this.#segmentBytes = o.segmentBytes ?? defaultSegmentBytes
    this.#now = o.now ?? Date.now
    mkdirSync(folder, { recursive: true })
    const ticks = readdirSync(folder).flatMap((name) =>
      name.endsWith('.log') ? [Number.parseInt(name, 10)] : [],
    )
    ticks.sort((a, b) => a - b)
    this.#segments = ticks.map((tick) => new Segment(this.#path(tick), tick))
    this.#segments.at(-1)?.repair()
    this.#lastTick = Math.max(floorTick, this.lastTick ?? 0)
  }

  /** Of the last record, or undefined if there is none. */
  get lastTick(): number | undefined {
    // Only the newest file can be empty, when all that was in it was half written.
    return this.#segments.at(-1)?.lastTick ?? this.#segments.at(-2)?.lastTick
  }

  get nextTick(): number {
    return Math.max(this.#lastTick + 1, tickAt(this.#now()))
  }

  /** Answers the records' ticks: increasing, whatever the clock does. */
  append(records: readonly NewRecord[]): number[] {
    let tick = this.nextTick
    const frames = records.map((record) => ({ ...record, tick: tick++ }))
    const first = frames[0]
    if (!first) return []
    let segment = this.#segments.at(-1)
    if (!segment || segment.sizeBytes >= this.#segmentBytes) {
      segment = new Segment(this.#path(first.tick), first.tick)
      this.#segments.push(segment)
    }
    segment.append(encodeFrames(frames))
    this.#lastTick = tick - 1
    return frames.map((frame) => frame.tick)
  }

  /** Frames from this tick on; the first may be larger than maxBytes, so that a reader always gets further. */
  read(o: { fromTick: number; maxRecords: number; maxBytes: number }): Frame[] {
    const out: Frame[] = []
    let bytes = 0
    for (const segment of this.#segmentsFrom(o.fromTick)) {
      for (const frame of framesIn(segment, o.fromTick)) {
        bytes += frame.data.length + Buffer.byteLength(frame.partitionKey)
        if (out.length > 0 && (out.length >= o.maxRecords || bytes > o.maxBytes)) return out
        out.push(frame)
      }
    }
    return out
  }

  /** Removes the files whose every record arrived before this time, but never the newest. */
  trim(beforeMs: number): void {
    while (this.#segments.length > 1) {
      const [oldest, next] = this.#segments
      if (!oldest || !next || msOfTick(next.firstTick) >= beforeMs) return
      oldest.close()
      unlinkSync(oldest.path)
      this.#segments.shift()
    }
  }

  close(): void {
    for (const segment of this.#segments) segment.close()
  }

  #segmentsFrom(tick: number): Segment[] {
    const firstLater = this.#segments.findIndex((segment) => segment.firstTick > tick)
    if (firstLater === -1) return this.#segments.slice(-1)
    return this.#segments.slice(Math.max(0, firstLater - 1))
  }

  #path(tick: number): string {
    return join(this.#folder, `${String(tick).padStart(20, '0')}.log`)
  }
}

function* framesIn(segment: Segment, fromTick: number): Generator<Frame> {
  let offset = segment.offsetBefore(fromTick)
  let wantedBytes = readBytes
  while (offset < segment.sizeBytes) {
    const chunk = segment.readAt(offset, wantedBytes)
    let at = 0
    let next = peekFrame(chunk, at)
    while (next && at + next.bytes <= chunk.length) {
      if (next.tick >= fromTick) yield decodeFrame(chunk, at)
      at += next.bytes
      next = peekFrame(chunk, at)
    }
    if (at === 0 && offset + chunk.length >= segment.sizeBytes) return
    offset += at
    // A frame larger than the chunk, or cut by its end: read it whole.
    wantedBytes = Math.max(readBytes, next?.bytes ?? 0)
  }
}
