import { verifyControl } from '../../shared/core/event/control.ts'
import { decodeRecord } from '../../shared/core/event/decode.ts'
import type { RawRecord } from '../../shared/core/event/outcome.ts'
import type { LakeReader } from '../lake/lake-reader.ts'
import { hourOf } from './counts.ts'

/** Events in the raw archive by hour of arrival, each origin once, without the stage's own control records. */
export async function countRawArchive(
  lake: LakeReader,
  controlKeys: readonly string[],
): Promise<Map<string, number>> {
  const byHour = new Map<string, number>()
  for await (const record of rawRecords(lake)) {
    const hour = hourOf(record.arrivalMs)
    byHour.set(hour, (byHour.get(hour) ?? 0) + countEvents(record, controlKeys))
  }
  return byHour
}

function countEvents(record: RawRecord, keys: readonly string[]): number {
  const { shardId, arrivalMs } = record
  return decodeRecord(record).filter(
    (item) => item.kind !== 'control' || !verifyControl(item.value, { keys, shardId, arrivalMs }).ok,
  ).length
}

type Begun = { readonly parts: Map<number, Buffer>; readonly partCount: number }

/** Each record of the archive once, though it may lie there more than once and in parts. */
async function* rawRecords(lake: LakeReader): AsyncGenerator<RawRecord> {
  const done = new Set<string>()
  const begun = new Map<string, Begun>()
  const rows = lake.stream(
    `SELECT shard_id, sequence_number, partition_key, CAST(round(to_unixtime(received_at) * 1000) AS bigint), part, parts, data
    FROM raw`,
  )
  for await (const chunk of rows)
    for (const row of chunk) {
      const [shardId, sequenceNumber, partitionKey] = row.map(String)
      if (shardId === undefined || sequenceNumber === undefined || partitionKey === undefined) continue
      const id = `${shardId}:${sequenceNumber}`
      if (done.has(id)) continue
      const data = wholeData(row, id, begun)
      if (!data) continue
      done.add(id)
      yield { shardId, sequenceNumber, partitionKey, arrivalMs: Number(row[3]), data }
    }
}

function wholeData(row: readonly unknown[], id: string, begun: Map<string, Begun>): Buffer | undefined {
  const [part, partCount, data] = [
    Number(row[4] ?? 0),
    Number(row[5] ?? 1),
    Buffer.from(String(row[6]), 'base64'),
  ]
  if (partCount <= 1) return data
  const record = begun.get(id) ?? { parts: new Map<number, Buffer>(), partCount }
  begun.set(id, record)
  record.parts.set(part, data)
  if (record.parts.size < partCount) return undefined
  begun.delete(id)
  return Buffer.concat([...record.parts].sort(([a], [b]) => a - b).map(([, bytes]) => bytes))
}
