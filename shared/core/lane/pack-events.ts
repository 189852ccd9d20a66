import type { BadReasonCode } from '../bad-row/bad-row.ts'
import type { EpochMs } from '../event/outcome.ts'
import type { LatestChange } from '../latest/change.ts'
import type { Contribution } from '../metric/contribution.ts'
import type { EventFacts } from '../session/session.ts'
import { floatList, integerList } from './number-list.ts'
import type { EventsPack, LaneAccepted, LaneEvent, LaneQuarantined } from './pack.ts'

/** What the headers of a pack have in common, and all their text; the numbers say the rest. */
export type WireEvents = Omit<EventsPack, 'events'> & {
  /** How many of each there are. */
  readonly events: number
  readonly integers: number
  readonly floats: number
  readonly records: readonly (readonly [shardId: string, sequenceNumber: string, arrival: EpochMs])[]
  /** Each text once, or but a few; a number that says `text` is a place in it. */
  readonly texts: readonly string[]
  /** The metric, then a text for each of its dimensions. */
  readonly cells: readonly (readonly [metric: number, ...dims: number[]])[]
  /** Keys of the accepted events, in their order. */
  readonly keys: readonly string[]
  /** Changes of latest value tables by the place of their event. */
  readonly latest?: readonly (readonly [event: number, changes: readonly LatestChange[]])[]
}

/**
 * Numbers of all events one after another, little-endian, since JSON would be most of the work for a pack.
 * integers: record, index, marks, then of a quarantined event its reason (text), and of an accepted one visitor (text),
 * revenue (text), its facts (texts), how many contributions, and of each 4 × cell + `valueIs…`, with a text where
 * that says so. floats: eventTime of each accepted event, with the values of its contributions behind it.
 */
type Numbers = { readonly integers: Int32Array; readonly floats: Float64Array }

const acceptedMark = 1
const pageViewMark = 2
const botMark = 4

const valueIsOne = 0
const valueIsFloat = 1
const valueIsText = 2
const perCell = 4

/**
 * Events of one lane on their way into a pack. Each is written when it comes: kept until the batch is read, thousands of events
 * are what the garbage collector would be busy with.
 */
export class PackWriter {
  /** Of the events, in their order. */
  readonly rows: Buffer[] = []
  rowBytes = 0
  readonly integers = integerList()
  readonly floats = floatList()
  readonly records: [string, string, EpochMs][] = []
  readonly texts = new TextTable()
  readonly cells = new CellTable(this.texts)
  readonly keys: string[] = []
  readonly latest: [number, readonly LatestChange[]][] = []

  /** What is the same for all of the pack, and what was added. */
  wire(of: Omit<EventsPack, 'events'>): { header: WireEvents; numbers: Buffer } {
    const { kind, lanes, lane, settings, metrics } = of
    const { integers, floats, records, texts, cells, keys, latest } = this
    return {
      header: {
        ...{ kind, lanes, lane, ...(settings && { settings }), metrics },
        ...{ events: this.rows.length, integers: integers.length, floats: floats.length },
        ...{ records, texts: texts.all, cells: cells.all, keys },
        ...(latest.length > 0 && { latest }),
      },
      numbers: Buffer.concat([integers.bytes(), floats.bytes()]),
    }
  }

  add(event: LaneEvent): void {
    const { integers } = this
    integers.push(this.#placeOfRecord(event))
    integers.push(event.origin.index)
    if (event.verdict === 'accepted') this.#addAccepted(event)
    else {
      integers.push(0)
      integers.push(this.texts.placeOf(event.reason))
    }
    this.rows.push(event.row)
    this.rowBytes += event.row.length
  }

  /** Events come in the order of their records: those of one are together. */
  #placeOfRecord({ origin: { shardId, sequenceNumber }, receivedAt }: LaneEvent): number {
    const last = this.records.at(-1)
    if (last !== undefined && last[1] === sequenceNumber && last[0] === shardId)
      return this.records.length - 1
    return this.records.push([shardId, sequenceNumber, receivedAt]) - 1
  }

