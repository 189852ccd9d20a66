import { setTimeout as sleep } from 'node:timers/promises'
import type { StoredRecord } from '../aws/kinesis/store.ts'
import { type BatchVerdict, readBatchResponse } from './batch-response.ts'
import type { MappingDeclaration } from './declaration.ts'
import type { Discarded } from './failure-destination.ts'
import type { Invocation, Invoke } from './invocation.ts'
import { kinesisBatch } from './kinesis-event.ts'

export interface DeliveryOptions {
  readonly mapping: MappingDeclaration
  readonly shardId: string
  readonly invoke: Invoke
  /** Aborted when the mapping stops: what is in flight ends, nothing is tried again. */
  readonly stopping: AbortSignal
  readonly firstBackoffMs: number
  /** Everything up to this record is done with. */
  checkpoint(sequenceNumber: string): void
  discard(discarded: Discarded): Promise<void>
}

/** A run of records that are invoked together, and how often they have failed since the first of them became the first. */
interface Part {
  readonly records: readonly StoredRecord[]
  readonly failures: number
  readonly invocations: number
}

const maxBackoffMs = 2000

/**
 * Delivers one batch: invokes, retries, splits and at last discards as the mapping says, in order.
 * Returns when each record is done with, or when the mapping stops.
 */
export async function deliver(batch: readonly StoredRecord[], options: DeliveryOptions): Promise<void> {
  const parts: Part[] = [{ records: batch, failures: 0, invocations: 0 }]
  for (let part = parts.shift(); part && !options.stopping.aborted; part = parts.shift()) {
    const young = await discardTooOld(part, options)
    if (young.records.length > 0) parts.unshift(...(await attempt(young, options)))
  }
}

/** Invokes once. Gives what is left to do, in order. */
async function attempt(part: Part, options: DeliveryOptions): Promise<Part[]> {
  const { mapping, shardId } = options
  const { functionName, streamArn } = mapping
  const invocation = await options.invoke(() =>
    kinesisBatch({ functionName, streamArn, shardId }, part.records),
  )
  const verdict = judge(invocation, part, mapping)
  const invocations = part.invocations + 1
  switch (verdict.kind) {
    case 'done':
      options.checkpoint(lastOf(part.records).sequenceNumber)
      return []
    case 'until': {
      const done = part.records.slice(0, verdict.doneRecords)
      options.checkpoint(lastOf(done).sequenceNumber)
      const rest = part.records.slice(verdict.doneRecords)
      // Splitting at the reported record takes nothing from the retries; else this was the first failure of the rest.
      return retry({ records: rest, failures: mapping.bisects ? 0 : 1, invocations }, invocation, options)
    }
    case 'failed':
      if (mapping.bisects && part.records.length > 1) return halves({ ...part, invocations })
      return retry({ ...part, failures: part.failures + 1, invocations }, invocation, options)
  }
}

function judge(invocation: Invocation, part: Part, mapping: MappingDeclaration): BatchVerdict {
  if (invocation.kind === 'failed') return { kind: 'failed' }
  if (!mapping.reportsBatchItemFailures) return { kind: 'done' }
  return readBatchResponse(
    invocation.payload,
    part.records.map((record) => record.sequenceNumber),
  )
}

async function retry(part: Part, last: Invocation, options: DeliveryOptions): Promise<Part[]> {
  const { maxRetries } = options.mapping
  if (maxRetries !== -1 && part.failures > maxRetries) {
    await giveUp(part, { condition: 'RetryAttemptsExhausted', last }, options)
    return []
  }
  const backoffMs = Math.min(maxBackoffMs, options.firstBackoffMs * 2 ** Math.max(0, part.failures - 1))
  await sleep(backoffMs, undefined, { signal: options.stopping }).catch(ignoreAbort)
  return [part]
}

function halves(part: Part): Part[] {
  const middle = Math.floor(part.records.length / 2)
  return [
    { ...part, records: part.records.slice(0, middle) },
    { ...part, records: part.records.slice(middle) },
  ]
}

async function discardTooOld(part: Part, options: DeliveryOptions): Promise<Part> {
  const { maxRecordAgeMs } = options.mapping
  if (maxRecordAgeMs === -1) return part
  const oldestMs = Date.now() - maxRecordAgeMs
  const young = part.records.findIndex((record) => record.arrivalMs >= oldestMs)
  const oldRecords = part.records.slice(0, young === -1 ? part.records.length : young)
  if (oldRecords.length === 0) return part
  await giveUp({ ...part, records: oldRecords }, { condition: 'RecordAgeExceeded' }, options)
  return { ...part, records: part.records.slice(oldRecords.length) }
}

async function giveUp(
  part: Part,
  why: Pick<Discarded, 'condition' | 'last'>,
  options: DeliveryOptions,
): Promise<void> {
  const { records, invocations } = part
  await options.discard({ ...why, records, invocations, shardId: options.shardId })
  options.checkpoint(lastOf(records).sequenceNumber)
}

function lastOf(records: readonly StoredRecord[]): StoredRecord {
  const last = records.at(-1)
  if (!last) throw new Error('a batch without records')
  return last
}

function ignoreAbort(error: unknown): void {
  if (!(error instanceof Error && error.name === 'AbortError')) throw error
}
