import { type ExpectedRow, groupBy } from './query-oracle-rows.ts'

export type CountedEvent = {
  readonly event: string
  readonly event_time: number
  readonly person_id: string
  readonly is_bot: boolean
}

export type CountedSession = {
  readonly channel: string | null
  readonly started_at: number
  readonly person_id: string
  readonly duration_ms: number
  readonly events: number
  readonly page_views: number
  readonly bounced: boolean
  readonly revenue: number
}

export type RefusedEvent = {
  readonly origin: string
  readonly reason: string
  readonly received_at: number
  readonly payload: string
}

const isoHour = (time: number): string => `${new Date(time).toISOString().slice(0, 13)}:00:00.000Z`

const peopleOf = (items: readonly { readonly person_id: string }[]): number =>
  new Set(items.map(({ person_id }) => person_id)).size

const sumOf = (numbers: readonly number[]): number => numbers.reduce((sum, number) => sum + number, 0)

const byText = (a: string, b: string): number => (String(a) < String(b) ? -1 : String(a) > String(b) ? 1 : 0)

export const eventsByHourOracle = (events: readonly CountedEvent[]): ExpectedRow[] =>
  [...groupBy(events, ({ event, event_time }) => `${isoHour(event_time)} ${event}`).values()].map(
    (group) => ({
      hour: isoHour(group[0]?.event_time ?? 0),
      event: group[0]?.event ?? '',
      events: group.length,
      people: peopleOf(group),
    }),
  )

export const channelsOracle = (sessions: readonly CountedSession[]): ExpectedRow[] =>
  [...groupBy(sessions, ({ channel }) => channel ?? '(none)')].map(([channel, group]) => ({
    channel,
    sessions: group.length,
    people: peopleOf(group),
    bounce_rate: group.filter(({ bounced }) => bounced).length / group.length,
    pages: sumOf(group.map(({ page_views }) => page_views)) / group.length,
    revenue: sumOf(group.map(({ revenue }) => revenue)),
    revenue_per_session: sumOf(group.map(({ revenue }) => revenue)) / group.length,
  }))

export const sessionsByDayOracle = (sessions: readonly CountedSession[]): ExpectedRow[] =>
  [...groupBy(sessions, ({ started_at }) => new Date(started_at).toISOString().slice(0, 10))].map(
    ([day, group]) => ({
      day,
      sessions: group.length,
      people: peopleOf(group),
      events: sumOf(group.map(({ events }) => events)),
      page_views: sumOf(group.map(({ page_views }) => page_views)),
      seconds: sumOf(group.map(({ duration_ms }) => duration_ms)) / group.length / 1000,
      bounce_rate: group.filter(({ bounced }) => bounced).length / group.length,
    }),
  )

/** Of copies of an origin, which are equal, one counts. */
export const badEventsOracle = (copies: readonly RefusedEvent[]): ExpectedRow[] => {
  const events = [...new Map(copies.map((event) => [event.origin, event])).values()]
  return [...groupBy(events, ({ reason }) => reason)].map(([reason, group]) => {
    const inOrder = group.toSorted((a, b) => a.received_at - b.received_at || byText(a.origin, b.origin))
    return {
      reason,
      events: group.length,
      first_received: new Date(inOrder[0]?.received_at ?? 0).toISOString(),
      last_received: new Date(inOrder.at(-1)?.received_at ?? 0).toISOString(),
      example_reasons: '[]',
      example_payload: inOrder.at(-1)?.payload.slice(0, 200) ?? '',
    }
  })
}
