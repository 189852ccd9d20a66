import type { Arrival } from './stream.ts'

const minuteMs = 60_000
const dayMs = 1440 * minuteMs

/** Numbers of [0, 1) that a seed decides. */
export const randomOf = (seed: number): (() => number) => {
  let state = seed >>> 0 || 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
}

export type WorkloadOptions = {
  readonly seed: number
  readonly startMs: number
  readonly days: number
  readonly visitors: number
  readonly eventsPerVisitorDay: number
  /** Share of events that are late within what is allowed. */
  readonly disordered: number
  /** Share of events that come hours or days after their session closed. */
  readonly veryLate: number
}

const pick = <T>(items: readonly T[], random: () => number, none: T): T =>
  items[Math.floor(random() * items.length)] ?? none

/** Arrivals in their order. Visits crowd around midnight, so that many sessions and closings lie across it. */
export const workload = (o: WorkloadOptions): Arrival[] => {
  const random = randomOf(o.seed)
  const arrivals: Arrival[] = []
  for (let visitor = 0; visitor < o.visitors; visitor++)
    for (let day = 0; day < o.days; day++) {
      const isNightly = random() < 0.5
      const visit =
        o.startMs + day * dayMs + (isNightly ? dayMs - 50 * minuteMs * random() : dayMs * random())
      let time = visit
      for (let n = Math.ceil(random() * 2 * o.eventsPerVisitorDay); n > 0; n--) {
        arrivals.push(arrivalAt(Math.round(time), visitor, { ...o, random }))
        // Mostly inside the gap, at times exactly the gap or just past it.
        const step = random()
        time += step < 0.05 ? 30 * minuteMs : step < 0.1 ? 30 * minuteMs + 1 : random() * 25 * minuteMs
      }
    }
  const end = o.startMs + o.days * dayMs
  return arrivals.filter(({ receivedAt }) => receivedAt < end).sort((a, b) => a.receivedAt - b.receivedAt)
}

const arrivalAt = (
  eventTime: number,
  visitor: number,
  { random, disordered, veryLate }: WorkloadOptions & { readonly random: () => number },
): Arrival => {
  const luck = random()
  const delay =
    luck < veryLate
      ? (1 + random() * 60) * 60 * minuteMs
      : luck < veryLate + disordered
        ? random() * 14 * minuteMs
        : random() * 2_000
  const kind = random()
  return {
    visitor: `a:v${visitor}`,
    eventTime,
    receivedAt: eventTime + Math.round(delay),
    page: kind < 0.6 ? pick(['/', '/cart', '/help'], random, '/') : '',
    channel: pick(['direct', 'search', 'email'], random, 'direct'),
    revenue: kind > 0.9 ? Math.round(random() * 10_000) / 100 : 0,
    userId: random() < 0.1 ? `u${visitor}` : '',
  }
}
