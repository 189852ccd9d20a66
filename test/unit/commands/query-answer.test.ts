import { describe, expect, it } from 'vitest'
import { costLine, sizeText } from '../../../commands/query/cost-line.ts'
import { athenaValue } from '../../../shared/core/lake/athena-value.ts'

describe('a value of Athena is printed as one of DuckDB', () => {
  it.each([
    [null, 'bigint', null],
    ['9007199254740991', 'bigint', 9_007_199_254_740_991],
    ['9007199254740992', 'bigint', '9007199254740992'],
    ['1.0E7', 'double', 10_000_000],
    ['NaN', 'double', null],
    ['1.50', 'decimal', 1.5],
    ['1234567890123456.50', 'decimal', '1234567890123456.50'],
    ['true', 'boolean', true],
    ['2026-11-21 01:02:03.004', 'timestamp', '2026-11-21T01:02:03.004Z'],
    ['2026-11-21 01:02:03.004 UTC', 'timestamp with time zone', '2026-11-21T01:02:03.004Z'],
    ['2026-11-21', 'date', '2026-11-21'],
    ['12', 'varchar', '12'],
    ['[a, b]', 'array', '[a, b]'],
  ])('%s %s', (text, type, expected) => {
    expect(athenaValue(text, type)).toBe(expected)
  })
})

describe('the line under a table', () => {
  it('tells rows, bytes and seconds', () => {
    const one = { columns: ['a'], rows: [[1]], scannedBytes: 1_234_567, elapsedMs: 340 }
    expect(costLine(one)).toBe('(1 row, 1.2 MB scanned, 0.3 s)')
    expect(costLine({ ...one, rows: [] })).toBe('(0 rows, 1.2 MB scanned, 0.3 s)')
  })

  it.each([
    [0, '0 bytes'],
    [999, '999 bytes'],
    [1_000, '1.0 kB'],
    [999_949, '999.9 kB'],
    [1_000_000, '1.0 MB'],
    [2_500_000_000_000_000, '2500.0 TB'],
  ])('writes %i bytes as %s', (bytes, text) => {
    expect(sizeText(bytes)).toBe(text)
  })
})
