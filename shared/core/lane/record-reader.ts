import type { EntryFacts, LatestText, Mark, OpenSession } from '../session/session.ts'
import {
  botFlag,
  headNumbers,
  lateFlag,
  numberAt,
  numbersPerSession,
  type Records,
  sessionsAt,
  sizeAt,
  textAt,
  utf16Width,
  varintsAt,
} from './visitor-record.ts'

export const visitorOf = (records: Records, at: number): string => new Reader(records, at).visitor()

/** By start. */
export const sessionsOf = (records: Records, at: number): OpenSession[] => new Reader(records, at).sessions()

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