  #addAccepted({ key, visitor, eventTime, facts, revenue, contributions, latest }: LaneAccepted): void {
    const { integers, floats, texts } = this
    this.keys.push(key)
    if (latest !== undefined && latest.length > 0) this.latest.push([this.rows.length, latest])
    integers.push(acceptedMark + (facts.isPageView ? pageViewMark : 0) + (facts.isBot ? botMark : 0))
    const visitorPlace = texts.placeOf(visitor)
    integers.push(visitorPlace)
    // Most visitors are called by their anonymous id: one way to both, and as early as can be, before other texts.
    const anonymousPlace = texts.placeBehind(visitorPlace, facts.anonymousId)
    integers.push(texts.placeOf(revenue))
    integers.push(anonymousPlace)
    integers.push(texts.placeOf(facts.userId))
    integers.push(texts.placeOf(facts.pagePath))
    integers.push(texts.placeOf(facts.referrerHost))
    integers.push(texts.placeOf(facts.channel))
    integers.push(texts.placeOf(facts.utmSource))
    integers.push(texts.placeOf(facts.utmMedium))
    integers.push(texts.placeOf(facts.utmCampaign))
    integers.push(texts.placeOf(facts.country))
    integers.push(texts.placeOf(facts.deviceClass))
    integers.push(texts.placeOf(facts.browser))
    integers.push(texts.placeOf(facts.os))
    floats.push(eventTime)
    integers.push(contributions.length)
    for (const contribution of contributions) this.#addContribution(contribution)
  }

  #addContribution({ metric, value, dims }: Contribution): void {
    const { integers, floats, texts } = this
    const cell = this.cells.placeOf(metric, dims) * perCell
    if (value === 1) integers.push(cell + valueIsOne)
    else if (typeof value === 'string') {
      integers.push(cell + valueIsText)
      integers.push(texts.placeOf(value))
    } else {
      integers.push(cell + valueIsFloat)
      floats.push(value)
    }
  }
}

/** What is no list or number where `fromWireEvents` relies on one was not written by a `PackWriter`. */
export const isWellFormedEvents = (wire: WireEvents): boolean =>
  [wire.metrics, wire.texts, wire.cells, wire.keys].every(Array.isArray) &&
  areRecords(wire.records) &&
  [wire.events, wire.integers, wire.floats].every((count) => Number.isInteger(count) && count >= 0)

/** A sequence number that is none would stop the fold half way. */
export const areRecords = (records: WireEvents['records']): boolean =>
  Array.isArray(records) &&
  records.every(
    ([shardId, sequenceNumber]) => typeof shardId === 'string' && isSequenceNumber(sequenceNumber),
  )

/** Of a text: `test` takes a number for its digits. */
export const isSequenceNumber = (value: unknown): boolean => typeof value === 'string' && /^\d+$/.test(value)

/** rows: one for each event. Throws on what a `PackWriter` cannot have written. */
export const fromWireEvents = (header: WireEvents, numbers: Buffer, rows: readonly Buffer[]): EventsPack => {
  const { kind, lanes, lane, settings, metrics } = header
  if (rows.length !== header.events)
    throw new Error(`pack with ${header.events} headers and ${rows.length} rows`)
  const reader = new Reader(header, numbersOf(header, numbers))
  const events = rows.map((row) => reader.next(row))
  return { kind, lanes, lane, ...(settings && { settings }), metrics, events }
}

export const numberBytes = ({ integers, floats }: WireEvents): number => integers * 4 + floats * 8

const numbersOf = (header: WireEvents, bytes: Buffer): Numbers => {
  // Copies, since numbers must stand at a multiple of their size.
  const floatsAt = header.integers * 4
  return {
    integers: new Int32Array(new Uint8Array(bytes.subarray(0, floatsAt)).buffer),
    floats: new Float64Array(new Uint8Array(bytes.subarray(floatsAt)).buffer),
  }
}

class Reader {
  readonly #header: WireEvents
  readonly #integers: Int32Array
  readonly #floats: Float64Array
  /** Contributions to one cell share its dimensions, and those that count one are the same object. */
  readonly #cells: readonly Contribution[]
  readonly #latest: ReadonlyMap<number, readonly LatestChange[]>
  #integersRead = 0
  #floatsRead = 0
  #events = 0
  #keys = 0

