import type { ExpectedRow } from './query-oracle-rows.ts'

export type Touch = {
  readonly session_id: string
  readonly person_id: string
  readonly started_at: number
  readonly channel: string | null
  readonly is_bot: boolean
}
export type Conversion = {
  readonly person_id: string
  readonly event_time: number
  readonly properties_revenue: number | null
  readonly properties_currency: string | null
  readonly is_bot: boolean
}
export type AttributionModel = 'first' | 'last' | 'linear' | 'position' | 'decay'

/** Without crawlers. One conversion after another: looks its touches up, hands the credit out, adds it to the books. */
export function attributionOracle(
  allTouches: readonly Touch[],
  allConversions: readonly Conversion[],
  rules: {
    readonly model: AttributionModel
    readonly lookbackMs: number
    readonly halfLifeMs: number
    readonly skipDirect: boolean
  },
): ExpectedRow[] {
  const touches = allTouches.filter(({ is_bot }) => !is_bot)
  const conversions = allConversions.filter(({ is_bot }) => !is_bot)
  const books = new Map<string, { conversions: number; revenue: number; touched: Set<number> }>()
  for (const [place, conversion] of conversions.entries()) {
    const mine = touchesOf(conversion, touches, rules)
    const weights = weightsOf(
      rules.model,
      mine.map(({ started_at }) => conversion.event_time - started_at),
      rules.halfLifeMs,
    )
    const whole = weights.reduce((sum, weight) => sum + weight, 0)
    const segments = mine.length === 0 ? ['(no session)'] : mine.map(({ channel }) => channel ?? '(none)')
    for (const [index, segment] of segments.entries()) {
      const key = JSON.stringify([segment, conversion.properties_currency ?? '(none)'])
      const book = books.get(key) ?? { conversions: 0, revenue: 0, touched: new Set() }
      const credit = mine.length === 0 ? 1 : (weights[index] ?? 0) / whole
      book.conversions += credit
      book.revenue += credit * (conversion.properties_revenue ?? 0)
      book.touched.add(place)
      books.set(key, book)
    }
  }
  return [...books].map(([key, book]) => {
    const [segment, currency] = JSON.parse(key)
    return {
      segment,
      currency,
      conversions: book.conversions,
      share: book.conversions / conversions.length,
      revenue: book.revenue,
      touched: book.touched.size,
    }
  })
}

/** First to last. */
function touchesOf(
  { person_id, event_time }: Conversion,
  touches: readonly Touch[],
  { lookbackMs, skipDirect }: { readonly lookbackMs: number; readonly skipDirect: boolean },
): Touch[] {
  const inTime = touches
    .filter((touch) => touch.person_id === person_id)
    .filter(({ started_at }) => started_at <= event_time && event_time - started_at <= lookbackMs)
    .toSorted((a, b) => a.started_at - b.started_at || (a.session_id < b.session_id ? -1 : 1))
  const campaigns = inTime.filter(({ channel }) => channel !== 'direct' && channel !== 'internal')
  return skipDirect && campaigns.length > 0 ? campaigns : inTime
}

function weightsOf(model: AttributionModel, ages: readonly number[], halfLifeMs: number): number[] {
  const last = ages.length - 1
  switch (model) {
    case 'first':
      return ages.map((_, index) => (index === 0 ? 1 : 0))
    case 'last':
      return ages.map((_, index) => (index === last ? 1 : 0))
    case 'linear':
      return ages.map(() => 1)
    case 'position':
      if (ages.length === 1) return [100]
      if (ages.length === 2) return [50, 50]
      return ages.map((_, index) => (index === 0 || index === last ? 40 : 20 / (ages.length - 2)))
    case 'decay':
      return ages.map((age) => 0.5 ** (age / halfLifeMs))
  }
}
