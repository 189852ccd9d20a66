import { setTimeout as sleep } from 'node:timers/promises'
import type { KinesisStore } from '../aws/kinesis/store.ts'
import type { Span } from './batch-collector.ts'
import type { KinesisBatch } from './batch-event.ts'
import { type BatchVerdict, readBatchResponse } from './batch-response.ts'
import type { MappingDeclaration } from './declaration.ts'
import type { Discarded } from './failure-destination.ts'
import type { Invocation, Invoke } from './invocation.ts'
import { kinesisBatch } from './kinesis-event.ts'

export interface DeliveryOptions {
  readonly kinesis: KinesisStore
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
  readonly span: Span
  readonly failures: number
  readonly invocations: number
}

const maxBackoffMs = 2000

/**
 * Delivers one batch: invokes, retries, splits and at last discards as the mapping says, in order.
 * Returns when each record is done with, or when the mapping stops.
 */
export async function deliver(span: Span, options: DeliveryOptions): Promise<void> {
  const parts: Part[] = [{ span, failures: 0, invocations: 0 }]
  for (let part = parts.shift(); part && !options.stopping.aborted; part = parts.shift()) {
    const young = await discardTooOld(part, options)
    if (young && isKept(young, options)) parts.unshift(...(await attempt(young, options)))
  }
}

/** Invokes once. Gives what is left to do, in order. */
async function attempt(part: Part, options: DeliveryOptions): Promise<Part[]> {
  const { mapping } = options
  const { span } = part
  let sequenceNumbers: readonly string[] = []
  const invocation = await options.invoke(() => {
    const batch = batchOf(span, options)
    sequenceNumbers = batch.sequenceNumbers
    return batch
  })
  const verdict = judge(invocation, sequenceNumbers, mapping)
  const invocations = part.invocations + 1
  switch (verdict.kind) {
    case 'done':
      options.checkpoint(span.through)
      return []
    case 'until': {
      const [done, rest] = cut(span, sequenceNumbers[verdict.doneRecords - 1])
      options.checkpoint(done.through)
      // Splitting at the reported record takes nothing from the retries; else this was the first failure of the rest.
      return retry({ span: rest, failures: mapping.bisects ? 0 : 1, invocations }, invocation, options)
    }
    case 'failed':
      if (mapping.bisects && sequenceNumbers.length > 1) {
        const halves = cut(span, sequenceNumbers[Math.floor(sequenceNumbers.length / 2) - 1])
        return halves.map((half) => ({ ...part, span: half, invocations }))
      }
      return retry({ ...part, failures: part.failures + 1, invocations }, invocation, options)
  }
}

/** What is tried for as long as the stream keeps its records may outlive them. */
function isKept({ span }: Part, { kinesis, mapping, shardId }: DeliveryOptions): boolean {
  let seen = 0
  const first = kinesis.measure(
    { stream: mapping.streamName, shardId, after: span.after },
    () => seen++ === 0,
  ).through
  return seen > 0 && first !== null && BigInt(first) <= BigInt(span.through)
}

/** Read from disk, each time. */
function batchOf({ after, through }: Span, { kinesis, mapping, shardId }: DeliveryOptions): KinesisBatch {
  const { functionName, streamArn, streamName } = mapping
  const columns = kinesis.columns({ stream: streamName, shardId, after, through })
  return kinesisBatch({ functionName, streamArn, shardId }, columns)
}

function judge(
  invocation: Invocation,
  sequenceNumbers: readonly string[],
  mapping: MappingDeclaration,
): BatchVerdict {
  if (invocation.kind === 'failed') return { kind: 'failed' }
  if (!mapping.reportsBatchItemFailures) return { kind: 'done' }
  return readBatchResponse(invocation.payload, sequenceNumbers)
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

/** Up to this record of it, and what is behind. */
function cut({ after, through }: Span, at: string | undefined): [Span, Span] {
  if (at === undefined) throw new Error('a batch is cut at one of its records')
  return [
    { after, through: at },
    { after: at, through },
  ]
}

/** What is left of it, or undefined. */
async function discardTooOld(part: Part, options: DeliveryOptions): Promise<Part | undefined> {
  const { kinesis, mapping, shardId } = options
  if (mapping.maxRecordAgeMs === -1) return part
  const timestampMs = Date.now() - mapping.maxRecordAgeMs
  const { after, through } = part.span
  const lastOld = kinesis.positionAt({ stream: mapping.streamName, shardId, timestampMs })
  if (after !== null && BigInt(lastOld) <= BigInt(after)) return part
  if (BigInt(lastOld) >= BigInt(through)) {
    await giveUp(part, { condition: 'RecordAgeExceeded' }, options)
    return undefined
  }
  const [old, young] = cut(part.span, lastOld)
  await giveUp({ ...part, span: old }, { condition: 'RecordAgeExceeded' }, options)
  return { ...part, span: young }
}

async function giveUp(
  part: Part,
  why: Pick<Discarded, 'condition' | 'last'>,
  options: DeliveryOptions,
): Promise<void> {
  const { span, invocations } = part
  const batch = batchOf(span, options)
  if (batch.sequenceNumbers.length === 0) return
  await options.discard({ ...why, batch, invocations })
  options.checkpoint(span.through)
}

function ignoreAbort(error: unknown): void {
  if (!(error instanceof Error && error.name === 'AbortError')) throw error
}
