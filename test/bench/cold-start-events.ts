import type { KinesisEvent } from '../../shared/core/event/kinesis-event.ts'
import { Pass } from './passes.ts'
import { Workload } from './workload.ts'

/** A batch for each function that takes one: raw records, and the packs that come of them. */
export const firstEvents = async (
  count: number,
): Promise<{ readonly enrich: KinesisEvent; readonly aggregate: KinesisEvent }> => {
  const enrich = new Workload({ seed: 5, visitors: 20_000, perSecond: 1_000 }).batch(count)
  const packs = await new Pass().enrich(enrich)
  const Records = packs.map(({ sequenceNumber, arrivalMs, data }) => ({
    eventID: `shardId-000000000000:${sequenceNumber}`,
    kinesis: {
      partitionKey: 'k',
      sequenceNumber,
      data: Buffer.from(data).toString('base64'),
      approximateArrivalTimestamp: arrivalMs / 1000,
    },
  }))
  return { enrich, aggregate: { Records } }
}
