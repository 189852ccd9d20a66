import { randomBytes } from 'node:crypto'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { joinRows, maxFirehoseRecordBytes } from '../../../shared/core/lake/firehose-records.ts'
import { joinRowsGzipped } from '../../../shared/core/lake/gzip-lines.ts'

const textOf = (records: readonly Uint8Array[]): string => Buffer.concat(records).toString('utf8')
const unzipped = (records: readonly Uint8Array[]): string =>
  gunzipSync(Buffer.concat(records)).toString('utf8')
const linesOf = (rows: readonly Buffer[]): string => rows.map((row) => `${row}\n`).join('')
/** A row of that many bytes, its newline included. */
const rowOf = (bytes: number): Buffer => Buffer.alloc(bytes - 1, 'x')
/** What gzip makes larger, not smaller. */
const noise = (bytes: number): Buffer => Buffer.from(randomBytes(bytes).toString('base64'))

describe('joinRows', () => {
  it('puts every row on a line of its own, in order', () => {
    expect(textOf(joinRows(['{"a":1}', '{"b":"ä"}', '{"c":3}'].map((row) => Buffer.from(row))))).toBe(
      '{"a":1}\n{"b":"ä"}\n{"c":3}\n',
    )
  })

  it('makes no record of no rows', () => {
    expect(joinRows([])).toEqual([])
  })

  it('fills a record to the last byte that Firehose takes', () => {
    const half = rowOf(maxFirehoseRecordBytes / 2)
    expect(joinRows([half, half]).map(({ length }) => length)).toEqual([maxFirehoseRecordBytes])
    expect(joinRows([half, half, rowOf(2)]).map(({ length }) => length)).toEqual([maxFirehoseRecordBytes, 2])
    expect(joinRows([half, rowOf(half.length + 2)])).toHaveLength(2)
  })

  it('counts bytes, not characters', () => {
    const rows = Array.from({ length: 4 }, () => Buffer.from('€'.repeat(120 * 1024)))
    const records = joinRows(rows)
    expect(Math.max(...records.map(({ length }) => length))).toBeLessThanOrEqual(maxFirehoseRecordBytes)
    expect(textOf(records)).toBe(linesOf(rows))
  })

  it('takes a row of exactly a record, and throws at one byte more', () => {
    expect(joinRows([rowOf(maxFirehoseRecordBytes)])).toHaveLength(1)
    expect(() => joinRows([rowOf(maxFirehoseRecordBytes + 1)])).toThrow(
      `a row of ${maxFirehoseRecordBytes + 1} bytes is too long for Firehose`,
    )
  })
})

describe('joinRowsGzipped', () => {
  it('makes gzip members that one after another are the lines in order', () => {
    const rows = Array.from({ length: 20_000 }, (_, n) =>
      Buffer.from(`{"n":${n},"text":"${'ä'.repeat(n % 700)}"}`),
    )
    const records = joinRowsGzipped(rows)
    expect(records.length).toBeGreaterThan(1)
    expect(unzipped(records)).toBe(linesOf(rows))
  })

  it('makes no record of no rows', () => {
    expect(joinRowsGzipped([])).toEqual([])
  })

  it('joins rows that compress well into few records', () => {
    const rows = Array.from({ length: 5_000 }, () => rowOf(1_000))
    expect(joinRowsGzipped(rows)).toHaveLength(1)
  })

  it('halves what does not compress until Firehose takes it', () => {
    const rows = Array.from({ length: 9 }, () => noise(300 * 1024))
    const records = joinRowsGzipped(rows)
    expect(Math.max(...records.map(({ length }) => length))).toBeLessThanOrEqual(maxFirehoseRecordBytes)
    expect(unzipped(records)).toBe(linesOf(rows))
  })

  it('throws at a row that is too long even alone', () => {
    const bytes = 2 * maxFirehoseRecordBytes
    expect(() => joinRowsGzipped([rowOf(2), noise(bytes), rowOf(2)])).toThrow(
      /^a row of \d+ bytes, gzipped, is too long/,
    )
  })
})
