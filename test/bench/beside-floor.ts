import type { KinesisEvent } from '../../shared/core/event/kinesis-event.ts'
import { timed } from './measure.ts'
import { floor } from './passes.ts'

/** Runs it between two readings of the batch; the floor of its turn is their mean, in microseconds for the whole batch. */
export const besideFloor = async <Answer>(
  batch: KinesisEvent,
  run: () => Promise<Answer>,
): Promise<{ floorUs: number; answer: Answer }> => {
  // Whoever reads it first finds it nowhere near the processor, and would pay for all who come after.
  floor(batch)
  const before = await timed(() => floor(batch))
  const answer = await run()
  const after = await timed(() => floor(batch))
  return { floorUs: (before.us + after.us) / 2, answer }
}
