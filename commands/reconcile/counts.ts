/** What is counted, per UTC hour of arrival: `2026-11-21T04`. */
export type HourCounts = {
  readonly received: number
  readonly accepted: number
  readonly quarantined: number
  readonly duplicate: number
}

/** The same quantities from one side: what the functions counted as events passed, or what lies in the lake. */
export type Counts = {
  readonly hours: ReadonlyMap<string, HourCounts>
  readonly lanes: LaneCounts
  /** Checks over all time, by their name. */
  readonly totals: ReadonlyMap<string, number>
}

export const noEvents: HourCounts = { received: 0, accepted: 0, quarantined: 0, duplicate: 0 }

/** `2026-11-21T04` of a time. */
export const hourOf = (timeMs: number): string => new Date(timeMs).toISOString().slice(0, 13)

/** `2026-11-21` of a time. */
export const dayOf = (timeMs: number): string => new Date(timeMs).toISOString().slice(0, 10)

/**
 * Where a number of one lane belongs. Of the account (accepted, quarantined) the window is the hour of arrival; of a
 * metric it is the hour, or the day, in which the events happened or the sessions began.
 */
export type LanePlace = { readonly window: string; readonly lane: number; readonly name: string }

/** Numbers by their place. What the raw archive has received is in no lane yet, and so in none of them. */
export class LaneCounts {
  readonly #counts = new Map<string, { readonly place: LanePlace; count: number }>()

  add(place: LanePlace, count: number): void {
    const held = this.#counts.get(keyOf(place))
    if (held) held.count += count
    else this.#counts.set(keyOf(place), { place, count })
  }

  get(place: LanePlace): number {
    return this.#counts.get(keyOf(place))?.count ?? 0
  }

  places(): LanePlace[] {
    return Array.from(this.#counts.values(), ({ place }) => place)
  }
}

export const keyOf = ({ window, lane, name }: LanePlace): string => `${window} ${lane} ${name}`

/** Names of the totals; a metric has its own. */
export const total = {
  received: 'received',
  accepted: 'accepted',
  quarantined: 'quarantined',
  duplicate: 'duplicate',
  shown: 'events in events_once',
  sessions: 'sessions closed',
  sessionsThatDiffer: 'sessions whose events are not those of events_once',
  eventsInSessions: 'events in closed sessions',
  metric: (name: string) => `metric ${name}`,
  /** The lanes' panes and the corrections of the batch layer together. */
  corrected: (name: string) => `metric ${name}, corrected`,
} as const
