import { type Message, md5 } from '../aws/sqs/message.ts'
import type { Queue } from '../aws/sqs/queue.ts'
import { systemAttributes } from '../aws/sqs/system-attributes.ts'
import { localRegion } from './arns.ts'
import { failedItems } from './batch-response.ts'
import type { QueueMappingDeclaration } from './declaration.ts'
import type { Invocation } from './invocation.ts'
import type { Mapping } from './mapping.ts'
import { Gate } from './signal.ts'

export interface QueueMappingOptions {
  readonly declaration: QueueMappingDeclaration
  readonly queue: Queue
  readonly invoke: (payload: string) => Promise<Invocation>
}

const maxWaitMs = 20_000
/** A receive of SQS takes no more at once. */
const maxReceived = 10

/**
 * An SQS event source mapping as Lambda runs it: some batches at a time, and what succeeded is deleted. What failed
 * stays, and is received again when its visibility timeout is over, until the queue gives it up.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
 */
export class QueueMapping implements Mapping {
  readonly declaration: QueueMappingDeclaration
  readonly #options: QueueMappingOptions
  readonly #gate = new Gate()
  readonly #stopping = new AbortController()
  #inHand = 0
  #pollers: Promise<void>[] = []

  constructor(options: QueueMappingOptions) {
    this.#options = options
    this.declaration = options.declaration
  }

  /** `onFault` hears of what breaks the mapping itself. */
  start(onFault: (error: unknown) => void): void {
    this.#pollers = Array.from({ length: this.declaration.maxConcurrency }, () => this.#poll().catch(onFault))
  }

  pause(): void {
    this.#gate.shut()
  }

  resume(): void {
    this.#gate.open()
  }

  /** What failed and waits to be received again is for later. */
  get isCaughtUp(): boolean {
    return this.#inHand === 0 && this.#options.queue.counts().visible === 0
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    this.#gate.open()
    await Promise.all(this.#pollers)
  }

  async #poll(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      await this.#gate.pass()
      const batch = await this.#nextBatch()
      if (batch.length === 0) continue
      this.#inHand++
      try {
        await this.#gate.pass()
        if (this.#stopping.signal.aborted) this.#putBack(batch)
        else await this.#deliver(batch)
      } finally {
        this.#inHand--
      }
    }
  }

  /** Full, or what came until the window had passed since the first message. */
  async #nextBatch(): Promise<Message[]> {
    const { batchSize, windowMs } = this.declaration
    const signal = this.#stopping.signal
    const batch = await this.#receive({ most: batchSize, waitMs: maxWaitMs })
    const deadline = Date.now() + windowMs
    while (batch.length > 0 && batch.length < batchSize && !signal.aborted) {
      const waitMs = deadline - Date.now()
      const more = await this.#receive({ most: batchSize - batch.length, waitMs: Math.max(0, waitMs) })
      batch.push(...more)
      if (more.length === 0 && waitMs <= 0) break
    }
    return batch
  }

  #receive({ most, waitMs }: { most: number; waitMs: number }): Promise<Message[]> {
    const signal = this.#stopping.signal
    return this.#options.queue.receive({ maxMessages: Math.min(most, maxReceived), waitMs, signal })
  }

  async #deliver(batch: readonly Message[]): Promise<void> {
    const invocation = await this.#options.invoke(queueEvent(this.declaration, batch))
    const failed = this.#failed(invocation, batch)
    for (const { id, receiptHandle } of batch)
      if (!failed.has(id) && receiptHandle !== undefined) this.#options.queue.delete(receiptHandle)
  }

  /** Received while it was being stopped: the next start is not to wait for their visibility timeout. */
  #putBack(batch: readonly Message[]): void {
    for (const { receiptHandle } of batch)
      if (receiptHandle !== undefined) this.#options.queue.changeVisibility(receiptHandle, 0)
  }

  #failed(invocation: Invocation, batch: readonly Message[]): ReadonlySet<string> {
    const all = new Set(batch.map(({ id }) => id))
    if (invocation.kind === 'failed') return all
    if (!this.declaration.reportsBatchItemFailures) return new Set()
    const reported = failedItems(invocation.payload)
    // An id that is not of this batch, or none, makes the whole batch a failure.
    return reported === 'unreadable' || reported.some((id) => !all.has(id)) ? all : new Set(reported)
  }
}

/** https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html */
function queueEvent({ queueArn }: QueueMappingDeclaration, messages: readonly Message[]): string {
  return JSON.stringify({
    Records: messages.map((message) => ({
      messageId: message.id,
      receiptHandle: message.receiptHandle,
      body: message.body,
      attributes: systemAttributes(message),
      messageAttributes: Object.fromEntries(
        Object.entries(message.attributes).map(([name, { DataType, StringValue, BinaryValue }]) => [
          name,
          {
            stringValue: StringValue,
            binaryValue: BinaryValue,
            stringListValues: [],
            binaryListValues: [],
            dataType: DataType,
          },
        ]),
      ),
      md5OfBody: md5(message.body),
      eventSource: 'aws:sqs',
      eventSourceARN: queueArn,
      awsRegion: localRegion,
    })),
  })
}
