import type { StoredRecord } from '../aws/kinesis/store.ts'
import { localAccount, localRegion } from './arns.ts'
import type { KinesisBatch } from './batch-event.ts'
import type { MappingDeclaration } from './declaration.ts'

/** Lambda's limit on an invocation's payload, the event as JSON with its data in base64. */
export const maxPayloadBytes = 6 * 1024 * 1024

const batchFrameBytes = '{"Records":[]}'.length
// All of a record's JSON but data, partition key, shard id and stream ARN, with room for 129 digits of sequence number twice.
const recordFrameBytes = 800

export type BatchSource = Pick<MappingDeclaration, 'functionName' | 'streamArn'> & {
  readonly shardId: string
}

/** Of a batch, what its function's thread makes the event of. */
export function kinesisBatch(source: BatchSource, records: readonly StoredRecord[]): KinesisBatch {
  // Memory of its own, not of the pool: it is handed over.
  const data = Buffer.allocUnsafeSlow(records.reduce((sum, record) => sum + record.data.length, 0))
  let end = 0
  return {
    shardId: source.shardId,
    constants: {
      eventName: 'aws:kinesis:record',
      invokeIdentityArn: `arn:aws:iam::${localAccount}:role/${source.functionName}-${localRegion}`,
      awsRegion: localRegion,
      eventSourceARN: source.streamArn,
    },
    sequenceNumbers: records.map(({ sequenceNumber }) => sequenceNumber),
    partitionKeys: records.map(({ partitionKey }) => partitionKey),
    arrivalsMs: records.map(({ arrivalMs }) => arrivalMs),
    ends: records.map((record) => {
      end += record.data.copy(data, end)
      return end
    }),
    data,
  }
}

/** How much of the payload limit a record takes, rounded up. */
export function payloadBytes(record: StoredRecord): number {
  return Math.ceil(record.data.length / 3) * 4 + Buffer.byteLength(record.partitionKey) + recordFrameBytes
}

export function batchBytes(records: readonly StoredRecord[]): number {
  return records.reduce((sum, record) => sum + payloadBytes(record), batchFrameBytes)
}
