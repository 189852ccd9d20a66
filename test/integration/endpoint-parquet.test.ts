import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DocumentColumn } from '../../local/aws/firehose/columns.ts'
import { convertGood } from '../../local/aws/firehose/convert-good.ts'
import { convertJudged } from '../../local/aws/firehose/convert-judged.ts'

const columns = [
  { Name: 'name', Type: 'string' },
  { Name: 'at', Type: 'timestamp' },
  { Name: 'count', Type: 'bigint' },
  { Name: 'price', Type: 'double' },
  { Name: 'is_bot', Type: 'boolean' },
  { Name: 'tags', Type: 'array<string>' },
]

let folder: string
let connection: DuckDBConnection
let close: () => void

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'weir-parquet-'))
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' })
  connection = await instance.connect()
  close = () => {
    connection.closeSync()
    instance.closeSync()
  }
})

afterAll(() => {
  close()
  rmSync(folder, { recursive: true })
})

/** What either conversion makes of the lines: rows, or undefined for a line that is refused. */
async function both(lines: readonly string[], by: readonly DocumentColumn[] = columns) {
  const linesPath = join(folder, 'lines')
  writeFileSync(linesPath, lines.map((line) => `${line}\n`).join(''))
  const conversion = (name: string) => ({
    linesPath,
    lineCount: lines.length,
    columns: by,
    parquetPath: join(folder, name),
    compression: 'snappy' as const,
  })
  const good = await convertGood(connection, conversion('good.parquet'))
  const judged = await convertJudged(connection, conversion('judged.parquet'))
  return {
    good: good !== lines.length ? 'refused' : await rowsOf('good.parquet'),
    judged: judged.rowCount === lines.length ? await rowsOf('judged.parquet') : 'refused',
  }
}

async function rowsOf(name: string) {
  const answer = await connection.runAndReadAll(`FROM '${join(folder, name)}'`)
  return answer.getRowsJson()
}

const document = (value: object) => JSON.stringify(value)

describe('the quick conversion', () => {
  it('makes the same rows of good documents as the judged one', async () => {
    const { good, judged } = await both([
      document({
        name: 'a',
        at: '2026-03-01 10:00:00.123',
        count: 12,
        price: 1.5,
        is_bot: true,
        tags: ['x'],
      }),
      document({ name: 'ü 冬 \u0001 "quoted" \\', at: '2026-03-01T10:00:00Z', count: '12', price: '1e3' }),
      document({ name: { nested: [1, 'two'] }, tags: [], unknown: 1, count: null }),
      document({ name: 12.5, is_bot: 'false' }),
      ' { "name" : "spaced" , "count" : -0 } ',
    ])
    expect(good).toEqual(judged)
    expect(good).toHaveLength(5)
  })

  it('makes them of documents with other keys than the names of columns, too', async () => {
    const keys = ['name', 'b', 'at', 'd', 'e', 'tags']
    const byKey = columns.map((column, place) => ({ ...column, Key: keys[place] ?? '' }))
    const { good, judged } = await both(
      [
        document({ name: 'a', b: '2026-03-01 10:00:00.123', at: 12, d: 1.5, e: true, tags: ['x'] }),
        document({ name: 'b', count: 7, price: 'much' }),
      ],
      byKey,
    )
    expect(good).toEqual(judged)
    expect(good).toEqual([
      ['a', '2026-03-01 10:00:00.123', '12', 1.5, true, ['x']],
      ['b', null, null, null, null, null],
    ])
  })

  it.each([
    ['a number with a fraction for an integer', document({ count: 1.5 })],
    ['an integer that is too large', '{"count":9223372036854775808}'],
    ['a word for a number', document({ price: 'much' })],
    ['yes for true', document({ is_bot: 'yes' })],
    ['one for true', document({ is_bot: 1 })],
    ['a date that is none', document({ at: '2026-02-30 00:00:00' })],
    ['a text for a list', document({ tags: 'x' })],
    ['a list', '[{"name":"a"}]'],
    ['a text', '"name"'],
    ['null', 'null'],
    ['a number', '12'],
    ['what is no JSON', '{"name":"a"'],
    ['two documents on one line', '{"name":"a"} {"name":"b"}'],
    ['a document and more', '{"name":"a"} x'],
    ['single quotes', "{'name':'a'}"],
  ])('leaves %s to the judged one, which refuses it', async (_, line) => {
    expect(await both([line])).toEqual({ good: 'refused', judged: 'refused' })
    expect(await both([document({ name: 'good' }), line, document({})])).toEqual({
      good: 'refused',
      judged: 'refused',
    })
  })

  it.each([
    ['an object without any of the columns', '{}'],
    ['one with a key twice', '{"name":"first","name":"second"}'],
  ])('leaves %s to the judged one, which takes it', async (_, line) => {
    const { good, judged } = await both([line])
    expect(good).toBe('refused')
    expect(judged).toHaveLength(1)
  })

  it('takes no document that the judged one refuses, and reads each as that does', async () => {
    const value = fc.oneof(
      fc.jsonValue({ maxDepth: 2 }),
      fc.constantFrom(
        '2026-03-01 10:00:00',
        '12',
        '-0',
        '1e5',
        'true',
        'NaN',
        'Infinity',
        '',
        '1.',
        '.5',
        '007',
      ),
      fc.string({ unit: 'binary' }),
    )
    const record = fc.record(Object.fromEntries(columns.map(({ Name }) => [Name, value])), {
      requiredKeys: [],
    })
    await fc.assert(
      fc.asyncProperty(record, async (one) => {
        const { good, judged } = await both([document(one)])
        if (good !== 'refused') expect(good).toEqual(judged)
      }),
      { numRuns: 30 },
    )
  })
})
