import type { EpochMs } from '../event/outcome.ts'
import type { EntryFacts, OpenSession } from '../session/session.ts'
import { RecordWriter } from './record-writer.ts'

/**
 * Records of the visitors of a segment of format 1 or 2, which held a line of ASCII text of each:
 * JSON of the visitor, version, times and JSON of the sessions, with tabs in between.
 */
export const recordsOfLines = (lines: string): Uint8Array => {
  const writer = new RecordWriter()
  for (const line of lines === '' ? [] : lines.split('\n')) {
    const [visitor = '', version, , sessions = ''] = line.split('\t')
    const wire: WireSession[] = JSON.parse(sessions)
    writer.add(JSON.parse(visitor), Number(version), wire.map(openSessionOf))
  }
  return writer.take()
}

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

const factsOf = (f: readonly string[]): EntryFacts => ({
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
