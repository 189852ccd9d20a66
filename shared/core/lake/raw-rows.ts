import type { DeliveredRecord } from '../event/kinesis-event.ts'
import { formatTimestamp } from '../event/timestamp.ts'
import type { Lines } from './gzip-lines.ts'
import { newline } from './lines.ts'

/** Bytes of a raw record in one row; in base64 they stay below Firehose's limit of a record, gzipped or not. */
const maxPartBytes = 640 * 1024

/** The rows of the table `raw` for records, as received: more than one of a record that is large. */
export const rawRows = (records: readonly DeliveredRecord[]): Lines => {
  const rows = records.flatMap(rowsOf)
  let size = 0
  for (const { start, data } of rows) size += Buffer.byteLength(start) + data.length + end.length + 1
  const text = Buffer.allocUnsafe(size)
  const ends: number[] = []
  let at = 0
  for (const { start, data } of rows) {
    at += text.write(start, at)
    at += text.write(data, at, 'latin1')
    at += text.write(end, at, 'latin1')
    text[at++] = newline
    ends.push(at)
  }
  return { text, ends }
}

/** A row in pieces, so that its data are copied once: `start`, `data`, `end`. */
type Row = {
  readonly start: string
  /** base64, which JSON writes as it is. */
  readonly data: string
}

const end = '"}'

const rowsOf = (record: DeliveredRecord): Row[] => {
  const { base64 } = record
  const parts = Math.max(1, Math.ceil(Buffer.byteLength(base64, 'base64') / maxPartBytes))
  if (parts === 1) return [{ start: startOf(record, 0, 1), data: base64 }]
  const { data } = record
  return Array.from({ length: parts }, (_, part) => ({
    start: startOf(record, part, parts),
    data: Buffer.from(data.subarray(part * maxPartBytes, (part + 1) * maxPartBytes)).toString('base64'),
  }))
}

/** A row up to its data. */
const startOf = (record: DeliveredRecord, part: number, parts: number): string => {
  const columns = JSON.stringify({
    shard_id: record.shardId,
    sequence_number: record.sequenceNumber,
    received_at: formatTimestamp(record.arrivalMs),
    partition_key: record.partitionKey.toWellFormed(),
    part,
    parts,
  })
  return `${columns.slice(0, -1)},"data":"`
}
