import type { BadReasonCode } from '../bad-row/bad-row.ts'
import type { EpochMs } from '../event/outcome.ts'
import type { LatestChange } from '../latest/change.ts'
import type { Contribution } from '../metric/contribution.ts'
import type { EventFacts } from '../session/session.ts'
import type { EventsPack, LaneAccepted, LaneEvent } from './pack.ts'

/**
 * The headers of a pack as JSON: plain arrays, since keys would be half of them, and each text once. A field that says
 * `text` is a place in `texts`, one that says `cell` a place in `cells`.
 */
export type WireEvents = Omit<EventsPack, 'events'> & {
  readonly texts: readonly string[]
  /** The metric, then a text for each of its dimensions. */
  readonly cells: readonly (readonly [metric: number, ...dims: number[]])[]
  readonly records: readonly (readonly [shardId: string, sequenceNumber: string, arrival: EpochMs])[]
  readonly events: readonly (WireAccepted | WireQuarantined)[]
}

type WireQuarantined = readonly [record: number, index: number, reason: BadReasonCode]

type WireAccepted = readonly [
  record: number,
  index: number,
  key: string,
  visitor: number,
  eventTime: EpochMs,
  /** Texts in the order of `factNames`. */
  facts: readonly number[],
  /** 1: a page view, 2: of a bot. */
  marks: number,
  revenue: string,
  /** Cell and value in turns. */
  contributions: readonly (number | string)[],
  latest?: readonly LatestChange[],
]

const factNames = [
  'anonymousId',
  'userId',
  'pagePath',
  'referrerHost',
  'channel',
  'utmSource',
  'utmMedium',
  'utmCampaign',
  'country',
  'deviceClass',
  'browser',
  'os',
] as const satisfies readonly (keyof EventFacts)[]

const pageViewMark = 1
const botMark = 2

export const toWireEvents = (pack: EventsPack): WireEvents => {
  const texts = new TextTable()
  const cells = new CellTable(texts)
  const records: [string, string, EpochMs][] = []
  const recordOf = new Map<string, number>()
  const events = pack.events.map((event) => {
    const { shardId, sequenceNumber, index } = event.origin
    let record = recordOf.get(sequenceNumber)
    if (record === undefined) {
      record = records.push([shardId, sequenceNumber, event.receivedAt]) - 1
      recordOf.set(sequenceNumber, record)
    }
    if (event.verdict === 'quarantined') return [record, index, event.reason] satisfies WireQuarantined
    return toWireAccepted(event, { record, texts, cells })
  })
  return { ...pack, texts: texts.texts, cells: cells.cells, records, events }
}

const toWireAccepted = (
  event: LaneAccepted,
  of: { readonly record: number; readonly texts: TextTable; readonly cells: CellTable },
): WireAccepted => {
  const { facts, latest = [] } = event
  const { record, texts, cells } = of
  const contributions: (number | string)[] = []
  for (const { metric, value, dims } of event.contributions)
    contributions.push(cells.placeOf(metric, dims), value)
  const wire = [
    record,
    event.origin.index,
    event.key,
    texts.placeOf(event.visitor),
    event.eventTime,
    factNames.map((name) => texts.placeOf(facts[name])),
    (facts.isPageView ? pageViewMark : 0) + (facts.isBot ? botMark : 0),
    event.revenue,
    contributions,
  ] as const
  return latest.length === 0 ? wire : [...wire, latest]
}

/** What is no array where the fold relies on one was not written by `toWireEvents`. */
export const isWellFormedEvents = (wire: WireEvents): boolean =>
  [wire.metrics, wire.texts, wire.cells, wire.records, wire.events].every(Array.isArray)

