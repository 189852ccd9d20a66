import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { kinesisEvent, payloadBytes } from '../../local/stack/kinesis-event.ts'

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

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString()

describe('the event of a batch', () => {
  it('is what JSON.stringify makes of its records, whatever is in them', () => {
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
        expect(text(kinesisEvent(source, records))).toBe(JSON.stringify({ Records }))
      }),
    )
  })

  it('has memory of its own, which can be handed over', () => {
    const [one] = fc.sample(record, 1)
    if (!one) throw new Error('no record')
    expect(kinesisEvent(source, [one]).buffer.byteLength).toBeLessThan(payloadBytes(one) + 6 * 256 + 1_000)
  })
})
