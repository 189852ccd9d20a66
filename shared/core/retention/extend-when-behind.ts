import type { EpochMs } from '../event/outcome.ts'
import type { LaneProgress } from '../window/complete.ts'

/**
 * A clock this old stands for a reason that does not pass by itself. When all works it is a quarter of an hour old at the
 * most: a batch gathers for five minutes at the longest on each of the two streams, and a mark waits for the next one, a
 * minute later. And it leaves 23 of the 24 hours that a stream keeps a record at the least for the extension to succeed.
 */
export const behindMs = 3_600_000

type Clocks = readonly Pick<LaneProgress, 'clock'>[]

export type KeptRecords = {
  readonly stream: string
  /** For so long the stream keeps a record. */
  readonly hours: number
}

/** How long ago arrived what the last of the lanes has come to; undefined while none of them has a clock. */
export const lagOf = (lanes: Clocks, nowMs: EpochMs): number | undefined => {
  const clocks = lanes.flatMap(({ clock }) => (clock === undefined ? [] : [clock]))
  return clocks.length === 0 ? undefined : nowMs - Math.min(...clocks)
}

/** The streams that are to keep their records for longer, now that the lanes lag so. */
export const streamsToExtend = (
  lagMs: number | undefined,
  kept: readonly KeptRecords[],
  extendedHours: number,
): readonly KeptRecords[] =>
  lagMs !== undefined && lagMs > behindMs ? kept.filter(({ hours }) => hours < extendedHours) : []

export type RetentionSettings = {
  readonly streams: readonly string[]
  /** What the template says. */
  readonly declaredHours: number
  readonly extendedHours: number
  readonly nowMs: EpochMs
}

export type RetentionPorts = {
  /** How far each lane is that has published. */
  lanes(): Promise<Clocks>
  hoursKept(stream: string): Promise<number>
  /** Records that are there still are kept for so long from then on; what has expired stays so. */
  extend(stream: string, hours: number): Promise<void>
}

export type Retention = {
  readonly lagMs: number | undefined
  /** The streams that were extended just now. */
  readonly extended: readonly string[]
  /** How many streams keep records for longer than is declared, since now or since long. */
  readonly aboveDeclared: number
}

/**
 * Has both streams keep their records for long as soon as the lanes fall behind. It never goes back to what is declared:
 * lanes that have caught up say nothing of the archive, which reads the raw stream too. Throws when a stream could not be
 * extended, after it has tried each; the next minute tries again.
 */
export const extendWhenBehind = async (
  { streams, declaredHours, extendedHours, nowMs }: RetentionSettings,
  ports: RetentionPorts,
): Promise<Retention> => {
  const [lanes, kept] = await Promise.all([
    ports.lanes(),
    Promise.all(streams.map(async (stream) => ({ stream, hours: await ports.hoursKept(stream) }))),
  ])
  const lagMs = lagOf(lanes, nowMs)
  const due = streamsToExtend(lagMs, kept, extendedHours)
  // Each by itself: one that is being resharded is refused, and must not keep the other waiting.
  const outcomes = await Promise.allSettled(due.map(({ stream }) => ports.extend(stream, extendedHours)))
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
  return {
    lagMs,
    extended: due.map(({ stream }) => stream),
    aboveDeclared: kept.filter((one) => due.includes(one) || one.hours > declaredHours).length,
  }
}