/** rows: one for each event. Throws on what `toWireEvents` cannot have written. */
export const fromWireEvents = (wire: WireEvents, rows: readonly Buffer[]): EventsPack => {
  const { kind, lanes, lane, settings, metrics, texts } = wire
  if (rows.length !== wire.events.length)
    throw new Error(`pack with ${wire.events.length} headers and ${rows.length} rows`)
  const textAt = (place: number | undefined): string => {
    const text = texts[place ?? -1]
    if (text === undefined) throw new Error(`pack with text ${place} of ${texts.length}`)
    return text
  }
  // Contributions to one cell share its dimensions, and those that count one are the same object.
  const cells = wire.cells.map(([metric, ...dims]) => ({ metric, value: 1, dims: dims.map(textAt) }))
  const contributionsOf = (flat: readonly (number | string)[]): Contribution[] => {
    const contributions: Contribution[] = []
    for (let at = 0; at + 1 < flat.length; at += 2) {
      const cell = cells[Number(flat[at])]
      if (cell === undefined) throw new Error(`pack with cell ${flat[at]} of ${cells.length}`)
      const value = flat[at + 1] ?? 1
      contributions.push(value === 1 ? cell : { metric: cell.metric, value, dims: cell.dims })
    }
    return contributions
  }
  const events = wire.events.map((event, place): LaneEvent => {
    const record = wire.records[event[0]]
    const row = rows[place]
    if (record === undefined || row === undefined)
      throw new Error(`pack with an event of record ${event[0]} of ${wire.records.length}`)
    const [shardId, sequenceNumber, receivedAt] = record
    const origin = { shardId, sequenceNumber, index: event[1] }
    if (event.length === 3) return { verdict: 'quarantined', origin, receivedAt, reason: event[2], row }
    const [, , key, visitor, eventTime, f, marks, revenue, contributions, latest] = event
    return {
      verdict: 'accepted',
      origin,
      receivedAt,
      key,
      visitor: textAt(visitor),
      eventTime,
      facts: {
        anonymousId: textAt(f[0]),
        userId: textAt(f[1]),
        isPageView: (marks & pageViewMark) !== 0,
        pagePath: textAt(f[2]),
        referrerHost: textAt(f[3]),
        channel: textAt(f[4]),
        utmSource: textAt(f[5]),
        utmMedium: textAt(f[6]),
        utmCampaign: textAt(f[7]),
        country: textAt(f[8]),
        deviceClass: textAt(f[9]),
        browser: textAt(f[10]),
        os: textAt(f[11]),
        isBot: (marks & botMark) !== 0,
      },
      revenue,
      contributions: contributionsOf(contributions),
      ...(latest !== undefined && { latest }),
      row,
    }
  })
  return { kind, lanes, lane, ...(settings && { settings }), metrics, events }
}

/** Texts of a pack, each once. */
class TextTable {
  readonly texts: string[] = []
  readonly #places = new Map<string, number>()

  placeOf(text: string): number {
    const known = this.#places.get(text)
    if (known !== undefined) return known
    const place = this.texts.push(text) - 1
    this.#places.set(text, place)
    return place
  }
}

/** A way through the places of dimensions; at its end the place of the cell. */
type CellNode = { place: number | undefined; readonly next: Map<number, CellNode> }

const newNode = (): CellNode => ({ place: undefined, next: new Map() })

/** Cells that the events of a pack contribute to, each once. Found without a key of text for each contribution. */
class CellTable {
  readonly cells: [number, ...number[]][] = []
  readonly #texts: TextTable
  readonly #root = newNode()

  constructor(texts: TextTable) {
    this.#texts = texts
  }

  placeOf(metric: number, dims: readonly string[]): number {
    let node = step(this.#root, metric)
    for (const dim of dims) node = step(node, this.#texts.placeOf(dim))
    node.place ??= this.cells.push([metric, ...dims.map((dim) => this.#texts.placeOf(dim))]) - 1
    return node.place
  }
}

const step = (node: CellNode, place: number): CellNode => {
  const known = node.next.get(place)
  if (known !== undefined) return known
  const next = newNode()
  node.next.set(place, next)
  return next
}
