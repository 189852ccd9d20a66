import { formatTimestamp } from '../../../shared/core/event/timestamp.ts'
import { isAddable, toScaled } from '../../../shared/core/metric/scaled.ts'
import { addToSessions, type OpenSession, openSession } from '../../../shared/core/session/session.ts'
import { type SessionRow, sessionRow } from '../../../shared/core/session/session-row.ts'
import { noFacts, laneSettings as settings } from '../lane-events.ts'

/** An event as it arrived, before any stream or batch has looked at it. */
export type Arrival = {
  readonly visitor: string
  readonly eventTime: number
  readonly receivedAt: number
  readonly page: string
  readonly channel: string
  readonly revenue: number
  readonly userId: string
}

export type StreamEvent = Arrival & { readonly origin: string; readonly sessionId: string }

export type ClosedSession = { readonly row: SessionRow; readonly closesAfter: number; readonly start: number }

/** What the stream makes of arrivals, one by one in their order, its clock at the last one. */
export class Stream {
  readonly events: StreamEvent[] = []
  readonly closed: ClosedSession[] = []
  readonly #open = new Map<string, readonly OpenSession[]>()

  add(arrival: Arrival): void {
    this.advance(arrival.receivedAt)
    const order = this.events.length
    const origin = `shardId-000000000000:${String(order).padStart(12, '0')}:0`
    const late = arrival.eventTime + settings.latenessMs < arrival.receivedAt
    const single = openSession(
      {
        eventTime: arrival.eventTime,
        receivedAt: arrival.receivedAt,
        key: origin,
        facts: {
          ...noFacts,
          anonymousId: arrival.visitor.slice(2),
          userId: arrival.userId,
          isPageView: arrival.page !== '',
          pagePath: arrival.page,
          channel: arrival.channel,
        },
        revenue: isAddable(arrival.revenue) ? toScaled(arrival.revenue) : '0',
      },
      { id: `s${order}`, order, late },
      settings,
    )
    const before = this.#open.get(arrival.visitor) ?? []
    const { from, to, current } = addToSessions(before, single, settings)
    this.#open.set(arrival.visitor, before.toSpliced(from, to - from, current))
    this.events.push({ ...arrival, origin, sessionId: current.id })
  }

  /** Closes what a clock closes. */
  advance(clock: number): void {
    for (const [visitor, sessions] of this.#open) {
      const open = sessions.filter(({ closesAfter }) => closesAfter >= clock)
      if (open.length === sessions.length) continue
      for (const session of sessions)
        if (!open.includes(session))
          this.closed.push({
            row: sessionRow(visitor, session),
            closesAfter: session.closesAfter,
            start: session.start,
          })
      this.#open.set(visitor, open)
    }
  }
}

/** Partition into which Firehose put a row. */
export const partitionAt = (ms: number): { readonly dt: string; readonly hour: string } => {
  const text = formatTimestamp(ms)
  return { dt: text.slice(0, 10), hour: text.slice(11, 13) }
}

export const eventRowOf = (event: StreamEvent): Record<string, unknown> => ({
  origin: event.origin,
  event_id: event.origin,
  event: event.page !== '' ? 'Page Viewed' : event.revenue !== 0 ? 'Order Completed' : 'Clicked',
  type: event.page !== '' ? 'page' : 'track',
  visitor: event.visitor,
  anonymous_id: event.visitor.slice(2),
  user_id: event.userId === '' ? null : event.userId,
  session_id: event.sessionId,
  event_time: formatTimestamp(event.eventTime),
  received_at: formatTimestamp(event.receivedAt),
  page_path: event.page === '' ? null : event.page,
  channel: event.channel,
  is_bot: false,
  properties: event.revenue !== 0 ? JSON.stringify({ revenue: event.revenue }) : null,
  properties_revenue: event.revenue !== 0 ? event.revenue : null,
})
