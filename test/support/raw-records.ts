import { hash } from 'node:crypto'
import type { DeliveredRecord } from '../../shared/core/event/kinesis-event.ts'
import type { RawRecord } from '../../shared/core/event/outcome.ts'

export const arrivalMs = Date.UTC(2026, 10, 20, 12, 0, 0)

/** A record of the raw stream with this text, these bytes, or this value as JSON. */
export const rawRecord = (content: unknown): RawRecord => ({
  shardId: 'shardId-000000000003',
  sequenceNumber: '49581544954143914480256700934210366840104395343224897586',
  partitionKey: 'key',
  arrivalMs,
  data: bytesOf(content),
})

const bytesOf = (content: unknown): Uint8Array => {
  if (content instanceof Uint8Array) return content
  return Buffer.from(typeof content === 'string' ? content : JSON.stringify(content))
}

/** The record as Lambda hands it over. */
export const delivered = (record: RawRecord): DeliveredRecord => ({
  ...record,
  base64: Buffer.from(record.data).toString('base64'),
})

/** A page call that any plan accepts, with what the test changes of it. */
export const pageCall = (changes: Readonly<Record<string, unknown>> = {}) => ({
  type: 'page',
  messageId: 'm-1',
  anonymousId: 'anna',
  timestamp: '2026-11-20T11:59:00.000Z',
  ...changes,
})

const varint = (value: number): number[] =>
  value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(Math.floor(value / 0x80))]

const field = (number: number, bytes: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from([(number << 3) | 2, ...varint(bytes.length)]), bytes])

/** What the KPL makes of user records: one partition key for all of them, no explicit hash keys. */
export const kplAggregate = (userRecords: readonly Uint8Array[]): Buffer => {
  const records = userRecords.map((data) =>
    field(3, Buffer.concat([Buffer.from([1 << 3, 0]), field(3, data)])),
  )
  const message = Buffer.concat([field(1, Buffer.from('key')), ...records])
  return Buffer.concat([Buffer.from([0xf3, 0x89, 0x9a, 0xc2]), message, hash('md5', message, 'buffer')])
}
