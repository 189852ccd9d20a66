import type { RecordColumns } from '../aws/kinesis/store.ts'

/**
 * A batch on its way to a function's thread. In columns: between threads they are copied in a
 * quarter of the time that an object for each record takes. The bytes are handed over, and not copied.
 */
export interface KinesisBatch extends Readonly<RecordColumns> {
  readonly shardId: string
  /** What is the same in every record, as it stands in the event. */
  readonly constants: {
    readonly eventName: string
    readonly invokeIdentityArn: string
    readonly awsRegion: string
    readonly eventSourceARN: string
  }
}

/**
 * The event that Lambda hands to a function for a batch of Kinesis records, the same as if it were parsed from JSON. But
 * the text of a batch, 6 MB of it and as much again in bytes, would be most of a thread's garbage.
 */
export function eventOfBatch(batch: KinesisBatch) {
  const { shardId, constants, sequenceNumbers, arrivalsMs, partitionKeys, ends } = batch
  const bytes = Buffer.from(batch.data.buffer, batch.data.byteOffset, batch.data.byteLength)
  const Records = sequenceNumbers.map((sequenceNumber, index) => ({
    kinesis: new KinesisPart(bytes, {
      start: ends[index - 1] ?? 0,
      end: ends[index] ?? 0,
      partitionKey: partitionKeys[index],
      sequenceNumber,
      arrivalMs: arrivalsMs[index] ?? 0,
    }),
    eventSource: 'aws:kinesis',
    eventVersion: '1.0',
    eventID: `${shardId}:${sequenceNumber}`,
    ...constants,
  }))
  return { Records }
}

interface Placed {
  readonly start: number
  readonly end: number
  readonly partitionKey: string | undefined
  readonly sequenceNumber: string
  readonly arrivalMs: number
}

/**
 * What stands under `kinesis` in a record, its base64 made when it is read: made for all at once it would outlive the young
 * generation, 6 MB a batch, and the whole heap would be marked for it again and again.
 */
class KinesisPart {
  readonly kinesisSchemaVersion = '1.0'
  readonly partitionKey: string | undefined
  readonly sequenceNumber: string
  declare data: string
  // Declared, so that it comes behind the data.
  declare approximateArrivalTimestamp: number
  readonly #bytes: Buffer
  readonly #start: number
  readonly #end: number

  constructor(bytes: Buffer, placed: Placed) {
    this.#bytes = bytes
    this.#start = placed.start
    this.#end = placed.end
    this.partitionKey = placed.partitionKey
    this.sequenceNumber = placed.sequenceNumber
    Object.defineProperty(this, 'data', KinesisPart.#data)
    this.approximateArrivalTimestamp = placed.arrivalMs / 1000
  }

  /** The same two functions for all: with its own, each record would be a dictionary. */
  static readonly #data = {
    enumerable: true,
    configurable: true,
    get(this: KinesisPart): string {
      return this.#bytes.toString('base64', this.#start, this.#end)
    },
    set(this: KinesisPart, value: string): void {
      Object.defineProperty(this, 'data', { value, writable: true, enumerable: true, configurable: true })
    },
  }
}
