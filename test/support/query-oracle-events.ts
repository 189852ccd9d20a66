import { type ExpectedRow, groupBy, periodOf } from './query-oracle-rows.ts'

export type EventRow = {
  readonly event: string
  readonly event_time: number
  readonly received_at: number
  readonly sent_at: number | null
  readonly person_id: string
  readonly visitor: string
  readonly is_bot: boolean
  readonly user_agent: string | null
  readonly browser: string | null
  readonly user_id: string | null
  readonly page_path: string | null
  readonly geo_country: string | null
  readonly flags: readonly string[]
  readonly library_version: string | null
  readonly properties_order_id: string | null
  readonly properties_revenue: number | null
  readonly properties_currency: string | null
  readonly properties_status: number | null
  readonly properties_bytes: number | null
}

const distinct = <Value>(values: readonly Value[]): number => new Set(values).size
const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0)
const isView = ({ event }: EventRow): boolean => event === 'Page Viewed' || event === 'Screen Viewed'

const isOrder = ({ event, properties_revenue }: EventRow): boolean =>
  event === 'Order Completed' && (properties_revenue ?? 0) >= 0

/** By country. Of `all` the people are left out that are crawlers; of equal times the row before comes first. */
export function revenueOracle(all: readonly EventRow[], every: 'day' | 'week' | 'month'): ExpectedRow[] {
  const events = all.filter(({ is_bot }) => !is_bot)
  const inTime = events.filter(isOrder).toSorted((a, b) => a.event_time - b.event_time)
  const isRepeated = (order: EventRow) =>
    order.properties_order_id !== null &&
    inTime.find(({ properties_order_id }) => properties_order_id === order.properties_order_id) !== order
  const placeOf = ({ event_time, geo_country }: EventRow) => [
    periodOf(event_time, every),
    geo_country ?? '(none)',
  ]
  const moneyed = events.filter(({ event }) => event === 'Order Completed' || event === 'Order Refunded')
  const keyOf = (row: EventRow) => JSON.stringify([...placeOf(row), row.properties_currency ?? '(none)'])
  return [...groupBy(moneyed, keyOf)].map(([key, group]) => {
    const [period, segment, currency] = JSON.parse(key)
    const orders: EventRow[] = []
    let [refunds, refunded] = [0, 0]
    for (const row of group) {
      const amount = row.properties_revenue ?? 0
      if (isOrder(row)) orders.push(row)
      else {
        refunds++
        refunded -= Math.abs(amount)
      }
    }
    const gross = sum(orders.map(({ properties_revenue }) => properties_revenue ?? 0))
    const people = distinct(
      events
        .filter((row) => String(placeOf(row)) === String([period, segment]))
        .map(({ person_id }) => person_id),
    )
    return {
      period,
      segment,
      currency,
      orders: orders.length,
      repeated_orders: orders.filter(isRepeated).length,
      refunds,
      gross,
      refunded,
      revenue: gross + refunded,
      buyers: distinct(orders.map(({ person_id }) => person_id)),
      average_order: orders.length === 0 ? null : gross / orders.length,
      people,
      revenue_per_person: people === 0 ? null : (gross + refunded) / people,
    }
  })
}

export function topPagesOracle(events: readonly EventRow[]): ExpectedRow[] {
  const views = events.filter(isView)
  return [...groupBy(views, ({ page_path }) => page_path ?? '(none)')].map(([page, group]) => {
    const people = distinct(group.map(({ person_id }) => person_id))
    return {
      page,
      views: group.length,
      share: group.length / views.length,
      people,
      views_per_person: group.length / people,
    }
  })
}

export function pageResponsesOracle(events: readonly EventRow[]): ExpectedRow[] {
  const requests = events.filter(
    ({ event, properties_status }) => event === 'Page Viewed' && properties_status,
  )
  return [...groupBy(requests, ({ page_path }) => page_path ?? '(none)')].map(([page, group]) => {
    const statuses = group.map(({ properties_status }) => String(properties_status))
    const bytes = group.flatMap(({ properties_bytes }) => properties_bytes ?? [])
    const client = statuses.filter((status) => status.startsWith('4')).length
    const server = statuses.filter((status) => status.startsWith('5')).length
    return {
      page,
      requests: group.length,
      not_found: statuses.filter((status) => status === '404' || status === '410').length,
      client_errors: client,
      server_errors: server,
      error_rate: (client + server) / group.length,
      mean_bytes: bytes.length === 0 ? null : sum(bytes) / bytes.length,
      max_bytes: bytes.length === 0 ? null : Math.max(...bytes),
    }
  })
}

