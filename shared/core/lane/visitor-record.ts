import type { EpochMs } from '../event/outcome.ts'
import type { EntryFacts, LatestText, Mark, OpenSession } from '../session/session.ts'

/**
 * The open sessions of visitors as bytes, a record each: what a segment holds of them, and a lane in memory as long as no
 * event of the visitor comes. Records stand one after another; loading and merging segments moves them and reads no session.
 * A record begins at a multiple of 8 bytes and takes one. Little-endian:
 *
 *   float64  bytes of the record; version that last changed it; how many sessions; where varints and text begin
 *            of each session, by start: start, closesAfter, end, lastArrival, order
 *            of each session: times of its marks
 *   varints  bytes of a character, 1 for Latin-1 and 2 for UTF-16; length of the visitor;
 *            of each session what `#addSession` writes, with the length of each text in its place
 *   text     the visitor and all texts of the sessions, with nothing in between; then zeros
 */
export type Records = { readonly bytes: Buffer; readonly floats: Float64Array }

const sizeAt = 0
const versionAt = 1
const sessionsAt = 2
const varintsAt = 3
const textAt = 4
const headNumbers = 5

const startAt = 0
const closesAfterAt = 1
const numbersPerSession = 5

const botFlag = 1
const lateFlag = 2

const latin1Width = 1
const utf16Width = 2
const beyondLatin1 = /[\u0100-\uffff]/

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

export const visitorOf = (records: Records, at: number): string => new Reader(records, at).visitor()

/** By start. */
export const sessionsOf = (records: Records, at: number): OpenSession[] => new Reader(records, at).sessions()

const numberAt = (floats: Float64Array, place: number): number => {
  const value = floats[place]
  if (value === undefined) throw new Error(`records of visitors end before number ${place}`)
  return value
}

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

class Reader {
  readonly #bytes: Buffer
  readonly #floats: Float64Array
  readonly #sessions: number
  readonly #width: number
  readonly #textBegins: number
  readonly #textEnds: number
  /** All texts as one: each is a slice of it. */
  #text = ''
  /** What is read next: a number of the session at hand, the time of a mark, a varint, a character. */
  #number: number
  #time: number
  #varint: number
  #character = 0
  /** Of the session at hand. */
  #marks: Mark[] = []

  constructor({ bytes, floats }: Records, at: number) {
    const head = at / 8
    this.#bytes = bytes
    this.#floats = floats
    this.#sessions = numberAt(floats, head + sessionsAt)
    this.#number = head + headNumbers
    this.#time = this.#number + this.#sessions * numbersPerSession
    this.#varint = at + numberAt(floats, head + varintsAt)
    this.#width = this.#readVarint()
    this.#textBegins = at + numberAt(floats, head + textAt)
    this.#textEnds = at + numberAt(floats, head + sizeAt)
  }

  /** A string of its own: whoever keeps it must not keep the text of the sessions. */
  visitor(): string {
    return this.#textTo(this.#textBegins + this.#readVarint() * this.#width)
  }

  sessions(): OpenSession[] {
    this.#text = this.#textTo(this.#textEnds)
    this.#readText()
    const sessions: OpenSession[] = []
    for (let left = this.#sessions; left > 0; left--) sessions.push(this.#readSession())
    return sessions
  }

  #textTo(end: number): string {
    return this.#bytes.toString(this.#width === utf16Width ? 'utf16le' : 'latin1', this.#textBegins, end)
  }

  /** In the order in which `RecordWriter` writes. */
  #readSession(): OpenSession {
    const start = this.#readNumber()
    const closesAfter = this.#readNumber()
    const end = this.#readNumber()
    const lastArrival = this.#readNumber()
    const order = this.#readNumber()
    this.#marks = []
    const flags = this.#readVarint()
    const events = this.#readVarint()
    const pageViews = this.#readVarint()
    const id = this.#readText()
    const revenue = this.#readText()
    const { time, key } = this.#readMark(this.#readVarint())
    const facts = this.#readFacts()
    return {
      id,
      order,
      start,
      end,
      lastArrival,
      closesAfter,
      events,
      pageViews,
      revenue,
      isBot: (flags & botFlag) !== 0,
      late: (flags & lateFlag) !== 0,
      first: { time, key, facts },
      anonymousId: this.#readLatest(),
      userId: this.#readLatest(),
      entryPage: this.#readLatest(),
      exitPage: this.#readLatest(),
      absorbedIds: this.#readTexts(this.#readVarint()),
    }
  }

  #readFacts(): EntryFacts {
    return {
      referrerHost: this.#readText(),
      channel: this.#readText(),
      utmSource: this.#readText(),
      utmMedium: this.#readText(),
      utmCampaign: this.#readText(),
      country: this.#readText(),
      deviceClass: this.#readText(),
      browser: this.#readText(),
      os: this.#readText(),
    }
  }

  #readLatest(): LatestText | null {
    const place = this.#readVarint()
    if (place === 0) return null
    const { time, key } = this.#readMark(place)
    return { time, key, text: this.#readText() }
  }

  #readMark(place: number): Mark {
    const known = this.#marks[place - 1]
    if (known !== undefined) return known
    if (place !== this.#marks.length + 1)
      throw new Error(`a session names mark ${place}, after ${this.#marks.length}`)
    const mark = { time: numberAt(this.#floats, this.#time++), key: this.#readText() }
    this.#marks.push(mark)
    return mark
  }

  #readTexts(count: number): string[] {
    const texts: string[] = []
    for (let left = count; left > 0; left--) texts.push(this.#readText())
    return texts
  }

  #readText(): string {
    const begins = this.#character
    this.#character += this.#readVarint()
    return this.#text.slice(begins, this.#character)
  }

  #readNumber(): number {
    return numberAt(this.#floats, this.#number++)
  }

  #readVarint(): number {
    let value = 0
    for (let scale = 1; ; scale *= 128) {
      const byte = this.#bytes[this.#varint++] ?? 0
      if (byte < 128) return value + byte * scale
      value += (byte - 128) * scale
    }
  }
}
