import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { RecordColumns } from '../../local/aws/kinesis/store.ts'
import { eventOfBatch } from '../../local/stack/batch-event.ts'
import { kinesisBatch, payloadBytes } from '../../local/stack/kinesis-event.ts'

const source = {
  functionName: 'weir-local-enrich',
  streamArn: 'arn:aws:kinesis:us-east-1:000000000000:stream/weir-local-raw',
  shardId: 'shardId-000000000001',
}

const record = fc.record({
  partitionKey: fc.string({ unit: 'binary', minLength: 1, maxLength: 256 }),
  sequenceNumber: fc.nat().map((n) => `49${String(n).padStart(54, '0')}`),
  arrivalMs: fc.date({ noInvalidDate: true, min: new Date(0) }).map((date) => date.getTime()),
  data: fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
})

type OneRecord = {
  readonly partitionKey: string
  readonly sequenceNumber: string
  readonly arrivalMs: number
  readonly data: Buffer
}

const columnsOf = (records: readonly OneRecord[]): RecordColumns => ({
  sequenceNumbers: records.map(({ sequenceNumber }) => sequenceNumber),
  partitionKeys: records.map(({ partitionKey }) => partitionKey),
  arrivalsMs: records.map(({ arrivalMs }) => arrivalMs),
  ends: records.map((_, index) => records.slice(0, index + 1).reduce((sum, one) => sum + one.data.length, 0)),
  data: Buffer.concat(records.map(({ data }) => data)),
})

describe('the event of a batch', () => {
  it('is what Lambda makes of its records, whatever is in them', () => {
    fc.assert(
      fc.property(fc.array(record, { maxLength: 5 }), (records) => {
        const Records = records.map(({ partitionKey, sequenceNumber, arrivalMs, data }) => ({
          kinesis: {
            kinesisSchemaVersion: '1.0',
            partitionKey,
            sequenceNumber,
            data: data.toString('base64'),
            approximateArrivalTimestamp: arrivalMs / 1000,
          },
          eventSource: 'aws:kinesis',
          eventVersion: '1.0',
          eventID: `shardId-000000000001:${sequenceNumber}`,
          eventName: 'aws:kinesis:record',
          invokeIdentityArn: 'arn:aws:iam::000000000000:role/weir-local-enrich-us-east-1',
          awsRegion: 'us-east-1',
          eventSourceARN: source.streamArn,
        }))
        const event = eventOfBatch(structuredClone(kinesisBatch(source, columnsOf(records))))
        expect(event).toEqual({ Records })
        expect(JSON.stringify(event)).toBe(JSON.stringify({ Records }))
      }),
    )
  })

  it('lets a function put something else in the place of the data, as a middleware that decodes it does', () => {
    const records = fc.sample(record, 2)
    const { Records } = eventOfBatch(kinesisBatch(source, columnsOf(records)))
    const [first, second] = Records
    if (first) first.kinesis.data = 'decoded'
    expect(Records.map(({ kinesis }) => kinesis.data)).toEqual([
      'decoded',
      records[1]?.data.toString('base64'),
    ])
    expect(Object.keys(first?.kinesis ?? {})).toEqual(Object.keys(second?.kinesis ?? {}))
  })

  it('takes no more of the payload limit, as JSON, than is counted for its records', () => {
    fc.assert(
      fc.property(record, (one) => {
        const [json] = eventOfBatch(kinesisBatch(source, columnsOf([one]))).Records.map((made) =>
          JSON.stringify(made),
        )
        const size = { dataBytes: one.data.length, keyBytes: Buffer.byteLength(one.partitionKey) }
        // A partition key of control characters is six times as long as JSON.
        const escaped =
          Buffer.byteLength(JSON.stringify(one.partitionKey)) - Buffer.byteLength(one.partitionKey)
        expect(Buffer.byteLength(json ?? '')).toBeLessThanOrEqual(payloadBytes(size) + escaped)
      }),
    )
  })
})
