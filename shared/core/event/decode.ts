import type { BadReasonCode, BadReasons } from '../bad-row/bad-row.ts'
import {
  asBuffer,
  isObject,
  isUtf8,
  type Json,
  type JsonObject,
  jsonBytesOf,
  jsonType,
  parseJson,
  trim,
} from './json.ts'
import { decodeKplAggregate, isKplAggregate } from './kpl.ts'
import type { RawRecord } from './outcome.ts'
import { type Shared, sharedOfBatch, withShared } from './segment-batch.ts'
import { isGzip, unzip } from './unzip.ts'

/** One thing found in a raw record. `index` runs over the whole record, from 0, and never changes for the same bytes. */
export type DecodedItem =
  | {
      readonly kind: 'event'
      readonly index: number
      readonly value: JsonObject
      /** See `Json`. */
      readonly escapeFree: boolean
      /** Size of its JSON, when that may matter; 0 when the whole record is small. */
      readonly jsonBytes: number
      /** The event as it came; only made when it is needed. */
      readonly payload: () => Uint8Array
    }
  | {
      readonly kind: 'control'
      readonly index: number
      readonly value: JsonObject
      readonly payload: () => Uint8Array
    }
  | {
      readonly kind: 'bad'
      readonly index: number
      readonly reasons: BadReasons
      readonly payload: Uint8Array
    }

export type DecodeLimits = {
  /** Bytes that all gzip members of one record may come to, and that all copies of the contexts of its batches may. */
  readonly maxUnzippedBytes: number
  /** More items than this in one record make the whole record one bad item. */
  readonly maxItems: number
}

export const defaultLimits: DecodeLimits = { maxUnzippedBytes: 16 * 1024 * 1024, maxItems: 50_000 }

/** An event whose container is smaller than this cannot be too large, so its own size is not measured. */
export const smallContainerBytes = 32 * 1024

/**
 * Objects and arrays that a text may hold for each event it may hold. 16 KB of gzip can hold five million
 * empty ones, which parsed would take all memory before they could be counted.
 */
const maxContainersPerItem = 20

/** KPL in gzip in KPL and so on: deeper than any producer goes. */
const maxWrappings = 4

/**
 * Everything in one raw record: a KPL aggregate, gzip, one JSON event, an array, NDJSON, a Segment batch, and these inside
 * each other. Never throws; what cannot be read is an item `bad` that takes no neighbour with it. A text of which
 * no line is JSON is one bad item, whatever its number of lines.
 */
export const decodeRecord = (
  record: RawRecord,
  limits: DecodeLimits = defaultLimits,
): readonly DecodedItem[] => {
  const whole = asBuffer(record.data)
  const decoder = new Decoder(limits)
  try {
    decoder.bytes(whole, 0)
  } catch (error) {
    if (!(error instanceof RefusedWhole)) throw error
    const { code, message } = error
    return [{ kind: 'bad', index: 0, reasons: [{ code, path: '', message }], payload: whole }]
  }
  return decoder.items
}

/** Stops the decoding of a record that would come to more memory, kept event by event, than there is. */
class RefusedWhole extends Error {
  readonly code: BadReasonCode

  constructor(code: BadReasonCode, message: string) {
    super(message)
    this.code = code
  }
}

class Decoder {
  readonly items: DecodedItem[] = []
  private readonly maxItems: number
  private unzippedBytesLeft: number
  private sharedBytesLeft: number

  constructor(limits: DecodeLimits) {
    this.maxItems = limits.maxItems
    this.unzippedBytesLeft = limits.maxUnzippedBytes
    this.sharedBytesLeft = limits.maxUnzippedBytes
  }

  bytes(bytes: Buffer, wrappings: number): void {
    if (wrappings > maxWrappings)
      this.bad(bytes, 'nested_too_deep', `wrapped more than ${maxWrappings} times`)
    else if (isKplAggregate(bytes)) this.kpl(bytes, wrappings)
    else if (isGzip(bytes)) this.gzip(bytes, wrappings)
    else this.text(bytes, wrappings === 0)
  }

  private kpl(bytes: Buffer, wrappings: number): void {
    const records = decodeKplAggregate(bytes)
    if (records === undefined) this.bad(bytes, 'bad_kpl_aggregate', 'damaged or cut off KPL aggregate')
    for (const record of records ?? []) this.bytes(asBuffer(record), wrappings + 1)
  }

  private gzip(bytes: Buffer, wrappings: number): void {
    const unzipped = unzip(bytes, this.unzippedBytesLeft)
    if (Buffer.isBuffer(unzipped)) {
      this.unzippedBytesLeft -= unzipped.length
      this.bytes(unzipped, wrappings + 1)
    } else {
      this.bad(bytes, unzipped.code, unzipped.message)
    }
  }

