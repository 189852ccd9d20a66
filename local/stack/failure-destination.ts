import { randomUUID } from 'node:crypto'
import type { StoredRecord } from '../aws/kinesis/store.ts'
import { localAccount, localRegion } from './arns.ts'
import { eventOfBatch } from './batch-event.ts'
import type { MappingDeclaration } from './declaration.ts'
import type { Invocation } from './invocation.ts'
import { kinesisBatch } from './kinesis-event.ts'

/** A batch that the mapping gave up. */
export interface Discarded {
  readonly condition: 'RetryAttemptsExhausted' | 'RecordAgeExceeded'
  readonly shardId: string
  readonly records: readonly StoredRecord[]
  readonly invocations: number
  /** The invocation that failed last; absent when it never came to one. */
  readonly last?: Invocation
}

/**
 * What Lambda writes to an S3 bucket for a discarded batch: where, and the JSON.
 * https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html
 */
export function invocationRecord(
  mapping: MappingDeclaration,
  discarded: Discarded,
  now: Date,
): { key: string; body: string } {
  const { shardId, records, last } = discarded
  const first = records[0]
  const final = records.at(-1)
  if (!first || !final) throw new Error('a discarded batch has at least one record')
  const timestamp = now.toISOString()
  const day = timestamp.slice(0, 10)
  const second = timestamp.slice(11, 19).replaceAll(':', '.')
  return {
    key: `aws/lambda/${mapping.id}/${shardId}/${day.replaceAll('-', '/')}/${day}T${second}-${randomUUID()}`,
    body: JSON.stringify({
      requestContext: {
        requestId: last?.requestId ?? randomUUID(),
        functionArn: `arn:aws:lambda:${localRegion}:${localAccount}:function:${mapping.functionName}`,
        condition: discarded.condition,
        approximateInvokeCount: discarded.invocations,
      },
      ...(last && { responseContext: responseContext(last) }),
      version: '1.0',
      timestamp,
      KinesisBatchInfo: {
        shardId,
        startSequenceNumber: first.sequenceNumber,
        endSequenceNumber: final.sequenceNumber,
        approximateArrivalOfFirstRecord: new Date(first.arrivalMs).toISOString(),
        approximateArrivalOfLastRecord: new Date(final.arrivalMs).toISOString(),
        batchSize: records.length,
        streamArn: mapping.streamArn,
      },
      payload: JSON.stringify(eventOfBatch(kinesisBatch({ ...mapping, shardId }, records))),
    }),
  }
}

function responseContext(last: Invocation) {
  const base = { statusCode: 200, executedVersion: '$LATEST' }
  return last.kind === 'failed' ? { ...base, functionError: 'Unhandled' } : base
}
