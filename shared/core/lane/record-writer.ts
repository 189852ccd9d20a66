import type { EntryFacts, LatestText, Mark, OpenSession } from '../session/session.ts'
import {
  botFlag,
  lateFlag,
  latin1Width,
  type Records,
  sizeAt,
  sizeOf,
  textAt,
  utf16Width,
  varintsAt,
} from './visitor-record.ts'

const beyondLatin1 = /[\u0100-\uffff]/

/** Writes records one after another, into memory that it uses again. */
export class RecordWriter {
  #bytes = Buffer.alloc(0)
  #floats = new Float64Array(0)
  #used = 0
  /** Of the record at hand. */
  #numbers: number[] = []
  #varints = new Uint8Array(256)
  #varintBytes = 0
  #text = ''
  /** Of the session at hand. */
  readonly #marks: Mark[] = []

  /** sessions: by start. */
  add(visitor: string, version: number, sessions: readonly OpenSession[]): void {
    this.#numbers = [0, version, sessions.length, 0, 0]
    this.#varintBytes = 0
    this.#text = ''
    this.#addVarint(latin1Width)
    this.#addText(visitor)
    for (const { start, closesAfter, end, lastArrival, order } of sessions)
      this.#numbers.push(start, closesAfter, end, lastArrival, order)
    for (const session of sessions) this.#addSession(session)
    this.#finish()
  }

  /** Another record, as it is. */
  copy(records: Records, at: number): void {
    const size = sizeOf(records, at)
    this.#reserve(size)
    this.#bytes.set(records.bytes.subarray(at, at + size), this.#used)
    this.#used += size
  }

  /** All that was added since the last time; good until something more is. */
  take(): Uint8Array {
    const taken = this.#bytes.subarray(0, this.#used)
    this.#used = 0
    return taken
  }

  #addSession(session: OpenSession): void {
    this.#marks.length = 0
    this.#addVarint((session.isBot ? botFlag : 0) + (session.late ? lateFlag : 0))
    this.#addVarint(session.events)
    this.#addVarint(session.pageViews)
    this.#addText(session.id)
    this.#addText(session.revenue)
    this.#addMark(session.first)
    this.#addFacts(session.first.facts)
    this.#addLatest(session.anonymousId)
    this.#addLatest(session.userId)
    this.#addLatest(session.entryPage)
    this.#addLatest(session.exitPage)
    this.#addVarint(session.absorbedIds.length)
    for (const id of session.absorbedIds) this.#addText(id)
  }

  #addFacts(facts: EntryFacts): void {
    this.#addText(facts.referrerHost)
    this.#addText(facts.channel)
    this.#addText(facts.utmSource)
    this.#addText(facts.utmMedium)
    this.#addText(facts.utmCampaign)
    this.#addText(facts.country)
    this.#addText(facts.deviceClass)
    this.#addText(facts.browser)
    this.#addText(facts.os)
  }

  #addLatest(latest: LatestText | null): void {
    if (latest === null) this.#addVarint(0)
    else {
      this.#addMark(latest)
      this.#addText(latest.text)
    }
  }

  /** Which of the session's marks it is, the first as 1; with its key when it is a new one. Most are the same one or two. */
  #addMark(mark: Mark): void {
    const marks = this.#marks
    let place = 0
    while (place < marks.length && !isSame(marks[place], mark)) place++
    this.#addVarint(place + 1)
    if (place < marks.length) return
    marks.push(mark)
    this.#numbers.push(mark.time)
    this.#addText(mark.key)
  }

  #addText(text: string): void {
    this.#addVarint(text.length)
    this.#text += text
  }

  #addVarint(value: number): void {
    if (this.#varintBytes + 8 > this.#varints.length) this.#growVarints()
    let rest = value
    for (; rest > 127; rest = Math.floor(rest / 128)) this.#varints[this.#varintBytes++] = (rest % 128) + 128
    this.#varints[this.#varintBytes++] = rest
  }

  #growVarints(): void {
    const larger = new Uint8Array(this.#varints.length * 2)
    larger.set(this.#varints)
    this.#varints = larger
  }

  #finish(): void {
    const numbers = this.#numbers
    const text = this.#text
    const width = beyondLatin1.test(text) ? utf16Width : latin1Width
    this.#varints[0] = width
    const varints = numbers.length * 8
    // Even, as UTF-16 must stand: `toString` of an odd place corrupts the heap of Node 24.21.
    if (this.#varintBytes % 2 === 1) this.#addVarint(0)
    const textBegins = varints + this.#varintBytes
    const textEnds = textBegins + text.length * width
    const size = Math.ceil(textEnds / 8) * 8
    numbers[sizeAt] = size
    numbers[varintsAt] = varints
    numbers[textAt] = textBegins
    this.#reserve(size)
    const begins = this.#used
    const bytes = this.#bytes
    for (let n = 0; n < numbers.length; n++) this.#floats[begins / 8 + n] = numbers[n] ?? 0
    for (let n = 0; n < this.#varintBytes; n++) bytes[begins + varints + n] = this.#varints[n] ?? 0
    bytes.write(text, begins + textBegins, width === utf16Width ? 'utf16le' : 'latin1')
    // What was written here before would make two segments of one content differ.
    for (let at = begins + textEnds; at < begins + size; at++) bytes[at] = 0
    this.#used += size
  }

  #reserve(bytes: number): void {
    if (this.#used + bytes <= this.#bytes.length) return
    const larger = Buffer.alloc(Math.max(64 * 1024, this.#bytes.length * 2, this.#used + bytes))
    larger.set(this.#bytes.subarray(0, this.#used))
    this.#bytes = larger
    this.#floats = new Float64Array(larger.buffer)
  }
}

const isSame = (a: Mark | undefined, b: Mark): boolean => a?.time === b.time && a.key === b.key