/** The families of the agents that the test makes: their first word, or Crawlbot. */
export function botsOracle(events: readonly EventRow[]): ExpectedRow[] {
  const familyOf = ({ user_agent, browser, is_bot }: EventRow): string => {
    if (is_bot && user_agent?.includes('Crawlbot')) return 'Crawlbot'
    return browser ?? user_agent?.split('/')[0] ?? '(none)'
  }
  return [...groupBy(events, (row) => JSON.stringify([familyOf(row), row.is_bot]))].map(([key, group]) => {
    const [family, is_bot] = JSON.parse(key)
    const agents = group.map(({ user_agent }) => user_agent)
    const people = distinct(group.map(({ person_id }) => person_id))
    return {
      family,
      is_bot,
      events: group.length,
      share: group.length / events.length,
      people,
      events_per_person: group.length / people,
      user_agents: distinct(agents),
      example_user_agent: agents.filter((agent) => agent !== null).toSorted()[0] ?? null,
    }
  })
}

/** Rows of `data-quality` as event, measure, detail, events, share, seconds. */
export function dataQualityOracle(events: readonly EventRow[], lateMs: number): ExpectedRow[] {
  const rows: ExpectedRow[] = []
  for (const [event, group] of groupBy(events, (row) => row.event)) {
    const add = (measure: string, detail: string, count: number) =>
      rows.push({ event, measure, detail, events: count, share: count / group.length, seconds: null })
    add('accepted', '', group.length)
    add('late', '', group.filter(({ event_time, received_at }) => received_at - event_time > lateMs).length)
    for (const [flag, flags] of groupBy(
      group.flatMap((row) => row.flags),
      String,
    ))
      add('flag', flag, flags.length)
    const libraries = groupBy(
      group,
      ({ library_version }) => `lib${library_version ? ` ${library_version}` : ''}`,
    )
    for (const [library, users] of libraries) add('library', library, users.length)
    const columns = {
      user_id: group.map((row) => row.user_id),
      sent_at: group.map((row) => row.sent_at),
      page_path: group.map((row) => row.page_path),
      geo_country: group.map((row) => row.geo_country),
      user_agent: group.map((row) => row.user_agent),
      properties_order_id: group.map((row) => row.properties_order_id),
      properties_revenue: group.map((row) => row.properties_revenue),
      properties_currency: group.map((row) => row.properties_currency),
    }
    for (const [name, values] of Object.entries(columns)) {
      const missing = values.filter((value) => value === null).length
      if (missing > 0 && missing < group.length) add('missing', name, missing)
    }
    const percentile = (measure: string, ms: readonly number[], share: number) => {
      const sorted = ms.toSorted((a, b) => a - b)
      const value = sorted[Math.ceil((share * sorted.length) / 100) - 1]
      if (value !== undefined)
        rows.push({
          event,
          measure,
          detail: `p${share}`,
          events: ms.length,
          share: null,
          seconds: Math.floor(value / 100) / 10,
        })
    }
    const delays = group.map(({ event_time, received_at }) => received_at - event_time)
    const skews = group.flatMap(({ sent_at, received_at }) =>
      sent_at === null ? [] : [sent_at - received_at],
    )
    for (const share of [50, 99]) {
      percentile('delay', delays, share)
      percentile('clock_skew', skews, share)
    }
  }
  return rows
}

/** Visitors with their busiest minute and day, as `suspicious-visitors` judges them. */
export function suspiciousVisitorsOracle(
  events: readonly EventRow[],
  sessions: readonly { readonly visitor: string; readonly started_at: number }[],
  limits: { readonly perMinute: number; readonly sessionsPerDay: number },
): ExpectedRow[] {
  return [...groupBy(events, ({ visitor }) => visitor)].flatMap(([visitor, mine]) => {
    const most = (times: readonly number[], unitMs: number) =>
      Math.max(
        0,
        ...[...groupBy(times, (ms) => String(Math.floor(ms / unitMs)))].map(([, same]) => same.length),
      )
    const times = mine.map(({ event_time }) => event_time)
    const visits = sessions
      .filter((session) => session.visitor === visitor)
      .map(({ started_at }) => started_at)
    const [perMinute, perDay] = [most(times, 60_000), most(visits, 86_400_000)]
    const reasons = [
      ...(perMinute > limits.perMinute ? ['fast'] : []),
      ...(perDay > limits.sessionsPerDay ? ['restless'] : []),
    ]
    if (reasons.length === 0) return []
    return {
      visitor,
      reason: reasons.join(' and '),
      events: mine.length,
      most_per_minute: perMinute,
      most_sessions_per_day: perDay,
      is_bot: mine.some(({ is_bot }) => is_bot),
      user_agent:
        mine
          .flatMap(({ user_agent }) => user_agent ?? [])
          .toSorted()
          .at(-1) ?? null,
      first_seen: new Date(Math.min(...times)).toISOString(),
      last_seen: new Date(Math.max(...times)).toISOString(),
    }
  })
}
