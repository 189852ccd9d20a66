import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { anyFile, readLog, type Scan, scanSql } from '../../../shared/core/lake/duckdb-scan.ts'

const rowsPerFile = 10_000

let folder: string
let instance: DuckDBInstance
let connection: DuckDBConnection
let scan: Scan

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'weir-scan-'))
  instance = await DuckDBInstance.create(':memory:')
  connection = await instance.connect()
  await put(
    'dt=2026-11-01/hour=04/a',
    `SELECT i AS id, md5(i::varchar) AS name FROM range(${rowsPerFile}) AS t (i)`,
  )
  // Of a younger schema: another column, and a wider type of an old one.
  await put(
    'dt=2026-11-01/hour=05/b',
    `SELECT md5(i::varchar) AS name, i::integer AS id, ['x'] AS tags FROM range(${rowsPerFile}) AS t (i)`,
  )
  await put(
    'dt=2026-11-02/hour=04/c',
    `SELECT i AS id, 'n' AS name, 1 AS of_no_schema FROM range(${rowsPerFile}) AS t (i)`,
  )
  await put('dt=2026-11-02/hour=04/_hidden', `SELECT 1 AS id`)
  for (const statement of readLog.start(join(folder, 'temporary'))) await connection.run(statement)
})
beforeEach(() => {
  scan = {
    format: 'parquet',
    files: [join(folder, 'dt=*/hour=*', anyFile)],
    columns: [
      { name: 'id', type: 'BIGINT' },
      { name: 'name', type: 'VARCHAR' },
      { name: 'tags', type: 'VARCHAR[]' },
    ],
    partitionKeys: ['dt', 'hour'],
  }
})
afterAll(() => {
  connection.closeSync()
  instance.closeSync()
  rmSync(folder, { recursive: true })
})

async function put(path: string, query: string): Promise<void> {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  await connection.run(`COPY (${query}) TO '${join(folder, path)}' (FORMAT parquet)`)
}

async function ask(rest: string): Promise<{ rows: unknown[][]; bytes: number }> {
  await connection.run(readLog.clear)
  const [select, where = 'true'] = rest.split(' WHERE ')
  const reader = await connection.runAndReadAll(
    `SELECT ${select} FROM (${scanSql(scan)}) AS t WHERE ${where}`,
  )
  const bytes = await connection.runAndReadAll(readLog.bytes('/nowhere'))
  return { rows: reader.getRowsJson(), bytes: Number(bytes.getRows()[0]?.[0]) }
}

describe('the scan of a table', () => {
  it('has the columns of the schema, with their types, in files of every schema', async () => {
    const { rows } = await ask(
      'dt, hour, typeof(id), typeof(tags), count(*), count(tags), sum(id) GROUP BY ALL ORDER BY ALL'.replace(
        ' GROUP',
        ' WHERE true GROUP',
      ),
    )
    const sum = String((rowsPerFile * (rowsPerFile - 1)) / 2)
    const n = String(rowsPerFile)
    expect(rows).toEqual([
      ['2026-11-01', '04', 'BIGINT', 'VARCHAR[]', n, '0', sum],
      ['2026-11-01', '05', 'BIGINT', 'VARCHAR[]', n, n, sum],
      ['2026-11-02', '04', 'BIGINT', 'VARCHAR[]', n, '0', sum],
    ])
  })

  it('reads nothing of the files that a filter on partitions leaves out', async () => {
    const all = (await ask('count(name)')).bytes
    const one = await ask("count(name) WHERE dt = '2026-11-01' AND hour = '05'")
    const none = await ask("count(name) WHERE dt > '2026-11-02'")
    expect(one.rows).toEqual([[String(rowsPerFile)]])
    expect(one.bytes).toBeGreaterThan(0)
    expect(one.bytes).toBeLessThan(all * 0.6)
    expect(none).toEqual({ rows: [['0']], bytes: 0 })
  })

  it('reads only the columns that are asked for', async () => {
    const [id, both] = [(await ask('max(id + 0)')).bytes, (await ask('max(id + 0), max(name)')).bytes]
    expect(id).toBeGreaterThan(0)
    expect(id).toBeLessThan(both / 2)
  })

  it('that is made twice in a query reads twice', async () => {
    const once = (await ask('max(name)')).bytes
    const again = await ask(`max(name), (SELECT max(name) FROM (${scanSql(scan)}) AS again)`)
    expect(again.bytes / once).toBeCloseTo(2, 1)
  })

  it('of zipped JSON reads each file once, and none that a filter leaves out', async () => {
    const zipped = gzipSync(
      Array.from({ length: 20_000 }, (_, i) => JSON.stringify({ id: i, name: `${i ** 3}` })).join('\n'),
    )
    for (const day of ['2026-11-01', '2026-11-02']) {
      mkdirSync(join(folder, 'json', `dt=${day}`), { recursive: true })
      writeFileSync(join(folder, 'json', `dt=${day}`, 'a.json.gz'), zipped)
    }
    scan = { ...scan, format: 'json', files: [join(folder, 'json/dt=*', anyFile)], partitionKeys: ['dt'] }
    const one = await ask("count(name), min(dt), count(tags) WHERE dt = '2026-11-02'")
    expect(one.rows).toEqual([['20000', '2026-11-02', '0']])
    expect(one.bytes / zipped.length).toBeCloseTo(1, 1)
  })

  it('of no file has the same columns and no row', async () => {
    scan = { ...scan, files: [] }
    expect((await ask('id, name, tags, dt, hour')).rows).toEqual([])
  })
})
