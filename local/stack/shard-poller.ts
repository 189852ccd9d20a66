import type { KinesisStore } from '../aws/kinesis/store.ts'
import { BatchCollector } from './batch-collector.ts'
import { deliver } from './batch-delivery.ts'
import type { ShardCheckpoint } from './checkpoints.ts'
import type { MappingDeclaration } from './declaration.ts'
import type { Discarded } from './failure-destination.ts'
import type { Invoke } from './invocation.ts'
import { type Gate, Signal } from './signal.ts'

export interface PollerOptions {
  readonly kinesis: KinesisStore
  readonly mapping: MappingDeclaration
  readonly shardId: string
  readonly invoke: Invoke
  readonly gate: Gate
  readonly stopping: AbortSignal
  readonly firstBackoffMs: number
  readonly start: ShardCheckpoint
  checkpoint(checkpoint: ShardCheckpoint): void
  discard(discarded: Discarded): Promise<void>
}

/** A shard that is split or merged is noticed within this time: its end makes no append. */
const maxIdleMs = 300

/** Reads one shard from its checkpoint to its end, one batch at a time. */
export class ShardPoller {
  readonly #options: PollerOptions
  readonly #appended = new Signal()
  #after: string | null
  #batch: BatchCollector
  /** When the first record came that is in no batch yet: a batch gathers while the function works on the one before. */
  #waitingSinceMs: number | undefined

  constructor(options: PollerOptions) {
    this.#options = options
    this.#after = options.start.after
    this.#batch = this.#nextBatch()
  }

  /** Something was put on the shard. */
  wake(): void {
    this.#waitingSinceMs ??= Date.now()
    this.#appended.wake()
  }

  /** Every record of the shard is done with. */
  get isCaughtUp(): boolean {
    const { kinesis, mapping, shardId } = this.#options
    const latest = kinesis.latest(mapping.streamName, shardId)
    return latest === null || (this.#after !== null && BigInt(latest) <= BigInt(this.#after))
  }

  /** Ends with the shard, or when the mapping stops. */
  async run(): Promise<'shard ended' | 'stopped'> {
    const { gate, stopping } = this.#options
    while (!stopping.aborted) {
      await gate.pass()
      this.#batch.readOn(this.#waitingSinceMs ?? Date.now())
      // Woken for nothing, as by a split of another shard.
      if (this.#batch.isEmpty) this.#waitingSinceMs = undefined
      const dueInMs = this.#batch.dueInMs(Date.now())
      if (dueInMs <= 0) await this.#deliver()
      else if (this.#batch.atEnd) return this.#finish()
      else await this.#appended.wait(Math.min(dueInMs, maxIdleMs))
    }
    return 'stopped'
  }

  async #deliver(): Promise<void> {
    const checkpoint = (sequenceNumber: string) => {
      this.#after = sequenceNumber
      this.#options.checkpoint({ after: sequenceNumber, finished: false })
    }
    this.#waitingSinceMs = this.#batch.isFull ? Date.now() : undefined
    if (this.#batch.span) await deliver(this.#batch.span, { ...this.#options, checkpoint })
    this.#batch = this.#nextBatch()
  }

  #finish(): 'shard ended' {
    this.#options.checkpoint({ after: this.#after, finished: true })
    return 'shard ended'
  }

  #nextBatch(): BatchCollector {
    const { kinesis, shardId, mapping } = this.#options
    const { streamName, batchSize, windowMs } = mapping
    return new BatchCollector({ kinesis, shardId, streamName, batchSize, windowMs, after: this.#after })
  }
}
