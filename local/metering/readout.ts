/** What AWS would have billed, since the meter began. Counts and bytes only: prices are somebody else's. */
export interface Readout {
  readonly kinesis: Readonly<Record<string, StreamUnits>>
  readonly lambda: Readonly<Record<string, FunctionUnits>>
  readonly s3: Readonly<Record<string, BucketUnits>>
  readonly dynamodb: Readonly<Record<string, TableUnits>>
  readonly firehose: Readonly<Record<string, DeliveryUnits>>
  readonly athena: QueryUnits
  readonly sqs: { readonly requests: number }
}

export interface StreamUnits {
  /** 25 KB or a part of it, of each record. */
  putUnits: number
  records: number
  /** Data and partition keys: what a shard's limit of 1 MB a second is about. */
  bytes: number
}

export interface FunctionUnits {
  requests: number
  durationMs: number
  cpuMs: number
  gbSeconds: number
  logBytes: number
  /** Custom metrics that the log makes: a name with its dimensions. */
  metrics: string[]
}

export interface BucketUnits {
  /** PUT, COPY, POST and LIST. */
  writes: number
  /** GET and all others. */
  reads: number
  /** DELETE is free. */
  deletes: number
  bytesWritten: number
  /** Objects that Firehose delivered, by the first folder of their key. */
  delivered: Record<string, { objects: number; bytes: number }>
}

export interface TableUnits {
  writes: number
  /** Of 1 KB. */
  writeUnits: number
  reads: number
  /** Of 4 KB, halved for reads that need not be consistent. */
  readUnits: number
  /** Of the items that were written. */
  bytesWritten: number
}

export interface DeliveryUnits {
  records: number
  bytes: number
  /** Each record rounded up to the next 5 KB. */
  billedBytes: number
  /** The billed bytes again when the stream converts to a columnar format, else 0. */
  convertedBytes: number
}

export interface QueryUnits {
  queries: number
  scannedBytes: number
  /** Each query rounded up to the next MB, 10 MB at the least. */
  billedBytes: number
}
