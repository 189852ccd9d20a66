import type { KinesisStore, RecordSize } from '../aws/kinesis/store.ts'
import type { MappingDeclaration } from './declaration.ts'
import { batchFrameBytes, maxPayloadBytes, payloadBytes } from './kinesis-event.ts'

/** Records of a shard that follow one another: after the one (null: from the oldest kept), up to the other. */
export interface Span {
  readonly after: string | null
  readonly through: string
}

export type CollectorOptions = Pick<MappingDeclaration, 'streamName' | 'batchSize' | 'windowMs'> & {
  readonly kinesis: KinesisStore
  readonly shardId: string
  /** The batch begins behind this record. */
  readonly after: string | null
}

/**
 * Finds where the next batch of a shard ends. It is due when it is full, by number or by payload, when the window has passed
 * since its first record, or when the shard has ended. Its records stay on disk until a function takes them: batches that
 * wait for one would be megabytes for each shard and mapping.
 */
export class BatchCollector {
  readonly #options: CollectorOptions
  #through: string | null = null
  #records = 0
  #bytes = batchFrameBytes
  #startedMs = 0
  #full = false
  #atEnd = false

  constructor(options: CollectorOptions) {
    this.#options = options
  }

  /** Undefined of an empty batch. */
  get span(): Span | undefined {
    return this.#through === null ? undefined : { after: this.#options.after, through: this.#through }
  }

  get isEmpty(): boolean {
    return this.#records === 0
  }

  /** No more goes into it; there may be records behind it. */
  get isFull(): boolean {
    return this.#full
  }

  /** The shard is closed and its last record is in this batch or before it. */
  get atEnd(): boolean {
    return this.#atEnd
  }

  /** Looks at what there is behind the batch so far. The first of it has waited since then. */
  readOn(sinceMs: number): void {
    if (this.#full) return
    const { kinesis, streamName, shardId, batchSize, after } = this.#options
    const wasEmpty = this.isEmpty
    const { through, atEnd } = kinesis.measure(
      { stream: streamName, shardId, after: this.#through ?? after },
      (size) => this.#take(size),
    )
    if (this.#records === batchSize) this.#full = true
    if (!this.isEmpty) this.#through = through
    if (wasEmpty && !this.isEmpty) this.#startedMs = sinceMs
    this.#atEnd = atEnd
  }

  /** How long until it is due; 0 or less when it is. An empty one is never due. */
  dueInMs(nowMs: number): number {
    if (this.isEmpty) return Number.POSITIVE_INFINITY
    if (this.#full || this.#atEnd) return 0
    return this.#startedMs + this.#options.windowMs - nowMs
  }

  // One record is taken whatever its size: held back, it would block the shard.
  #take(size: RecordSize): boolean {
    const bytes = this.#bytes + payloadBytes(size)
    this.#full = this.#records === this.#options.batchSize || (!this.isEmpty && bytes > maxPayloadBytes)
    if (this.#full) return false
    this.#records++
    this.#bytes = bytes
    return true
  }
}
