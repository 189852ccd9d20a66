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
type Mark = { readonly time: EpochMs; readonly key: string }
/** What the row of a session says of its first event; the rest is kept on its own. */
export type EntryFacts = Omit<EventFacts, 'anonymousId' | 'userId' | 'isPageView' | 'pagePath' | 'isBot'>
type FirstEvent = Mark & { readonly facts: EntryFacts }
type LatestText = Mark & { readonly text: string }

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
    ...identity,
    start: eventTime,
    end: eventTime,
    lastArrival: receivedAt,
    closesAfter: closesAfter(eventTime, receivedAt, settings),
    events: 1,
    pageViews: facts.isPageView ? 1 : 0,
    revenue: event.revenue,
    isBot: facts.isBot,
    first: { time: eventTime, key, facts: entryFacts(facts) },
    anonymousId: text(event, facts.anonymousId),
    userId: text(event, facts.userId),
    entryPage: page,
    exitPage: page,
    absorbedIds: [],
  }
}

/** One session out of two whose events are no further apart than the gap. Commutative, ids aside associative. */
export const mergeSessions = (a: OpenSession, b: OpenSession, settings: SessionSettings): OpenSession => {
  const [survivor, absorbed] = a.order <= b.order ? [a, b] : [b, a]
  const end = Math.max(a.end, b.end)
  const lastArrival = Math.max(a.lastArrival, b.lastArrival)
  return {
    id: survivor.id,
    order: survivor.order,
    late: a.late || b.late,
    start: Math.min(a.start, b.start),
    end,
    lastArrival,
    closesAfter: Math.max(a.closesAfter, b.closesAfter, closesAfter(end, lastArrival, settings)),
    events: a.events + b.events,
    pageViews: a.pageViews + b.pageViews,
    revenue: addDecimal(a.revenue, b.revenue),
    isBot: a.isBot || b.isBot,
    first: before(a.first, b.first) ? a.first : b.first,
    anonymousId: later(a.anonymousId, b.anonymousId),
    userId: later(a.userId, b.userId),
    entryPage: earlier(a.entryPage, b.entryPage),
    exitPage: later(a.exitPage, b.exitPage),
    absorbedIds:
      absorbed.id === survivor.id
        ? survivor.absorbedIds
        : [...survivor.absorbedIds, ...absorbed.absorbedIds, absorbed.id],
  }
}

const addDecimal = (a: string, b: string): string =>
  b === '0' ? a : a === '0' ? b : (BigInt(a) + BigInt(b)).toString()

/** True when an event at that time belongs to the session: it extends it, falls into it or bridges to it. */
export const reaches = (session: OpenSession, eventTime: EpochMs, gapMs: number): boolean =>
  eventTime >= session.start - gapMs && eventTime <= session.end + gapMs

/** The event is no session of its own: it leaves no absorbed id, and inside the bounds it is not late. */
const extend = (session: OpenSession, single: OpenSession, settings: SessionSettings): OpenSession => {
  const isInside = single.start >= session.start && single.start <= session.end
  const late = session.late || (single.late && !isInside)
  return mergeSessions(session, { ...single, id: session.id, order: session.order, late }, settings)
}

/**
 * Adds an event to the open sessions of its visitor; answers the sessions after it, and the one it is in now.
 * It may extend one, or bridge two, which then are one.
 */
export const addToSessions = (
  sessions: readonly OpenSession[],
  single: OpenSession,
  settings: SessionSettings,
): { readonly sessions: readonly OpenSession[]; readonly current: OpenSession } => {
  const apart: OpenSession[] = []
  let current: OpenSession | undefined
  for (const session of sessions) {
    if (!reaches(session, single.start, settings.gapMs)) apart.push(session)
    else current = current === undefined ? session : mergeSessions(current, session, settings)
  }
  const joined = current === undefined ? single : extend(current, single, settings)
  apart.push(joined)
  return { sessions: apart, current: joined }
}
