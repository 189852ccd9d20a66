import { mkdirSync, readdirSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import {
  decodeFrame,
  encodeFrames,
  type Frame,
  partitionKeyOfFrame,
  peekFrame,
  sizeOfFrame,
} from './frame.ts'
import { Segment } from './segment.ts'
import { msOfTick, tickAt } from './sequence.ts'
import type { NewRecord, RecordColumns, RecordSize } from './store.ts'

const defaultSegmentBytes = 16 * 1024 * 1024
const readBytes = 512 * 1024
/** For what is read and not kept: nothing that has it lets go before it is done. */
const scratch = Buffer.allocUnsafeSlow(readBytes)

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
    this.#visit({ fromTick: o.fromTick, room: undefined }, (chunk, at) => {
      const { dataBytes, keyBytes } = sizeOfFrame(chunk, at)
      bytes += dataBytes + keyBytes
      if (out.length > 0 && (out.length >= o.maxRecords || bytes > o.maxBytes)) return false
      out.push(decodeFrame(chunk, at))
      return true
    })
    return out
  }

  /** Sizes from this tick on, until one is not taken. Answers the tick of the last one taken. */
  measure(fromTick: number, take: (size: RecordSize) => boolean): number | undefined {
    let lastTick: number | undefined
    this.#visit({ fromTick, room: scratch }, (chunk, at, tick) => {
      if (!take(sizeOfFrame(chunk, at))) return false
      lastTick = tick
      return true
    })
    return lastTick
  }

  /** From the one tick to the other, both included. */
  columns(
    fromTick: number,
    throughTick: number,
  ): Omit<RecordColumns, 'sequenceNumbers'> & { ticks: number[] } {
    const ends: number[] = []
    let bytes = 0
    this.#visit({ fromTick, room: scratch }, (chunk, at, tick) => {
      if (tick > throughTick) return false
      bytes += sizeOfFrame(chunk, at).dataBytes
      ends.push(bytes)
      return true
    })
    const data = Buffer.allocUnsafeSlow(bytes)
    const ticks: number[] = []
    const partitionKeys: string[] = []
    this.#visit({ fromTick, room: scratch }, (chunk, at, tick, frameEnd) => {
      if (tick > throughTick) return false
      chunk.copy(data, ends[ticks.length - 1] ?? 0, frameEnd - sizeOfFrame(chunk, at).dataBytes, frameEnd)
      ticks.push(tick)
      partitionKeys.push(partitionKeyOfFrame(chunk, at))
      return true
    })
    return { ticks, partitionKeys, arrivalsMs: ticks.map(msOfTick), ends, data }
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

  #visit(o: Reading, visit: Visitor): void {
    for (const segment of this.#segmentsFrom(o.fromTick)) if (!visitFrames(segment, o, visit)) return
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

type Reading = {
  readonly fromTick: number
  /** Where chunks are read to; without it each has memory of its own, and what was found in it stays. */
  readonly room: Buffer | undefined
}

/** Hears where in the chunk a frame begins and ends; false ends the reading. */
type Visitor = (chunk: Buffer, at: number, tick: number, end: number) => boolean

/** False once the visitor has had enough. */
function visitFrames(segment: Segment, { fromTick, room }: Reading, visit: Visitor): boolean {
  let offset = segment.offsetBefore(fromTick)
  let wantedBytes = readBytes
  while (offset < segment.sizeBytes) {
    const chunk =
      room && wantedBytes <= room.length
        ? segment.readInto(room, offset)
        : segment.readAt(offset, wantedBytes)
    let at = 0
    let next = peekFrame(chunk, at)
    while (next && at + next.bytes <= chunk.length) {
      const end = at + next.bytes
      if (next.tick >= fromTick && !visit(chunk, at, next.tick, end)) return false
      at = end
      next = peekFrame(chunk, at)
    }
    if (at === 0 && offset + chunk.length >= segment.sizeBytes) return true
    offset += at
    // A frame larger than the chunk, or cut by its end: read it whole.
    wantedBytes = Math.max(readBytes, next?.bytes ?? 0)
  }
  return true
}
