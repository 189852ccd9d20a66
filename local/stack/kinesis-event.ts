import type { StoredRecord } from '../aws/kinesis/store.ts'
import { localAccount, localRegion } from './arns.ts'
import type { MappingDeclaration } from './declaration.ts'

/** Lambda's limit on an invocation's payload, the event as JSON with its data in base64. */
export const maxPayloadBytes = 6 * 1024 * 1024

const eventFrameBytes = '{"Records":[]}'.length
// All of a record's JSON but data, partition key, shard id and stream ARN, with room for 129 digits of sequence number twice.
const recordFrameBytes = 800

export type BatchSource = Pick<MappingDeclaration, 'functionName' | 'streamArn'> & {
  readonly shardId: string
}

/** The event that Lambda hands to a function for a batch of Kinesis records, as JSON. */
export function kinesisEvent(source: BatchSource, records: readonly StoredRecord[]): string {
  return JSON.stringify({ Records: records.map((record) => eventRecord(source, record)) })
}

/** How much of the payload limit a record takes, rounded up. */
export function payloadBytes(record: StoredRecord): number {
  return Math.ceil(record.data.length / 3) * 4 + Buffer.byteLength(record.partitionKey) + recordFrameBytes
}

export function batchBytes(records: readonly StoredRecord[]): number {
  return records.reduce((sum, record) => sum + payloadBytes(record), eventFrameBytes)
}

function eventRecord({ functionName, streamArn, shardId }: BatchSource, record: StoredRecord) {
  return {
    kinesis: {
      kinesisSchemaVersion: '1.0',
      partitionKey: record.partitionKey,
      sequenceNumber: record.sequenceNumber,
      data: record.data.toString('base64'),
      approximateArrivalTimestamp: record.arrivalMs / 1000,
    },
    eventSource: 'aws:kinesis',
    eventVersion: '1.0',
    eventID: `${shardId}:${record.sequenceNumber}`,
    eventName: 'aws:kinesis:record',
    invokeIdentityArn: `arn:aws:iam::${localAccount}:role/${functionName}-${localRegion}`,
    awsRegion: localRegion,
    eventSourceARN: streamArn,
  }
}
