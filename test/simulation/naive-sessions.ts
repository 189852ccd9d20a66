import type { AcceptedEvent } from '../../shared/core/event/outcome.ts'

export type NaiveSession = {
  readonly visitor: string
  readonly start: number
  readonly end: number
  readonly events: number
  readonly pageViews: number
  /** Millionths. */
  readonly revenue: bigint
}

/** Sort, scan: a silence above the gap starts the next session. */
export const sessionsOf = (events: readonly AcceptedEvent[], gapMs: number): NaiveSession[] => {
  const sorted = [...events].sort((a, b) =>
    a.visitor === b.visitor ? a.eventTime - b.eventTime : a.visitor < b.visitor ? -1 : 1,
  )
  const sessions: NaiveSession[] = []
  for (const event of sorted) {
    const one = sessionOfOne(event)
    const last = sessions.at(-1)
    if (last?.visitor === one.visitor && one.start - last.end <= gapMs)
      sessions[sessions.length - 1] = joined(last, one)
    else sessions.push(one)
  }
  return sessions
}

const sessionOfOne = (event: AcceptedEvent): NaiveSession => ({
  visitor: event.visitor,
  start: event.eventTime,
  end: event.eventTime,
  events: 1,
  pageViews: event.session.isPageView ? 1 : 0,
  revenue: BigInt(Math.round(event.session.revenue * 1e6)),
})

export const joined = (a: NaiveSession, b: NaiveSession): NaiveSession => ({
  visitor: a.visitor,
  start: Math.min(a.start, b.start),
  end: Math.max(a.end, b.end),
  events: a.events + b.events,
  pageViews: a.pageViews + b.pageViews,
  revenue: a.revenue + b.revenue,
})

export const describe = ({ visitor, start, end, events, pageViews, revenue }: NaiveSession): string =>
  `${visitor} ${new Date(start).toISOString()} ${new Date(end).toISOString()} ${events} events ${pageViews} views ${revenue}`
