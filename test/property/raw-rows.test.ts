import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isCanonicalBase64 } from '../../shared/core/event/canonical-base64.ts'
import { rawRecords } from '../../shared/core/event/kinesis-event.ts'
import { formatTimestamp } from '../../shared/core/event/timestamp.ts'
import { rawRows } from '../../shared/core/lake/raw-rows.ts'

const canonical = fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes).toString('base64'))

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
/** Of the alphabet, of that of URLs, what Node leaves out, and wide characters whose low byte is of the alphabet. */
const characters = fc.constantFrom(...alphabet, ...'====--__ \n.~é\u0141\u0341\ud800')

const base64 = fc.oneof(
  { arbitrary: canonical, weight: 3 },
  fc.string({ unit: characters, maxLength: 24 }),
  fc.string({ unit: 'binary', maxLength: 12 }),
  // One character of a good text is another, or is gone, or is there twice.
  fc
    .tuple(canonical, fc.nat(), fc.oneof(characters, fc.constant('')))
    .map(
      ([text, at, other]) =>
        text.slice(0, at % (text.length + 1)) + other + text.slice(at % (text.length + 1)),
    ),
  fc
    .tuple(canonical, fc.nat(), characters)
    .map(
      ([text, at, other]) =>
        text.slice(0, at % (text.length + 1)) + other + text.slice((at % (text.length + 1)) + 1),
    ),
)

const reencoded = (text: string): string => Buffer.from(text, 'base64').toString('base64')

describe('isCanonicalBase64', () => {
  it('is true of the texts that decoding and encoding leaves as they are', () => {
    const seen = new Set<boolean>()
    fc.assert(
      fc.property(base64, (text) => {
        seen.add(isCanonicalBase64(text))
        expect(isCanonicalBase64(text)).toBe(reencoded(text) === text)
      }),
      { numRuns: 20_000 },
    )
    expect(seen.size).toBe(2)
  })

  it.each(['', 'AA==', 'AAA=', 'AAAA'])('is true of %j', (text) => {
    expect(isCanonicalBase64(text)).toBe(true)
  })

  it.each([
    ['AB==', 'sets bits that no byte takes'],
    ['AAB=', 'sets bits that no byte takes'],
    ['AA', 'has no padding'],
    ['====', 'is padding alone'],
    ['A===', 'is a quarter of a byte'],
    ['AA==AAAA', 'is padded in the middle'],
    ['-_--', 'is in the alphabet of URLs'],
    ['AAAA\nAAA', 'has a line end'],
    ['\u0141AAA', 'has a wide character whose low byte is an A'],
  ])('is false of %j, which %s', (text) => {
    expect(isCanonicalBase64(text)).toBe(false)
  })
})

const key = fc.string({
  unit: fc.oneof(fc.constantFrom('"', '\\', '\n', '\ud800', 'é', '\u2028', '😀'), fc.string()),
})
const record = fc.record({
  eventID: fc.constantFrom('shardId-000000000000:1', 'shardId-000000000001:2', 'a"b:3'),
  kinesis: fc.record({
    partitionKey: key,
    sequenceNumber: fc.bigInt({ min: 0n, max: 10n ** 56n }).map(String),
    data: base64,
    approximateArrivalTimestamp: fc.integer({ min: 0, max: 4_000_000_000_000 }).map((ms) => ms / 1000),
  }),
})

describe('rawRows', () => {
  it('writes what JSON writes of decoded and encoded bytes, to the last byte', () => {
    fc.assert(
      fc.property(fc.array(record, { maxLength: 6 }), (Records) => {
        const plain = Records.map(({ eventID, kinesis }) =>
          JSON.stringify({
            shard_id: eventID.slice(0, eventID.indexOf(':')),
            sequence_number: kinesis.sequenceNumber,
            received_at: formatTimestamp(Math.round(kinesis.approximateArrivalTimestamp * 1000)),
            partition_key: kinesis.partitionKey.toWellFormed(),
            part: 0,
            parts: 1,
            data: reencoded(kinesis.data),
          }),
        )
        const { text, ends } = rawRows(rawRecords({ Records }))
        expect(String(text)).toBe(plain.map((row) => `${row}\n`).join(''))
        expect(ends.map((end) => text[end - 1])).toEqual(plain.map(() => 0x0a))
        expect(ends.at(-1) ?? 0).toBe(text.length)
      }),
      { numRuns: 2_000 },
    )
  })
})
