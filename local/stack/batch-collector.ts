import type { KinesisStore, StoredRecord } from '../aws/kinesis/store.ts'
import type { MappingDeclaration } from './declaration.ts'
import { batchBytes, maxPayloadBytes, payloadBytes } from './kinesis-event.ts'

export type CollectorOptions = Pick<MappingDeclaration, 'streamName' | 'batchSize' | 'windowMs'> & {
  readonly kinesis: KinesisStore
  readonly shardId: string
}

/**
 * Gathers the next batch of a shard. It is due when it is full, by number or by payload, when the window has passed
 * since its first record, or when the shard has ended.
 */
export class BatchCollector {
  readonly #options: CollectorOptions
  readonly #records: StoredRecord[] = []
  #bytes = batchBytes([])
  #startedMs = 0
  #full = false
  #atEnd = false

  constructor(options: CollectorOptions) {
    this.#options = options
  }

  get records(): readonly StoredRecord[] {
    return this.#records
  }

  get isEmpty(): boolean {
    return this.#records.length === 0
  }

  /** No more goes into it; there may be records behind it. */
  get isFull(): boolean {
    return this.#full
  }

  /** The shard is closed and its last record is in this batch or before it. */
  get atEnd(): boolean {
    return this.#atEnd
  }

  /** Reads what there is behind the batch so far. The first of it has waited since then. */
  readOn(after: string | null, sinceMs: number): void {
    const { kinesis, streamName, shardId, batchSize } = this.#options
    while (!this.#full) {
      const { records, atEnd } = kinesis.read({
        stream: streamName,
        shardId,
        after: this.#records.at(-1)?.sequenceNumber ?? after,
        maxRecords: batchSize - this.#records.length,
        maxBytes: maxPayloadBytes,
      })
      if (this.isEmpty && records.length > 0) this.#startedMs = sinceMs
      const taken = this.#take(records)
      this.#full = taken < records.length || this.#records.length === batchSize
      this.#atEnd = atEnd && taken === records.length
      if (records.length === 0 || this.#atEnd) break
    }
  }

  /** How long until it is due; 0 or less when it is. An empty one is never due. */
  dueInMs(nowMs: number): number {
    if (this.isEmpty) return Number.POSITIVE_INFINITY
    if (this.#full || this.#atEnd) return 0
    return this.#startedMs + this.#options.windowMs - nowMs
  }

  // One record is taken whatever its size: held back, it would block the shard.
  #take(records: readonly StoredRecord[]): number {
    let taken = 0
    for (const record of records) {
      const bytes = payloadBytes(record)
      if (!this.isEmpty && this.#bytes + bytes > maxPayloadBytes) break
      this.#records.push(record)
      this.#bytes += bytes
      taken++
    }
    return taken
  }
}
