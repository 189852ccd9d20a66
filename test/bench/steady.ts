import type { KinesisEvent } from '../../shared/core/event/kinesis-event.ts'
import { timed } from './measure.ts'
import { Pass, type PassOptions } from './passes.ts'
import { Workload } from './workload.ts'

/** About as many records of 1 KB as Lambda hands over at once. */
export const batchEvents = 4_000

/** Each commit of a lane is merged with its neighbours once in so many: a round is never without. */
export const batchesPerRound = 8

/**
 * Few enough events a second that a batch is more than a minute, so that a mark follows each as from tick, and so many visitors
 * that a session has between four and five events.
 */
export const steadyTraffic = { visitors: 200_000, perSecond: 50 }

/** Arrival after which as many sessions close, ids are forgotten and segments die as come anew: the horizon and a little. */
const settledMs = 66 * 60_000

/** A pass in its stride and the traffic that it is in: sessions close, panes leave and ids are forgotten as in the middle of a day. */
export const steadyPass = async (
  seed: number,
  options: PassOptions = {},
): Promise<{ pass: Pass; nextBatch: () => KinesisEvent }> => {
  const workload = new Workload({ seed, ...steadyTraffic })
  const pass = new Pass(options)
  const nextBatch = () => workload.batch(batchEvents)
  for (const began = workload.nowMs; workload.nowMs < began + settledMs; ) await runBatch(pass, nextBatch())
  return { pass, nextBatch }
}

export const runBatch = async (pass: Pass, batch: KinesisEvent): Promise<void> => {
  await pass.aggregate(await pass.enrich(batch))
  await pass.aggregate(pass.marks(batch))
}

/** Microseconds of the first and of the second stage, a mark included. */
export const timedStages = async (pass: Pass, batch: KinesisEvent): Promise<{ one: number; two: number }> => {
  const enriched = await timed(() => pass.enrich(batch))
  const reduced = await timed(async () => {
    await pass.aggregate(enriched.answer)
    await pass.aggregate(pass.marks(batch))
  })
  return { one: enriched.us, two: reduced.us }
}
