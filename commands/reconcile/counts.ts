/** What is counted, per UTC hour of arrival: `2026-11-21T04`. */
export type HourCounts = {
  readonly received: number
  readonly accepted: number
  readonly quarantined: number
}

/** The same quantities from one side: what the functions counted as events passed, or what lies in the lake. */
export type Counts = {
  readonly hours: ReadonlyMap<string, HourCounts>
  /** Checks over all time, by their name. */
  readonly totals: ReadonlyMap<string, number>
}

export const noEvents: HourCounts = { received: 0, accepted: 0, quarantined: 0 }

/** `2026-11-21T04` of a time. */
export const hourOf = (timeMs: number): string => new Date(timeMs).toISOString().slice(0, 13)

/** Names of the totals; a metric has its own. */
export const total = {
  received: 'received',
  accepted: 'accepted',
  quarantined: 'quarantined',
  sessions: 'sessions closed',
  sessionsThatDiffer: 'sessions whose events are not those of events_once',
  eventsInSessions: 'events in closed sessions',
  metric: (name: string) => `metric ${name}`,
} as const
