import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { describe, expect, it } from 'vitest'
import { lookups } from '../../../analytics/lookups/lookups.ts'
import { printedValue } from '../../../commands/lake/printed-value.ts'
import { parseCsv } from '../../../shared/core/lake/csv.ts'
import { type Lookup, lookupFile, lookupView, maxLookupSqlBytes } from '../../../shared/core/lake/lookup.ts'

const folder = join(import.meta.dirname, '../../../analytics/lookups')

const lookup: Lookup = {
  name: 'price_lists',
  comment: 'For this test',
  columns: [
    { name: 'name', type: 'string', comment: 'Text' },
    { name: 'price', type: 'double', comment: 'Number' },
    { name: 'items', type: 'bigint', comment: 'Whole number' },
    { name: 'active', type: 'boolean', comment: 'Yes or no' },
    { name: 'since', type: 'timestamp', comment: 'Time' },
  ],
}
const header = 'name,price,items,active,since'

const rowsOf = async (sql: string) => {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  const reader = await connection.runAndReadAll(sql)
  const rows = reader.getRows().map((row) => row.map(printedValue))
  const types = reader.columnTypes().map(String)
  instance.closeSync()
  return { rows, types }
}

describe('parseCsv', () => {
  it.each([
    [
      'a,b\n1,2\n',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    [
      'a,b\r\n1,2',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    ['"a,1","say ""no""",""', [['a,1', 'say "no"', '']]],
    ['"two\nlines",x', [['two\nlines', 'x']]],
    [
      'a,\n,b\n',
      [
        ['a', ''],
        ['', 'b'],
      ],
    ],
    ['a,', [['a', '']]],
    ['\n\na\n\n', [['a']]],
    ['', []],
  ])('reads %j', (text, records) => {
    expect(parseCsv(text)).toEqual(records)
  })

  it.each(['a,b\n"x', 'a,b\nx"y"', 'a,b\n"x"y'])('refuses %j by its line', (text) => {
    expect(() => parseCsv(text)).toThrow('line 2: a quote in the wrong place')
  })
})

describe('lookupView', () => {
  it('is the rows of the CSV, typed, with NULL for what is empty', async () => {
    const csv = `${header}\nO'Hara,1.5,-3,true,2026-11-01 08:00:00\n"a, b",2,,false,\n,,,,\n`

    expect(await rowsOf(lookupView(lookup, csv))).toEqual({
      types: ['VARCHAR', 'DOUBLE', 'BIGINT', 'BOOLEAN', 'TIMESTAMP'],
      rows: [
        ["O'Hara", 1.5, -3, true, '2026-11-01T08:00:00.000Z'],
        ['a, b', 2, null, false, null],
        [null, null, null, null, null],
      ],
    })
  })

  it('has its columns also without a row', async () => {
    expect(await rowsOf(lookupView(lookup, `${header}\n`))).toEqual({
      types: ['VARCHAR', 'DOUBLE', 'BIGINT', 'BOOLEAN', 'TIMESTAMP'],
      rows: [],
    })
  })

  it.each([
    ['name,price', 'its first line must be name,price,items,active,since'],
    [`${header}\na,1`, 'record 1 has 2 fields; 5 are wanted'],
    [`${header}\na,1,2,true,\na,x,2,true,`, 'record 2: price is no double: x'],
    [`${header}\na,1,1.5,true,`, 'record 1: items is no bigint: 1.5'],
    [`${header}\na,1,2,yes,`, 'record 1: active is no boolean: yes'],
    [`${header}\na,1,2,true,today`, 'record 1: since is no timestamp: today'],
    [`${header}\n"${'x'.repeat(maxLookupSqlBytes)}",1,2,true,`, 'are too many for a view of Athena'],
  ])('names the file and what is wrong with it', (csv, problem) => {
    expect(() => lookupView(lookup, csv)).toThrow(
      `analytics/lookups/price-lists.csv: ${problem}`.slice(0, 35),
    )
    expect(() => lookupView(lookup, csv)).toThrow(problem)
  })
})

describe('the lookups of the project', () => {
  it.each(lookups)('$name fits its CSV', ({ name, ...rest }) => {
    const csv = readFileSync(join(folder, lookupFile(name)), 'utf8')

    expect(() => lookupView({ name, ...rest }, csv)).not.toThrow()
  })

  it('names every CSV of the folder', () => {
    const files = readdirSync(folder).filter((file) => file.endsWith('.csv'))

    expect(lookups.map(({ name }) => lookupFile(name)).toSorted()).toEqual(files.toSorted())
  })
})
