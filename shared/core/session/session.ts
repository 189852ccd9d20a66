import type { EpochMs, SessionFacts } from '../event/outcome.ts'

/** Facts of one event; its money is counted apart, as an integer. */
export type EventFacts = Omit<SessionFacts, 'revenue'>

export type SessionSettings = {
  /** Longest silence inside a session; a gap of exactly this does not split. */
  readonly gapMs: number
  /** How late an event may be and still find its session open. */
  readonly latenessMs: number
}

/** Facts and place of one event of a session; events order by time, then by key, whatever order they arrived in. */
export type Mark = { readonly time: EpochMs; readonly key: string }
/** What the row of a session says of its first event; the rest is kept on its own. */
export type EntryFacts = Omit<EventFacts, 'anonymousId' | 'userId' | 'isPageView' | 'pagePath' | 'isBot'>
type FirstEvent = Mark & { readonly facts: EntryFacts }
export type LatestText = Mark & { readonly text: string }

/** A session that can still grow. Plain data: it is written to segments as it is. */
export type OpenSession = {
  /** From its first-arrived event, so that it stays while the session grows. */
  readonly id: string
  /** How many events the lane had folded when it opened: on a merge the lower one survives. */
  readonly order: number
  readonly start: EpochMs
  readonly end: EpochMs
  readonly lastArrival: EpochMs
  /** It closes when the clock passes this. Kept with it, so that a change of settings loses no session. */
  readonly closesAfter: EpochMs
  readonly events: number
  readonly pageViews: number
  /** Millionths, as decimal text, so that sums do not depend on the order. */
  readonly revenue: string
  readonly isBot: boolean
  /** Opened or widened by an event later than the allowed lateness: what it would have joined may be closed already. */
  readonly late: boolean
  readonly first: FirstEvent
  readonly anonymousId: LatestText | null
  readonly userId: LatestText | null
  readonly entryPage: LatestText | null
  readonly exitPage: LatestText | null
  readonly absorbedIds: readonly string[]
}

export type SessionEvent = {
  readonly eventTime: EpochMs
  readonly receivedAt: EpochMs
  readonly key: string
  readonly facts: EventFacts
  /** Millionths, as decimal text. */
  readonly revenue: string
}

const before = (a: Mark, b: Mark): boolean => a.time < b.time || (a.time === b.time && a.key < b.key)

const earlier = <M extends Mark>(a: M | null, b: M | null): M | null =>
  a === null ? b : b === null || before(a, b) ? a : b

const later = <M extends Mark>(a: M | null, b: M | null): M | null =>
  a === null ? b : b === null || before(b, a) ? a : b

const text = (event: SessionEvent, value: string): LatestText | null =>
  value === '' ? null : { time: event.eventTime, key: event.key, text: value }

const closesAfter = (end: EpochMs, lastArrival: EpochMs, { gapMs, latenessMs }: SessionSettings): EpochMs =>
  Math.max(end, lastArrival) + gapMs + latenessMs

const entryFacts = (facts: EventFacts): EntryFacts => ({
  referrerHost: facts.referrerHost,
  channel: facts.channel,
  utmSource: facts.utmSource,
  utmMedium: facts.utmMedium,
  utmCampaign: facts.utmCampaign,
  country: facts.country,
  deviceClass: facts.deviceClass,
  browser: facts.browser,
  os: facts.os,
})

/** The session of one event. */
export const openSession = (
  event: SessionEvent,
  identity: { readonly id: string; readonly order: number; readonly late: boolean },
  settings: SessionSettings,
): OpenSession => {
  const { facts, eventTime, receivedAt, key } = event
  const page = text(event, facts.pagePath)
  return {
    id: identity.id,
    order: identity.order,
    start: eventTime,
    end: eventTime,
    lastArrival: receivedAt,
    closesAfter: closesAfter(eventTime, receivedAt, settings),
    events: 1,
    pageViews: facts.isPageView ? 1 : 0,
    revenue: event.revenue,
    isBot: facts.isBot,
    late: identity.late,
    first: { time: eventTime, key, facts: entryFacts(facts) },
    anonymousId: text(event, facts.anonymousId),
    userId: text(event, facts.userId),
    entryPage: page,
    exitPage: page,
    absorbedIds: [],
  }
}

