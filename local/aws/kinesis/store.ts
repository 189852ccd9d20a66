/** A record as it stands in a shard. */
export type StoredRecord = {
  sequenceNumber: string
  partitionKey: string
  explicitHashKey?: string
  arrivalMs: number
  data: Buffer
}

export type Shard = {
  shardId: string
  parentShardId?: string
  adjacentParentShardId?: string
  startingHashKey: string
  endingHashKey: string
  startingSequenceNumber: string
  /** Present once the shard is closed. */
  endingSequenceNumber?: string
  createdMs: number
}

export type StreamDescription = {
  name: string
  arn: string
  createdMs: number
  retentionHours: number
  openShardCount: number
}

/** How large a record is, in bytes. */
export type RecordSize = { dataBytes: number; keyBytes: number }

/** Records that follow one another, in columns. */
export type RecordColumns = {
  sequenceNumbers: string[]
  partitionKeys: string[]
  arrivalsMs: number[]
  /** Where each record's bytes end in `data`; they start where those of the record before end. */
  ends: number[]
  /** Memory of its own, not of a pool: it can be handed over. */
  data: Buffer<ArrayBuffer>
}

export type NewRecord = { data: Buffer; partitionKey: string; explicitHashKey?: string }
export type Placed = { shardId: string; sequenceNumber: string }

/** Kinesis in process: what the HTTP actions and the event source mappings stand on. */
export interface KinesisStore {
  /** Does nothing to a stream that exists. */
  createStream(o: { name: string; shardCount: number }): void
  deleteStream(name: string): void
  streamNames(): string[]
  describe(name: string): StreamDescription
  setRetention(name: string, hours: number): void
  /** All shards, closed ones included, in the order they were made. */
  listShards(name: string): Shard[]
  /** On disk before it returns. One entry of the answer for each record, in order. */
  put(name: string, records: readonly NewRecord[]): Placed[]
  /** Records after the sequence number (null: from the oldest kept), at least one if there is any. */
  read(o: { stream: string; shardId: string; after: string | null; maxRecords: number; maxBytes: number }): {
    records: StoredRecord[]
    /** The shard is closed and nothing comes after these. */
    atEnd: boolean
  }
  /**
   * Goes through the sizes of the records after the sequence number (null: from the oldest kept) until one is not taken.
   * `through` is the last that was taken; `after` if none was.
   */
  measure(
    o: { stream: string; shardId: string; after: string | null },
    take: (size: RecordSize) => boolean,
  ): { through: string | null; atEnd: boolean }
  /** The records after the one and up to the other, as far as they are kept. */
  columns(o: { stream: string; shardId: string; after: string | null; through: string }): RecordColumns
  /** The sequence number just before the first record that arrived at or after this time. */
  positionAt(o: { stream: string; shardId: string; timestampMs: number }): string
  /** The last record's sequence number, or null in an empty shard. */
  latest(stream: string, shardId: string): string | null
  split(o: { stream: string; shardId: string; newStartingHashKey: string }): [Shard, Shard]
  merge(o: { stream: string; shardId: string; adjacentShardId: string }): Shard
  /** Splits and merges until so many shards share the hash keys evenly. */
  updateShardCount(stream: string, count: number): void
  onAppend(listener: (stream: string, shardId: string) => void): () => void
  close(): Promise<void>
}
