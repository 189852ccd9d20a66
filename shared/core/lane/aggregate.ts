import type { EpochMs } from '../event/outcome.ts'
import { commitLane, type LaneContext, type LaneInput, type LaneResult } from './commit.ts'
import { type LanePack, type OpenedPack, openPack, PackVersionError } from './pack.ts'
import { compareSequenceNumbers } from './sequence-number.ts'

export type LaneRecord = {
  readonly sequenceNumber: string
  readonly arrivalMs: EpochMs
  readonly data: Uint8Array
}

export type AggregateResult = {
  /** The lowest sequence number that is not committed; undefined when the whole batch is. */
  readonly firstFailed: string | undefined
  readonly lanes: readonly LaneResult[]
  /** Attempts that lost to others. */
  readonly conflicts: number
  /** Records that are no packs: nobody but enrich may write to the stream, so each is an alarm. */
  readonly unreadable: number
  /** What made lanes fail. */
  readonly errors: readonly unknown[]
}

/**
 * One batch of one shard of the lane stream. The lanes in it do not depend on each other, so they commit side by
 * side, and one that fails takes none with it: what it has committed already is skipped when the batch comes again.
 */
export const aggregate = async (
  batch: { readonly laneShard: string; readonly records: readonly LaneRecord[] },
  context: LaneContext,
): Promise<AggregateResult> => {
  const unreadable = new Set<LaneRecord>()
  const inputs = byLane(batch.records, context.lanes, unreadable)
  const work = [...inputs].map(([lane, packs]) =>
    commitLane({ lane, laneShard: batch.laneShard, inputs: packs }, context),
  )
  const outcomes = await Promise.allSettled(work)
  const lanes: LaneResult[] = []
  const errors: unknown[] = []
  let firstFailed: string | undefined
  for (const [place, packs] of [...inputs.values()].entries()) {
    const outcome = outcomes[place]
    if (outcome?.status === 'fulfilled') lanes.push(outcome.value)
    else errors.push(outcome?.reason)
    const left = outcome?.status === 'fulfilled' ? outcome.value.firstLeft : packs[0]?.sequenceNumber
    if (left !== undefined && (firstFailed === undefined || compareSequenceNumbers(left, firstFailed) < 0))
      firstFailed = left
  }
  const conflicts = lanes.reduce((sum, lane) => sum + lane.conflicts, 0)
  return { firstFailed, lanes, conflicts, unreadable: unreadable.size, errors }
}

/** unreadable: takes the records that are no packs, also those that are found out later. */
const byLane = (
  records: readonly LaneRecord[],
  lanes: number,
  unreadable: Set<LaneRecord>,
): Map<number, LaneInput[]> => {
  const inputs = new Map<number, LaneInput[]>()
  for (const record of records) {
    const opened = unlessUnreadable(record, unreadable, () => openPack(record.data))
    if (opened === undefined) continue
    if (opened.lanes !== lanes)
      throw new Error(`pack for ${opened.lanes} lanes, the code is set up for ${lanes}: set LANES back`)
    const input = new DeliveredPack(record, opened, unreadable)
    const known = inputs.get(opened.lane)
    if (known === undefined) inputs.set(opened.lane, [input])
    else known.push(input)
  }
  return inputs
}

/** Its events are read when it is folded, so that there never are more of them than those of one pack. */
class DeliveredPack implements LaneInput {
  readonly sequenceNumber: string
  readonly arrivalMs: EpochMs
  readonly #record: LaneRecord
  readonly #opened: OpenedPack
  readonly #unreadable: Set<LaneRecord>

  constructor(record: LaneRecord, opened: OpenedPack, unreadable: Set<LaneRecord>) {
    this.sequenceNumber = record.sequenceNumber
    this.arrivalMs = record.arrivalMs
    this.#record = record
    this.#opened = opened
    this.#unreadable = unreadable
  }

  get pack(): LanePack | undefined {
    return unlessUnreadable(this.#record, this.#unreadable, () => this.#opened.read())
  }
}

/** A record that is no pack would block the shard for ever; the raw archive still has whatever it was. */
const unlessUnreadable = <Answer>(
  record: LaneRecord,
  unreadable: Set<LaneRecord>,
  read: () => Answer,
): Answer | undefined => {
  try {
    return read()
  } catch (error) {
    if (error instanceof PackVersionError) throw error
    unreadable.add(record)
    return undefined
  }
}