  constructor(header: WireEvents, { integers, floats }: Numbers) {
    this.#header = header
    this.#integers = integers
    this.#floats = floats
    this.#cells = header.cells.map(([metric, ...dims]) => ({
      metric,
      value: 1,
      dims: dims.map((dim) => at(header.texts, dim, 'text')),
    }))
    this.#latest = new Map(header.latest)
  }

  next(row: Buffer): LaneEvent {
    const place = this.#events++
    const [shardId, sequenceNumber, receivedAt] = at(this.#header.records, this.#integer(), 'record')
    const origin = { shardId, sequenceNumber, index: this.#integer() }
    const marks = this.#integer()
    if ((marks & acceptedMark) === 0) {
      const reason = this.#text() as BadReasonCode
      return { verdict: 'quarantined', origin, receivedAt, reason, row } satisfies LaneQuarantined
    }
    const latest = this.#latest.get(place)
    const event: LaneAccepted = {
      verdict: 'accepted',
      origin,
      receivedAt,
      key: at(this.#header.keys, this.#keys++, 'key'),
      visitor: this.#text(),
      eventTime: this.#float(),
      revenue: this.#text(),
      facts: this.#facts(marks),
      contributions: this.#contributions(),
      row,
    }
    return latest === undefined ? event : { ...event, latest }
  }

  #facts(marks: number): EventFacts {
    return {
      anonymousId: this.#text(),
      userId: this.#text(),
      pagePath: this.#text(),
      referrerHost: this.#text(),
      channel: this.#text(),
      utmSource: this.#text(),
      utmMedium: this.#text(),
      utmCampaign: this.#text(),
      country: this.#text(),
      deviceClass: this.#text(),
      browser: this.#text(),
      os: this.#text(),
      isPageView: (marks & pageViewMark) !== 0,
      isBot: (marks & botMark) !== 0,
    }
  }

  #contributions(): Contribution[] {
    const contributions: Contribution[] = []
    for (let left = this.#integer(); left > 0; left--) {
      const place = this.#integer()
      const cell = at(this.#cells, Math.floor(place / perCell), 'cell')
      const form = place % perCell
      if (form === valueIsOne) contributions.push(cell)
      else {
        const value = form === valueIsText ? this.#text() : this.#float()
        contributions.push({ metric: cell.metric, value, dims: cell.dims })
      }
    }
    return contributions
  }

  #text(): string {
    return at(this.#header.texts, this.#integer(), 'text')
  }

  #integer(): number {
    const integer = this.#integers[this.#integersRead++]
    if (integer === undefined) throw new Error('pack with too few integers')
    return integer
  }

  #float(): number {
    const float = this.#floats[this.#floatsRead++]
    if (float === undefined) throw new Error('pack with too few floats')
    return float
  }
}

const at = <Item>(items: readonly Item[], place: number, what: string): Item => {
  const item = items[place]
  if (item === undefined) throw new Error(`pack with ${what} ${place} of ${items.length}`)
  return item
}

/** Texts of a pack, each once. */
class TextTable {
  readonly all: string[] = ['']
  readonly #places = new Map<string, number>()

  placeOf(text: string): number {
    // Half of the facts of an event are not known.
    if (text === '') return 0
    const known = this.#places.get(text)
    if (known !== undefined) return known
    const place = this.all.push(text) - 1
    this.#places.set(text, place)
    return place
  }

  /**
   * Of a text that mostly comes with another, at this place: right behind it, where it is found without a search. It may be there once
   * more then.
   */
  placeBehind(place: number, text: string): number {
    if (text === '') return 0
    if (this.all[place + 1] === text) return place + 1
    return place === this.all.length - 1 ? this.all.push(text) - 1 : this.placeOf(text)
  }
}

/** A way through the values of dimensions; at its end the place of the cell. */
type CellNode = { place: number | undefined; readonly next: Map<string, CellNode> }

const newNode = (): CellNode => ({ place: undefined, next: new Map() })

/** Cells that the events of a pack contribute to, each once. Found without a key of text for each contribution. */
class CellTable {
  readonly all: [number, ...number[]][] = []
  readonly #texts: TextTable
  /** By metric: tables of a few values are searched sooner than the one of all texts. */
  readonly #roots: CellNode[] = []

  constructor(texts: TextTable) {
    this.#texts = texts
  }

  placeOf(metric: number, dims: readonly string[]): number {
    this.#roots[metric] ??= newNode()
    let node = this.#roots[metric]
    for (const dim of dims) node = step(node, dim)
    node.place ??= this.all.push([metric, ...dims.map((dim) => this.#texts.placeOf(dim))]) - 1
    return node.place
  }
}

const step = (node: CellNode, dim: string): CellNode => {
  const known = node.next.get(dim)
  if (known !== undefined) return known
  const next = newNode()
  node.next.set(dim, next)
  return next
}
