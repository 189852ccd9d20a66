import { randomBytes } from 'node:crypto'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { maxFirehoseRecordBytes } from '../../../shared/core/lake/firehose-records.ts'
import { gzipLines, type Lines } from '../../../shared/core/lake/gzip-lines.ts'

const linesOf = (rows: readonly string[]): Lines => {
  let at = 0
  return {
    text: Buffer.from(rows.map((row) => `${row}\n`).join('')),
    ends: rows.map((row) => (at += Buffer.byteLength(row) + 1)),
  }
}

const noise = (bytes: number): string => randomBytes(bytes).toString('latin1').replace(/\n/g, ' ')
const unzipped = (records: readonly Uint8Array[]): string => String(gunzipSync(Buffer.concat(records)))

describe('gzipLines', () => {
  it('makes gzip members that one after another are the lines in order', () => {
    const rows = Array.from({ length: 20_000 }, (_, n) => `{"n":${n},"text":"${'ä'.repeat(n % 700)}"}`)
    const records = gzipLines(linesOf(rows))
    expect(records.length).toBeGreaterThan(1)
    expect(unzipped(records)).toBe(String(linesOf(rows).text))
  })

  it('makes a record of one line', () => {
    expect(unzipped(gzipLines(linesOf(['{}'])))).toBe('{}\n')
  })

  it('makes no record of no lines', () => {
    expect(gzipLines({ text: Buffer.alloc(0), ends: [] })).toEqual([])
  })

  it('halves what does not compress until Firehose takes it', () => {
    const lines = linesOf(Array.from({ length: 9 }, () => noise(300 * 1024)))
    const records = gzipLines(lines)
    expect(records.length).toBeLessThan(9)
    expect(Math.max(...records.map(({ length }) => length))).toBeLessThanOrEqual(maxFirehoseRecordBytes)
    expect(unzipped(records) === String(lines.text)).toBe(true)
  })

  it('throws at a line that is too long even alone', () => {
    const rows = ['short', noise(2 * maxFirehoseRecordBytes), 'short']
    expect(() => gzipLines(linesOf(rows))).toThrow(/^a row of \d+ bytes, gzipped, is too long/)
  })
})
