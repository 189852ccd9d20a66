import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
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
        const event = eventOfBatch(structuredClone(kinesisBatch(source, records)))
        expect(event).toEqual({ Records })
        expect(JSON.stringify(event)).toBe(JSON.stringify({ Records }))
      }),
    )
  })

  it('has memory of its own, which can be handed over', () => {
    const records = fc.sample(record, 3)
    const { data } = kinesisBatch(source, records)
    const bytes = records.reduce((sum, one) => sum + one.data.length, 0)
    expect([data.length, data.buffer.byteLength]).toEqual([bytes, bytes])
  })

  it('takes no more of the payload limit, as JSON, than is counted for its records', () => {
    fc.assert(
      fc.property(record, (one) => {
        const [json] = eventOfBatch(kinesisBatch(source, [one])).Records.map((made) => JSON.stringify(made))
        // A partition key of control characters is six times as long as JSON.
        const escaped =
          Buffer.byteLength(JSON.stringify(one.partitionKey)) - Buffer.byteLength(one.partitionKey)
        expect(Buffer.byteLength(json ?? '')).toBeLessThanOrEqual(payloadBytes(one) + escaped)
      }),
    )
  })
})
