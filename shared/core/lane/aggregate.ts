import type { EpochMs } from '../event/outcome.ts'
import { commitLane, type LaneContext, type LaneInput, type LaneResult } from './commit.ts'
import { decodePack, type LanePack, PackVersionError } from './pack.ts'
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
  const { inputs, unreadable } = byLane(batch.records, context.lanes)
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
  return { firstFailed, lanes, conflicts, unreadable, errors }
}

const byLane = (
  records: readonly LaneRecord[],
  lanes: number,
): { inputs: Map<number, LaneInput[]>; unreadable: number } => {
  const inputs = new Map<number, LaneInput[]>()
  let unreadable = 0
  for (const { sequenceNumber, arrivalMs, data } of records) {
    const pack = readPack(data)
    if (pack === undefined) {
      // It would block the shard for ever; the raw archive still has whatever it was.
      unreadable++
      continue
    }
    if (pack.lanes !== lanes)
      throw new Error(`pack for ${pack.lanes} lanes, the code is set up for ${lanes}: set LANES back`)
    const known = inputs.get(pack.lane)
    if (known === undefined) inputs.set(pack.lane, [{ sequenceNumber, arrivalMs, pack }])
    else known.push({ sequenceNumber, arrivalMs, pack })
  }
  return { inputs, unreadable }
}

const readPack = (data: Uint8Array): LanePack | undefined => {
  try {
    return decodePack(data)
  } catch (error) {
    if (error instanceof PackVersionError) throw error
    return undefined
  }
}
