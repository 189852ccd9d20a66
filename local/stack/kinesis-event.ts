import type { StoredRecord } from '../aws/kinesis/store.ts'
import { localAccount, localRegion } from './arns.ts'
import type { MappingDeclaration } from './declaration.ts'

/** Lambda's limit on an invocation's payload, the event as JSON with its data in base64. */
export const maxPayloadBytes = 6 * 1024 * 1024

const batchFrameBytes = '{"Records":[]}'.length
// All of a record's JSON but data, partition key, shard id and stream ARN, with room for 129 digits of sequence number twice.
const recordFrameBytes = 800

export type BatchSource = Pick<MappingDeclaration, 'functionName' | 'streamArn'> & {
  readonly shardId: string
}

/**
 * The event that Lambda hands to a function for a batch of Kinesis records, as JSON. Written piece by piece: of a batch
 * of 6 MB, JSON.stringify makes a second one in its heap.
 */
export function kinesisEvent(source: BatchSource, records: readonly StoredRecord[]): Uint8Array<ArrayBuffer> {
  const { before, between, after } = constantParts(source)
  const constantBytes = Buffer.byteLength(before + between + after)
  const maxBytes = records.reduce((sum, record) => sum + constantBytes + maxVaryingBytes(record), 0)
  // Memory of its own, not of the pool: it is handed over to the function's thread.
  const out = Buffer.allocUnsafeSlow(batchFrameBytes + maxBytes)
  let at = out.write('{"Records":[')
  for (const [index, { sequenceNumber, partitionKey, data, arrivalMs }] of records.entries()) {
    at += out.write(`${index > 0 ? ',' : ''}${before}${JSON.stringify(partitionKey)}`, at)
    at += out.write(`,"sequenceNumber":"${sequenceNumber}","data":"`, at, 'latin1')
    at += out.write(data.toString('base64'), at, 'latin1')
    at += out.write(`","approximateArrivalTimestamp":${arrivalMs / 1000}}`, at, 'latin1')
    at += out.write(`${between}${sequenceNumber}${after}`, at)
  }
  at += out.write(']}', at)
  return out.subarray(0, at)
}

/** How much of the payload limit a record takes, rounded up. */
export function payloadBytes(record: StoredRecord): number {
  return Math.ceil(record.data.length / 3) * 4 + Buffer.byteLength(record.partitionKey) + recordFrameBytes
}

export function batchBytes(records: readonly StoredRecord[]): number {
  return records.reduce((sum, record) => sum + payloadBytes(record), batchFrameBytes)
}

/** What is the same in every record of a batch: up to its partition key, and around the sequence number of its event id. */
function constantParts({ functionName, streamArn, shardId }: BatchSource) {
  const rest = JSON.stringify({
    eventName: 'aws:kinesis:record',
    invokeIdentityArn: `arn:aws:iam::${localAccount}:role/${functionName}-${localRegion}`,
    awsRegion: localRegion,
    eventSourceARN: streamArn,
  })
  return {
    before: '{"kinesis":{"kinesisSchemaVersion":"1.0","partitionKey":',
    between: `,"eventSource":"aws:kinesis","eventVersion":"1.0","eventID":"${shardId}:`,
    after: `",${rest.slice(1)}`,
  }
}

/** Of the rest, which is its keys, its two sequence numbers and a time beside what is counted here. */
function maxVaryingBytes({ data, partitionKey, sequenceNumber }: StoredRecord): number {
  // As JSON a character may take six bytes.
  return Math.ceil(data.length / 3) * 4 + 6 * partitionKey.length + 2 * sequenceNumber.length + 128
}
