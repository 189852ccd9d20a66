import type { Readout } from '../../local/metering/readout.ts'

/** What a run metered, and of how much. */
export type Run = {
  readonly units: Readout
  readonly events: number
  /** What Firehose brought to the lake by folder, of all events since the start. */
  readonly delivered: Readonly<Record<string, { objects: number; bytes: number }>>
  readonly allEvents: number
}

/** How much is run: the more, the closer to a stage that has been there for long. */
export type Effort = {
  /** At least so many events are metered on the way through archive and enrich. */
  readonly frontEvents: number
  /** So many visits come before the last hour, so that the panes of the day are not empty. */
  readonly morningVisits: number
  /** At most so many come in the hour before, whose sessions close while it is metered. */
  readonly hourVisits: number
  /** At most about so many events are metered in the lanes. */
  readonly laneEvents: number
}

export const effort: Effort = {
  frontEvents: 8_000,
  morningVisits: 10_000,
  hourVisits: 45_000,
  laneEvents: 100_000,
}

export const names = {
  archive: 'weir-local-archive',
  enrich: 'weir-local-enrich',
  aggregate: 'weir-local-aggregate',
  rawStream: 'weir-local-raw',
  laneStream: 'weir-local-lanes',
  metricsTable: 'weir-local-metrics',
  lakeBucket: 'weir-local-lake',
} as const

export const minuteMs = 60_000
export const hourMs = 60 * minuteMs

/** Midnight of yesterday: nothing of a run lies ahead of the clock on the wall, and all of it in one day. */
export const runDayMs = (): number => (Math.floor(Date.now() / (24 * hourMs)) - 1) * 24 * hourMs
