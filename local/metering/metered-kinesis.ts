import type { KinesisStore } from '../aws/kinesis/store.ts'
import type { Meter } from './meter.ts'

/** The same store; the meter hears of what was put. */
export function meteredKinesis(store: KinesisStore, meter: Meter): KinesisStore {
  return {
    ...store,
    put(name, records) {
      const placed = store.put(name, records)
      meter.putRecords(name, records)
      return placed
    },
  }
}
