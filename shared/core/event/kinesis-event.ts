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
  readonly #base64: string

  constructor(shardId: string, { kinesis }: KinesisEvent['Records'][number]) {
    this.shardId = shardId
    this.sequenceNumber = kinesis.sequenceNumber
    this.partitionKey = kinesis.partitionKey
    this.arrivalMs = Math.round(kinesis.approximateArrivalTimestamp * 1000)
    this.#base64 = kinesis.data
  }

  get data(): Buffer {
    return Buffer.from(this.#base64, 'base64')
  }

  get base64(): string {
    return isCanonicalBase64(this.#base64) ? this.#base64 : this.data.toString('base64')
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
