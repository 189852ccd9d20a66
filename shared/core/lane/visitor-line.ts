import type { EpochMs } from '../event/outcome.ts'
import type { OpenSession } from '../session/session.ts'

/**
 * The open sessions of one visitor as one line of ASCII text: what a segment holds of them, and a lane in memory as
 * long as no event of the visitor comes. Loading and merging segments moves lines, and parses none.
 */
export type VisitorLine = string

export type VisitorSessions = {
  readonly sessions: readonly OpenSession[]
  /** Version that last changed them. */
  readonly version: number
}

/** What a lane needs to know of a session that it does not parse. */
export type SessionTimes = { readonly start: EpochMs; readonly closesAfter: EpochMs }

// version \t start,closesAfter;start,closesAfter \t JSON of the sessions
export const encodeVisitor = ({ version, sessions }: VisitorSessions): VisitorLine => {
  const times = sessions.map(({ start, closesAfter }) => `${start},${closesAfter}`).join(';')
  return `${version}\t${times}\t[${sessions.map(sessionJson).join()}]`
}

export const decodeVisitor = (line: VisitorLine): VisitorSessions => {
  const sessions: WireSession[] = JSON.parse(line.slice(line.lastIndexOf('\t') + 1))
  return { version: versionOf(line), sessions: sessions.map(openSessionOf) }
}

export const versionOf = (line: VisitorLine): number => Number(line.slice(0, line.indexOf('\t')))

export const timesOf = (line: VisitorLine): SessionTimes[] =>
  line
    .slice(line.indexOf('\t') + 1, line.lastIndexOf('\t'))
    .split(';')
    .map((pair) => {
      const comma = pair.indexOf(',')
      return { start: Number(pair.slice(0, comma)), closesAfter: Number(pair.slice(comma + 1)) }
    })

/** JSON without a character beyond ASCII: one byte a character in memory, and no two ways to cut it. */
export const asciiJson = (value: unknown): string => {
  const json = JSON.stringify(value)
  if (!beyondAscii.test(json)) return json
  return json.replace(everyBeyondAscii, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

const beyondAscii = /[\u0080-\uffff]/
const everyBeyondAscii = /[\u0080-\uffff]/g

type Facts = OpenSession['first']['facts']
type Text = OpenSession['userId']
/** Place of an event in the session's table of events: of six that are told apart, most are the same one or two. */
type WireText = readonly [event: number, text: string] | 0

type WireSession = readonly [
  scalars: readonly [
    id: string,
    order: number,
    start: EpochMs,
    end: EpochMs,
    lastArrival: EpochMs,
    closesAfter: EpochMs,
    events: number,
    pageViews: number,
    revenue: string,
    isBot: boolean,
    late: boolean,
  ],
  events: readonly (readonly [time: EpochMs, key: string])[],
  first: number,
  facts: readonly string[],
  texts: readonly [anonymousId: WireText, userId: WireText, entryPage: WireText, exitPage: WireText],
  absorbedIds: readonly string[],
]

const factNames = [
  'referrerHost',
  'channel',
  'utmSource',
  'utmMedium',
  'utmCampaign',
  'country',
  'deviceClass',
  'browser',
  'os',
] as const satisfies readonly (keyof Facts)[]

/** A `WireSession` as JSON. Put together by hand: it is written for every visitor at each commit. */
const sessionJson = (session: OpenSession): string => {
  const events: { readonly time: EpochMs; readonly key: string }[] = []
  const placeOf = (event: { readonly time: EpochMs; readonly key: string }): number => {
    const known = events.findIndex(({ time, key }) => time === event.time && key === event.key)
    return known === -1 ? events.push(event) - 1 : known
  }
  const textJson = (text: Text): string => (text === null ? '0' : `[${placeOf(text)},${quoted(text.text)}]`)
  const { id, start, end, lastArrival, closesAfter, first, absorbedIds } = session
  const times = `${start},${end},${lastArrival},${closesAfter}`
  const counts = `${session.events},${session.pageViews},"${session.revenue}",${session.isBot},${session.late}`
  const texts = `${textJson(session.anonymousId)},${textJson(session.userId)},${textJson(session.entryPage)},${textJson(session.exitPage)}`
  const firstPlace = placeOf(first)
  const facts = factNames.map((name) => quoted(first.facts[name])).join()
  const marks = events.map(({ time, key }) => `[${time},${quoted(key)}]`).join()
  const absorbed = absorbedIds.map(quoted).join()
  return `[[${quoted(id)},${session.order},${times},${counts}],[${marks}],${firstPlace},[${facts}],[${texts}],[${absorbed}]]`
}

/** As JSON, all ASCII. */
const quoted = (text: string): string => (plainText.test(text) ? `"${text}"` : asciiJson(text))

/** Printable ASCII without quote and backslash. */
const plainText = /^[ !#-[\]-~]*$/

const openSessionOf = ([scalars, events, first, facts, texts, absorbedIds]: WireSession): OpenSession => {
  const at = (place: number) => {
    const event = events[place]
    if (event === undefined) throw new Error(`a session of ${events.length} events names event ${place}`)
    return { time: event[0], key: event[1] }
  }
  const textAt = (text: WireText): Text => (text === 0 ? null : { ...at(text[0]), text: text[1] })
  const [id, order, start, end, lastArrival, closesAfter, count, pageViews, revenue, isBot, late] = scalars
  return {
    id,
    order,
    start,
    end,
    lastArrival,
    closesAfter,
    events: count,
    pageViews,
    revenue,
    isBot,
    late,
    first: { ...at(first), facts: factsOf(facts) },
    anonymousId: textAt(texts[0]),
    userId: textAt(texts[1]),
    entryPage: textAt(texts[2]),
    exitPage: textAt(texts[3]),
    absorbedIds,
  }
}

const factsOf = (f: readonly string[]): Facts => ({
  referrerHost: f[0] ?? '',
  channel: f[1] ?? '',
  utmSource: f[2] ?? '',
  utmMedium: f[3] ?? '',
  utmCampaign: f[4] ?? '',
  country: f[5] ?? '',
  deviceClass: f[6] ?? '',
  browser: f[7] ?? '',
  os: f[8] ?? '',
})