  private text(raw: Buffer, mayBeControl: boolean): void {
    const bytes = trim(raw)
    if (bytes.length > largeTextBytes && countOpening(bytes) > this.maxItems * maxContainersPerItem) {
      throw new RefusedWhole(
        'too_many_events',
        'more objects and arrays in one record than its events could need',
      )
    }
    const newline = bytes.indexOf(0x0a)
    const firstLine = newline === -1 ? bytes : bytes.subarray(0, newline)
    // NDJSON is known by its first line; else the whole may be one value written over several lines.
    const whole = newline !== -1 && 'value' in parseJson(firstLine) ? undefined : parseJson(bytes)
    if (bytes.length === 0) this.bad(raw, 'empty', 'no content')
    else if (whole !== undefined && 'value' in whole) this.container(whole, bytes, mayBeControl)
    else if (whole !== undefined && newline === -1) this.bad(raw, whole.code, whole.message)
    else this.lines(bytes)
  }

  /** Splits bytes, not text: one bad byte then spoils one line, and memory stays one byte a character. */
  private lines(bytes: Buffer): void {
    const before = this.items.length
    let parsedLines = 0
    for (let start = 0; start < bytes.length; ) {
      const newline = bytes.indexOf(0x0a, start)
      const end = newline === -1 ? bytes.length : newline
      const line = trim(bytes.subarray(start, end))
      start = end + 1
      if (line.length === 0) continue
      const parsed = parseJson(line)
      if ('value' in parsed) {
        parsedLines++
        this.container(parsed, line, false)
      } else {
        this.bad(line, parsed.code, parsed.message)
      }
    }
    if (parsedLines > 0) return
    this.items.length = before
    this.bad(bytes, isUtf8(bytes) ? 'not_json' : 'not_utf8', 'no line of it is JSON')
  }

  private container({ value, escapeFree }: Json, bytes: Buffer, mayBeControl: boolean): void {
    const container = { bytes, escapeFree }
    if (Array.isArray(value)) {
      for (const item of value) this.item(item, container)
    } else if (isObject(value) && Array.isArray(value.batch)) {
      const shared = sharedOfBatch(value)
      this.countShared(shared, value.batch.length)
      for (const item of value.batch) this.item(isObject(item) ? withShared(item, shared) : item, container)
    } else if (!isObject(value)) {
      this.bad(bytes, 'not_an_object', `${jsonType(value)} where an event was expected`)
    } else {
      const isControl = mayBeControl && firstKey(value) === 'weir'
      const kind = isControl ? 'control' : 'event'
      const payload = () => bytes
      this.push({ kind, index: this.items.length, value, escapeFree, jsonBytes: bytes.length, payload })
    }
  }

  /** A small batch of a thousand empty events around one large context would come to a thousand large events. */
  private countShared(shared: Shared, events: number): void {
    const bytes = jsonBytesOf([shared.context, shared.sentAt])?.length ?? Number.POSITIVE_INFINITY
    this.sharedBytesLeft -= bytes * events
    if (this.sharedBytesLeft < 0) {
      throw new RefusedWhole(
        'too_large',
        'the context of the batch is too large to be given to each of its events',
      )
    }
  }

  private item(value: unknown, { bytes, escapeFree }: { bytes: Buffer; escapeFree: boolean }): void {
    const isSmall = bytes.length < smallContainerBytes
    const written = isSmall ? undefined : jsonBytesOf(value)
    if (!isSmall && written === undefined) {
      throw new RefusedWhole('nested_too_deep', 'an event in it is nested too deep to be kept alone')
    }
    const payload = () => written ?? jsonBytesOf(value) ?? bytes
    if (isObject(value)) {
      const jsonBytes = written?.length ?? 0
      this.push({ kind: 'event', index: this.items.length, value, escapeFree, jsonBytes, payload })
    } else {
      this.bad(payload(), 'not_an_object', `${jsonType(value)} where an event was expected`)
    }
  }

  private bad(payload: Uint8Array, code: BadReasonCode, message: string): void {
    const reasons: BadReasons = [{ code, path: '', message }]
    this.push({ kind: 'bad', index: this.items.length, reasons, payload })
  }

  private push(item: DecodedItem): void {
    if (this.items.length >= this.maxItems) {
      throw new RefusedWhole('too_many_events', `more than ${this.maxItems} events in one record`)
    }
    this.items.push(item)
  }
}

/** No text this small can hold so many that it matters. */
const largeTextBytes = 4 * 1024 * 1024

const countOpening = (bytes: Uint8Array): number => {
  let count = 0
  // by index: iterating over bytes takes ten times as long
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]
    if (byte === 0x7b || byte === 0x5b) count++
  }
  return count
}

const firstKey = (value: JsonObject): string | undefined => {
  for (const key in value) return key
  return undefined
}
