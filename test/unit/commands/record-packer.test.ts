import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { maxRecordBytes, RecordPacker } from '../../../commands/send/record-packer.ts'
import { decodeRecord } from '../../../shared/core/event/decode.ts'

const json = (value: unknown, key = 'v') => ({
  bytes: Buffer.from(JSON.stringify(value)),
  key,
  isJson: true,
})
const broken = (text: string) => ({ bytes: Buffer.from(text), key: text, isJson: false })
const textOf = (records: readonly { data: Uint8Array }[]) =>
  records.map(({ data }) => Buffer.from(data).toString())
const kindsOf = (data: Uint8Array) =>
  decodeRecord({ shardId: 's', sequenceNumber: '1', partitionKey: 'p', arrivalMs: 0, data }).map(
    ({ kind }) => kind,
  )

describe('RecordPacker', () => {
  it('joins lines in their order', () => {
    const packer = new RecordPacker(['0'])
    for (const n of [1, 2, 3]) expect(packer.add(json({ n }))).toEqual([])
    expect(textOf(packer.rest())).toEqual(['{"n":1}\n{"n":2}\n{"n":3}\n'])
    expect(packer.rest()).toEqual([])
  })

  it('keeps a visitor on one shard and uses every shard', () => {
    const packer = new RecordPacker(['0', '100'])
    for (let visitor = 0; visitor < 50; visitor++)
      for (const n of [1, 2]) packer.add(json({ visitor, n }, `visitor ${visitor}`))
    const records = packer.rest()
    expect(records.map(({ explicitHashKey }) => explicitHashKey)).toEqual(['0', '100'])
    const shardOf = records.flatMap((record, shard) =>
      Buffer.from(record.data)
        .toString()
        .trim()
        .split('\n')
        .map((line) => [JSON.parse(line).visitor, shard]),
    )
    expect(new Set(shardOf.map(String)).size).toBe(50)
    expect(shardOf).toHaveLength(100)
  })

  it('sends each line that is no JSON alone, so that it stays one bad row', () => {
    const packer = new RecordPacker(['0'])
    packer.add(json({ n: 1 }))
    const records = [
      ...(packer.add(broken('oops')) ?? []),
      ...(packer.add(broken('again')) ?? []),
      ...packer.rest(),
    ]
    expect(textOf(records)).toEqual(['{"n":1}\n', 'oops', 'again'])
    expect(records.map(({ data }) => kindsOf(data))).toEqual([['event'], ['bad'], ['bad']])
  })

  it('starts a record when one is full', () => {
    const packer = new RecordPacker(['0'])
    const line = json({ text: 'x'.repeat(60_000) })
    const ready = [1, 2, 3, 4].flatMap(() => packer.add(line) ?? [])
    expect(ready.map(({ data }) => kindsOf(data).length)).toEqual([3])
    expect(packer.rest().map(({ data }) => kindsOf(data).length)).toEqual([1])
  })

  it('zips a line longer than a record', () => {
    const packer = new RecordPacker(['0'])
    const line = json({ text: 'x'.repeat(maxRecordBytes) })
    const [record] = packer.add(line) ?? []
    if (!record) throw new Error('no record')
    expect(record.data.length).toBeLessThan(maxRecordBytes)
    expect(gunzipSync(record.data).equals(line.bytes)).toBe(true)
  })

  it('refuses a line that no record can hold', () => {
    // A linear congruential generator: zipping does not make it smaller.
    let state = 1
    const noise = Uint8Array.from({ length: 2 * maxRecordBytes }, () => {
      state = Math.imul(state, 1_664_525) + 1_013_904_223
      return state >>> 24
    })
    expect(
      new RecordPacker(['0']).add({ bytes: Buffer.from(noise), key: 'n', isJson: false }),
    ).toBeUndefined()
  })
})
