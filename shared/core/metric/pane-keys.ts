import type { EpochMs } from '../event/outcome.ts'
import { isGrain } from '../window/grain.ts'
import type { Grain } from './contribution.ts'

export type PaneKeys = {
  /** `<metric>#<grain>#<day of window start>` */
  readonly pk: string
  /** `<window start, ISO minute>#<lane, 3 digits>#<generation, 12 digits>`; `batch` in place of the lane for a correction */
  readonly sk: string
}

/** Who wrote a pane: a lane, by its number, or the batch layer, whose panes correct those of the lanes. */
export type PaneWriter = number | 'batch'

export type PaneName = {
  readonly metric: string
  readonly grain: Grain
  readonly windowStart: EpochMs
  readonly lane: PaneWriter
  readonly generation: number
}

export const paneKeys = (pane: PaneName): PaneKeys => {
  const lane = String(pane.lane).padStart(3, '0')
  const generation = String(pane.generation).padStart(12, '0')
  return {
    pk: partitionKey(pane.metric, pane.grain, pane.windowStart),
    sk: `${isoMinute(pane.windowStart)}#${lane}#${generation}`,
  }
}

/** Windows of one day share a partition: a chart of a day is one query. */
export const partitionKey = (metric: string, grain: Grain, timeMs: EpochMs): string =>
  `${metric}#${grain}#${isoMinute(timeMs).slice(0, -6)}`

/** `2026-11-30T12:00`; years outside 0 to 9999 take a sign and six digits. */
export const isoMinute = (timeMs: EpochMs): string => new Date(timeMs).toISOString().slice(0, -8)

/** Inverse of `paneKeys`. Throws on keys of something else. */
export const parsePaneKeys = (keys: PaneKeys): PaneName => {
  const [metric = '', grain] = keys.pk.split('#')
  const [minute = '', lane, generation] = keys.sk.split('#')
  const windowStart = Date.parse(`${minute}:00.000Z`)
  if (!isGrain(grain) || Number.isNaN(windowStart) || generation === undefined) {
    throw new Error(`not a pane: ${keys.pk} ${keys.sk}`)
  }
  const writer = lane === 'batch' ? lane : Number(lane)
  return { metric, grain, windowStart, lane: writer, generation: Number(generation) }
}
