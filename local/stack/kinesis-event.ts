import type { RecordColumns, RecordSize } from '../aws/kinesis/store.ts'
import { localAccount, localRegion } from './arns.ts'
import type { KinesisBatch } from './batch-event.ts'
import type { MappingDeclaration } from './declaration.ts'

/** Lambda's limit on an invocation's payload, the event as JSON with its data in base64. */
export const maxPayloadBytes = 6 * 1024 * 1024

/** An event without records. */
export const batchFrameBytes = '{"Records":[]}'.length
// All of a record's JSON but data, partition key, shard id and stream ARN, with room for 129 digits of sequence number twice.
const recordFrameBytes = 800

export type BatchSource = Pick<MappingDeclaration, 'functionName' | 'streamArn'> & {
  readonly shardId: string
}

/** Of a batch, what its function's thread makes the event of. */
export function kinesisBatch(source: BatchSource, columns: RecordColumns): KinesisBatch {
  return {
    shardId: source.shardId,
    constants: {
      eventName: 'aws:kinesis:record',
      invokeIdentityArn: `arn:aws:iam::${localAccount}:role/${source.functionName}-${localRegion}`,
      awsRegion: localRegion,
      eventSourceARN: source.streamArn,
    },
    ...columns,
  }
}

/** How much of the payload limit a record takes, rounded up. */
export function payloadBytes({ dataBytes, keyBytes }: RecordSize): number {
  return Math.ceil(dataBytes / 3) * 4 + keyBytes + recordFrameBytes
}
