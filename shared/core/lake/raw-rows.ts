import type { RawRecord } from '../event/outcome.ts'
import { formatTimestamp } from '../event/timestamp.ts'

/** Bytes of a raw record in one row; in base64 they stay below Firehose's limit of a record, gzipped or not. */
const maxPartBytes = 640 * 1024

/** The rows of the table `raw` for a record, as received: more than one when it is large. */
export const rawRows = (record: RawRecord): Buffer[] => {
  const { data } = record
  const parts = Math.max(1, Math.ceil(data.length / maxPartBytes))
  return Array.from({ length: parts }, (_, part) =>
    Buffer.from(
      JSON.stringify({
        shard_id: record.shardId,
        sequence_number: record.sequenceNumber,
        received_at: formatTimestamp(record.arrivalMs),
        partition_key: record.partitionKey.toWellFormed(),
        part,
        parts,
        data: Buffer.from(data.subarray(part * maxPartBytes, (part + 1) * maxPartBytes)).toString('base64'),
      }),
    ),
  )
}
