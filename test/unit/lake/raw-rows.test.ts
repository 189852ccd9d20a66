import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { RawRecord } from '../../../shared/core/event/outcome.ts'
import { gzipLines, type Lines } from '../../../shared/core/lake/gzip-lines.ts'
import { rawRows } from '../../../shared/core/lake/raw-rows.ts'
import { tables } from '../../../shared/core/lake/tables.ts'
import { delivered, rawRecord } from '../../support/raw-records.ts'

const maxPartBytes = 640 * 1024
const rowsOf = (...records: RawRecord[]) =>
  linesOf(rawRows(records.map(delivered))).map((row) => JSON.parse(row))
const linesOf = ({ text, ends }: Lines): string[] =>
  ends.map((end, place) => text.toString('utf8', ends[place - 1] ?? 0, end))
const dataOf = (rows: readonly { data: string }[]): Buffer =>
  Buffer.concat(rows.map(({ data }) => Buffer.from(data, 'base64')))

describe('rawRows', () => {
  it('keeps a record as received, whatever its bytes', () => {
    const record = rawRecord(Buffer.from([0, 0xff, 0xfe, 0x80]))
    expect(rowsOf(record)).toEqual([
      {
        shard_id: record.shardId,
        sequence_number: record.sequenceNumber,
        received_at: '2026-11-20 12:00:00.000',
        partition_key: 'key',
        part: 0,
        parts: 1,
        data: 'AP/+gA==',
      },
    ])
  })

  it('has the columns of the table, in its order', () => {
    const [row] = rowsOf(rawRecord('x'))
    expect(Object.keys(row)).toEqual(tables.raw.columns.map(({ name }) => name))
  })

  it('makes a row of an empty record too: it was received', () => {
    expect(rowsOf(rawRecord(''))).toMatchObject([{ part: 0, parts: 1, data: '' }])
  })

  it('takes a second row at one byte more than a part holds', () => {
    expect(rowsOf(rawRecord(Buffer.alloc(maxPartBytes)))).toHaveLength(1)
    expect(rowsOf(rawRecord(Buffer.alloc(maxPartBytes + 1)))).toHaveLength(2)
  })

  it.each([1, 3])('sets a record of %i MiB in parts that are the record again, each short enough', (mib) => {
    const record = rawRecord(randomBytes(mib * 1024 * 1024))
    const rows = rowsOf(record)
    expect(rows.map(({ part }) => part)).toEqual([...rows.keys()])
    expect(new Set(rows.map(({ parts }) => parts))).toEqual(new Set([rows.length]))
    expect(dataOf(rows).equals(record.data)).toBe(true)
    expect(gzipLines(rawRows([delivered(record)]))).toHaveLength(rows.length)
  })

  it('writes a partition key with a lone surrogate as text that every reader takes', () => {
    const [row] = rowsOf({ ...rawRecord('x'), partitionKey: 'a\ud800b' })
    expect(row.partition_key).toBe('a\ufffdb')
  })
})
