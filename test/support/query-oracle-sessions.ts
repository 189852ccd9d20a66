import { type ExpectedRow, groupBy, periodOf } from './query-oracle-rows.ts'

export type SessionRow = {
  readonly person_id: string
  readonly started_at: number
  readonly duration_ms: number
  readonly page_views: number
  readonly events: number
  readonly bounced: boolean
  readonly is_bot: boolean
  readonly revenue: number
  readonly geo_country: string | null
  readonly entry_page: string | null
  readonly exit_page: string | null
}

const mean = (numbers: readonly number[]): number =>
  numbers.reduce((sum, number) => sum + number, 0) / numbers.length

const median = (numbers: readonly number[]): number => {
  const sorted = numbers.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  return Number.isInteger(middle)
    ? mean(sorted.slice(middle - 1, middle + 1))
    : (sorted[Math.floor(middle)] ?? 0)
}

export function sessionsOracle(
  sessions: readonly SessionRow[],
  every: 'day' | 'week' | 'month',
  segmentOf: (session: SessionRow) => string | null,
): ExpectedRow[] {
  const keyOf = (session: SessionRow) =>
    JSON.stringify([periodOf(session.started_at, every), segmentOf(session) ?? '(none)'])
  return [...groupBy(sessions, keyOf)].map(([key, group]) => {
    const [period, segment] = JSON.parse(key)
    const people = new Set(group.map(({ person_id }) => person_id)).size
    const engaged = group.filter(({ bounced }) => !bounced).length
    return {
      period,
      segment,
      sessions: group.length,
      people,
      engaged_sessions: engaged,
      engagement_rate: engaged / group.length,
      bounce_rate: 1 - engaged / group.length,
      median_seconds: median(group.map(({ duration_ms }) => duration_ms)) / 1000,
      pages_per_session: mean(group.map(({ page_views }) => page_views)),
      events_per_session: mean(group.map(({ events }) => events)),
      sessions_per_person: group.length / people,
    }
  })
}

export function entriesExitsOracle(sessions: readonly SessionRow[]): ExpectedRow[] {
  const pages = new Set(
    sessions.flatMap(({ entry_page, exit_page }) => [entry_page ?? '(none)', exit_page ?? '(none)']),
  )
  return [...pages].map((page) => {
    const entered = sessions.filter(({ entry_page }) => (entry_page ?? '(none)') === page)
    const bounces = entered.filter(({ bounced }) => bounced).length
    const exits = sessions.filter(({ exit_page }) => (exit_page ?? '(none)') === page).length
    return {
      page,
      entries: entered.length,
      entry_share: entered.length / sessions.length,
      bounces,
      bounce_rate: entered.length === 0 ? null : bounces / entered.length,
      revenue_per_entry: entered.length === 0 ? null : mean(entered.map(({ revenue }) => revenue)),
      exits,
      exit_share: exits / sessions.length,
    }
  })
}