/** What is not a sum, a bound or a first or last of both. */
type Identity = Pick<OpenSession, 'id' | 'order' | 'late' | 'absorbedIds'>

/** One session out of two whose events are no further apart than the gap. Commutative, ids aside associative. */
export const mergeSessions = (a: OpenSession, b: OpenSession, settings: SessionSettings): OpenSession => {
  const [survivor, absorbed] = a.order <= b.order ? [a, b] : [b, a]
  const absorbedIds =
    absorbed.id === survivor.id
      ? survivor.absorbedIds
      : [...survivor.absorbedIds, ...absorbed.absorbedIds, absorbed.id]
  const { id, order } = survivor
  return joined(a, b, { id, order, late: a.late || b.late, absorbedIds }, settings)
}

/** In the order of `openSession`: objects of one shape are faster to read. */
const joined = (
  a: OpenSession,
  b: OpenSession,
  identity: Identity,
  settings: SessionSettings,
): OpenSession => {
  const end = Math.max(a.end, b.end)
  const lastArrival = Math.max(a.lastArrival, b.lastArrival)
  return {
    id: identity.id,
    order: identity.order,
    start: Math.min(a.start, b.start),
    end,
    lastArrival,
    closesAfter: Math.max(a.closesAfter, b.closesAfter, closesAfter(end, lastArrival, settings)),
    events: a.events + b.events,
    pageViews: a.pageViews + b.pageViews,
    revenue: addDecimal(a.revenue, b.revenue),
    isBot: a.isBot || b.isBot,
    late: identity.late,
    first: before(a.first, b.first) ? a.first : b.first,
    anonymousId: later(a.anonymousId, b.anonymousId),
    userId: later(a.userId, b.userId),
    entryPage: earlier(a.entryPage, b.entryPage),
    exitPage: later(a.exitPage, b.exitPage),
    absorbedIds: identity.absorbedIds,
  }
}

const addDecimal = (a: string, b: string): string =>
  b === '0' ? a : a === '0' ? b : (BigInt(a) + BigInt(b)).toString()

/** The event is no session of its own: it leaves no absorbed id, and inside the bounds it is not late. */
const extend = (session: OpenSession, single: OpenSession, settings: SessionSettings): OpenSession => {
  const isInside = single.start >= session.start && single.start <= session.end
  const late = session.late || (single.late && !isInside)
  const { id, order, absorbedIds } = session
  return joined(session, single, { id, order, late, absorbedIds }, settings)
}

/** What an event does to the open sessions of its visitor: `current`, which it is in now, takes the place of [from, to). */
export type SessionChange = { readonly from: number; readonly to: number; readonly current: OpenSession }

/**
 * The event may extend one session, or bridge several, which then are one. sessions: those of its visitor by start; they
 * never overlap, so that a bisection finds the ones it reaches, however many there are.
 */
export const addToSessions = (
  sessions: readonly OpenSession[],
  single: OpenSession,
  settings: SessionSettings,
): SessionChange => {
  const time = single.start
  const from = countWhile(sessions, ({ end }) => end < time - settings.gapMs)
  const to = countWhile(sessions, ({ start }) => start <= time + settings.gapMs)
  let bridged = from < to ? sessions[from] : undefined
  if (bridged === undefined) return { from, to, current: single }
  if (to > from + 1)
    for (const other of sessions.slice(from + 1, to)) bridged = mergeSessions(bridged, other, settings)
  return { from, to, current: extend(bridged, single, settings) }
}

/** How many sessions stand at the start for which it holds; it holds for none behind them. */
const countWhile = (sessions: readonly OpenSession[], holds: (session: OpenSession) => boolean): number => {
  let [low, high] = [0, sessions.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    const session = sessions[middle]
    if (session !== undefined && holds(session)) low = middle + 1
    else high = middle
  }
  return low
}
