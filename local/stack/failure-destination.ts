import { randomUUID } from 'node:crypto'
import { localAccount, localRegion } from './arns.ts'
import { eventOfBatch, type KinesisBatch } from './batch-event.ts'
import type { MappingDeclaration } from './declaration.ts'
import type { Invocation } from './invocation.ts'

/** A batch that the mapping gave up. */
export interface Discarded {
  readonly condition: 'RetryAttemptsExhausted' | 'RecordAgeExceeded'
  /** At least one record. */
  readonly batch: KinesisBatch
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
  const { batch, last } = discarded
  const { shardId, sequenceNumbers, arrivalsMs } = batch
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
        startSequenceNumber: sequenceNumbers[0],
        endSequenceNumber: sequenceNumbers.at(-1),
        approximateArrivalOfFirstRecord: new Date(arrivalsMs[0] ?? 0).toISOString(),
        approximateArrivalOfLastRecord: new Date(arrivalsMs.at(-1) ?? 0).toISOString(),
        batchSize: sequenceNumbers.length,
        streamArn: mapping.streamArn,
      },
      payload: JSON.stringify(eventOfBatch(batch)),
    }),
  }
}

function responseContext(last: Invocation) {
  const base = { statusCode: 200, executedVersion: '$LATEST' }
  return last.kind === 'failed' ? { ...base, functionError: 'Unhandled' } : base
}
