import { isCanonicalBase64 } from './canonical-base64.ts'
import type { EpochMs, RawRecord } from './outcome.ts'

/** What Lambda hands over of a Kinesis stream: always of one shard, in its order. */
export type KinesisEvent = {
  readonly Records: readonly {
    /** `shardId:sequenceNumber` */
    readonly eventID: string
    readonly kinesis: {
      readonly partitionKey: string
      readonly sequenceNumber: string
      /** base64 */
      readonly data: string
      /** Seconds. */
      readonly approximateArrivalTimestamp: number
    }
  }[]
}

export type DeliveredRecord = RawRecord & {
  /** Its bytes, in the one way to write them in base64. */
  readonly base64: string
}

export const rawRecords = (event: KinesisEvent): DeliveredRecord[] => {
  let shardId = ''
  return event.Records.map((record) => {
    // One text for all of them, which hashes and compares at once wherever it is a key.
    const { eventID } = record
    if (!(eventID[shardId.length] === ':' && eventID.startsWith(shardId)))
      shardId = eventID.slice(0, eventID.indexOf(':'))
    return new RecordInEvent(shardId, record)
  })
}

/** Its bytes are decoded when they are asked for, each time: so they are read while they are at hand, and never all kept. */
class RecordInEvent implements DeliveredRecord {
  readonly shardId: string
  readonly sequenceNumber: string
  readonly partitionKey: string
  readonly arrivalMs: EpochMs
  readonly #kinesis: { readonly data: string }

  constructor(shardId: string, { kinesis }: KinesisEvent['Records'][number]) {
    this.shardId = shardId
    this.sequenceNumber = kinesis.sequenceNumber
    this.partitionKey = kinesis.partitionKey
    this.arrivalMs = Math.round(kinesis.approximateArrivalTimestamp * 1000)
    this.#kinesis = kinesis
  }

  get data(): Buffer {
    return Buffer.from(this.#kinesis.data, 'base64')
  }

  get base64(): string {
    // Read once: it may be made anew each time.
    const { data } = this.#kinesis
    return isCanonicalBase64(data) ? data : Buffer.from(data, 'base64').toString('base64')
  }
}

/** For logs: which records a batch was, and nothing of what they held. */
export const batchSpan = (records: readonly RawRecord[]) => ({
  shard: records[0]?.shardId,
  firstSequenceNumber: records[0]?.sequenceNumber,
  lastSequenceNumber: records.at(-1)?.sequenceNumber,
  records: records.length,
})

/** An error as it may be logged: the message of a parser quotes what it read. */
export const loggable = (error: unknown): unknown => (error instanceof SyntaxError ? error.name : error)
