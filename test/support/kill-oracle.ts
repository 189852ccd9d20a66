import { gunzipSync } from 'node:zlib'
import {
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
  ListShardsCommand,
} from '@aws-sdk/client-kinesis'

/** What must have come of the raw stream, by a naive program that shares no code with the product. */
export type Truth = {
  readonly received: number
  readonly duplicates: number
  /** Marks of all that is in the stream. */
  readonly marks: ReadonlySet<string>
  /** Everything below as sorted lines of text, so that two sides can be compared line by line. */
  readonly events: readonly string[]
  readonly bad: readonly string[]
  readonly sessions: readonly string[]
  readonly panes: readonly string[]
}

type Copy = { readonly text: string; readonly arrivalMs: number }
type Event = {
  readonly id: string
  readonly visitor: string
  readonly timeMs: number
  readonly name: string
  readonly isPage: boolean
  readonly cents: number
}

export async function truthOf(streamName: string, endpoint: string): Promise<Truth> {
  const copies = await copiesIn(streamName, endpoint)
  const events = new Map<string, Event>()
  const bad: string[] = []
  const marks = new Set<string>()
  const panes = new Map<string, number>()
  const count = (pane: string, timeMs: number, value = 1) => {
    const key = `${pane} ${minute(timeMs)}`
    panes.set(key, (panes.get(key) ?? 0) + value)
  }
  for (const { text, arrivalMs } of copies) {
    count('received', arrivalMs)
    const event = eventOf(text)
    marks.add(event?.id ?? markOf(text))
    if (event) events.set(event.id, event)
    else {
      bad.push(markOf(text))
      count('quarantined', arrivalMs)
    }
  }
  const sessions = sessionsOf([...events.values()])
  for (const { timeMs, name, isPage, cents } of events.values()) {
    count(`events ${name}`, timeMs)
    if (isPage) count('pageViews', timeMs)
    if (cents > 0) count('orders', timeMs)
    if (cents > 0) count('revenue', timeMs, cents)
  }
  for (const { start } of sessions) count('visits', start)
  return {
    received: copies.length,
    duplicates: copies.length - bad.length - events.size,
    marks,
    events: [...events.values()].map(eventLine).sort(),
    bad: bad.sort(),
    sessions: sessions.map(sessionLine).sort(),
    panes: [...panes].map(([pane, value]) => `${pane} ${value}`).sort(),
  }
}

export const minute = (timeMs: number): string => new Date(timeMs).toISOString().slice(0, 16)

export const markOf = (text: string): string => /\bb\d+\b/.exec(text)?.[0] ?? text

export const eventLine = (event: Pick<Event, 'id' | 'visitor' | 'timeMs' | 'name'>): string =>
  `${event.id} ${event.visitor} ${new Date(event.timeMs).toISOString()} ${event.name}`

export type Session = {
  readonly visitor: string
  readonly start: number
  readonly end: number
  readonly events: number
  readonly pageViews: number
  readonly cents: number
}

export const sessionLine = (session: Session): string => {
  const [start, end] = [new Date(session.start).toISOString(), new Date(session.end).toISOString()]
  const { visitor, events, pageViews, cents } = session
  return `${visitor} ${start} to ${end}: ${events} events, ${pageViews} pages, ${cents} cents`
}

const gapMs = 30 * 60_000

/** Sort, scan: a silence above the gap starts the next session. */
function sessionsOf(events: readonly Event[]): Session[] {
  const sorted = [...events].sort((a, b) =>
    a.visitor === b.visitor ? a.timeMs - b.timeMs : a.visitor < b.visitor ? -1 : 1,
  )
  const sessions: Session[] = []
  for (const { visitor, timeMs, isPage, cents } of sorted) {
    const one = { visitor, start: timeMs, end: timeMs, events: 1, pageViews: isPage ? 1 : 0, cents }
    const last = sessions.at(-1)
    if (last?.visitor !== visitor || timeMs - last.end > gapMs) sessions.push(one)
    else
      sessions[sessions.length - 1] = {
        ...last,
        end: timeMs,
        events: last.events + 1,
        pageViews: last.pageViews + one.pageViews,
        cents: last.cents + cents,
      }
  }
  return sessions
}

/** undefined for a bad one. */
function eventOf(text: string): Event | undefined {
  if (!text.startsWith('{')) return undefined
  const { type, event, messageId, anonymousId, timestamp, properties } = JSON.parse(text)
  const isPage = type === 'page'
  if (!isPage && event === undefined) return undefined
  if (event === 'Order Completed' && properties.revenue === undefined) return undefined
  return {
    id: messageId,
    visitor: `a:${anonymousId}`,
    timeMs: Date.parse(timestamp),
    name: isPage ? 'Page Viewed' : event,
    isPage,
    cents: Math.round((properties.revenue ?? 0) * 100),
  }
}

async function copiesIn(streamName: string, endpoint: string): Promise<Copy[]> {
  const credentials = { accessKeyId: 'tester', secretAccessKey: 'any' }
  const client = new KinesisClient({ endpoint, region: 'us-east-1', credentials })
  const { Shards = [] } = await client.send(new ListShardsCommand({ StreamName: streamName }))
  const copies: Copy[] = []
  for (const { ShardId } of Shards) {
    const from = { StreamName: streamName, ShardId, ShardIteratorType: 'TRIM_HORIZON' as const }
    let { ShardIterator } = await client.send(new GetShardIteratorCommand(from))
    while (ShardIterator !== undefined) {
      const answer = await client.send(new GetRecordsCommand({ ShardIterator }))
      for (const { Data, ApproximateArrivalTimestamp } of answer.Records ?? [])
        for (const text of textsIn(Buffer.from(Data ?? [])))
          copies.push({ text, arrivalMs: ApproximateArrivalTimestamp?.getTime() ?? 0 })
      ShardIterator = answer.MillisBehindLatest === 0 ? undefined : answer.NextShardIterator
    }
  }
  client.destroy()
  return copies
}

/** The events of a record, in the shapes that the load uses, and no control record. */
function textsIn(data: Buffer): string[] {
  const text = (data[0] === 0x1f ? gunzipSync(data) : data).toString()
  if (text.startsWith('{"weir"')) return []
  if (!text.startsWith('[')) return text.split('\n').filter((line) => line !== '')
  return JSON.parse(text).map((event: unknown) => JSON.stringify(event))
}
