import { AthenaClient } from '@aws-sdk/client-athena'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Call } from '../../local/aws/call.ts'
import { createAthena } from '../../shared/aws/athena.ts'
import type { SqlEngine } from '../../shared/core/lake/sql-engine.ts'
import { database, declareLake, putParquet, workGroup } from '../support/athena-fixture.ts'
import { type EndpointFixture, openFixture } from './endpoint-fixture.ts'

let fixture: EndpointFixture
let athena: SqlEngine
let stopListening: () => void
const calls: Call[] = []

const rowCount = 2_500
const endless = 'SELECT count(*) FROM range(1000000000000) AS a (x) WHERE x % 7 = 3'

beforeAll(async () => {
  fixture = await openFixture()
  declareLake(fixture.endpoint)
  stopListening = fixture.endpoint.onCall((call) => calls.push(call))
  await putParquet(
    fixture.dataDir,
    'clicks/dt=2026-11-01/hour=00/file.parquet',
    `SELECT i AS id, md5(i::varchar) AS visitor, TIMESTAMP '2026-11-01 12:00:00' AS at_time FROM range(${rowCount}) AS t (i)`,
  )
  athena = createAthena({ workGroup, database, client: new AthenaClient(fixture.client), firstPollMs: 5 })
})

afterAll(async () => {
  stopListening()
  await fixture.remove()
})

const stops = () => calls.filter(({ action }) => action === 'StopQueryExecution').length

it('answers every row of every page as text, without the header', async () => {
  const { columns, rows, scannedBytes, elapsedMs } = await athena.run(
    'SELECT id, at_time, added_later FROM clicks ORDER BY id',
  )
  expect(columns).toEqual([
    { name: 'id', type: 'bigint' },
    { name: 'at_time', type: 'timestamp' },
    { name: 'added_later', type: 'varchar' },
  ])
  expect(rows).toHaveLength(rowCount)
  expect([rows[0], rows.at(-1)]).toEqual([
    ['0', '2026-11-01 12:00:00.000', null],
    [String(rowCount - 1), '2026-11-01 12:00:00.000', null],
  ])
  expect(scannedBytes).toBeGreaterThan(0)
  expect(elapsedMs).toBeGreaterThan(0)
})

it.each([1, 1_000, 1_001])('reads no more than %i rows when it may not', async (maxRows) => {
  const before = calls.filter(({ action }) => action === 'GetQueryResults').length
  const { rows } = await athena.run('SELECT id FROM clicks ORDER BY id', { maxRows })
  const pages = calls.filter(({ action }) => action === 'GetQueryResults').length - before
  expect([rows.length, rows.at(-1), pages]).toEqual([maxRows, [String(maxRows - 1)], maxRows < 1_000 ? 1 : 2])
})

it('answers a row that says the same as the header', async () => {
  const { rows } = await athena.run("SELECT 'word' AS word")
  expect(rows).toEqual([['word']])
})

it('answers the columns of a query without rows', async () => {
  expect(await athena.run('SELECT id FROM clicks WHERE id < 0')).toMatchObject({
    columns: [{ name: 'id', type: 'bigint' }],
    rows: [],
  })
})

it('answers no rows for statements that have none', async () => {
  const nothing = { columns: [], rows: [] }
  expect(await athena.run('CREATE OR REPLACE VIEW once AS SELECT id FROM clicks')).toMatchObject(nothing)
  const table = "CREATE TABLE made WITH (external_location = 's3://weir-test-lake/made/') AS SELECT 1 AS made"
  expect(await athena.run(table)).toMatchObject(nothing)
  expect(await athena.run('INSERT INTO made SELECT 2')).toMatchObject(nothing)
  expect((await athena.run('SHOW TABLES')).rows.flat()).toEqual(['clicks', 'clicks_daily', 'made', 'once'])
})

it('throws the reason of a query that failed', async () => {
  await expect(athena.run('SELECT * FROM nowhere')).rejects.toThrow(/failed: TABLE_NOT_FOUND/)
})

it('stops a query that takes longer than it may', async () => {
  const before = stops()
  await expect(athena.run(endless, { timeoutMs: 200 })).rejects.toMatchObject({
    limit: 'time',
    message: expect.stringContaining('took longer than the 200 ms it may'),
  })
  expect(stops()).toBe(before + 1)
  expect((await athena.run('SELECT 1 AS one')).rows).toEqual([['1']])
})

it('throws when a query has scanned more than it may, and stops one that still scans', async () => {
  await expect(athena.run('SELECT * FROM clicks', { maxScannedBytes: 1_000 })).rejects.toMatchObject({
    limit: 'bytes',
    message: expect.stringMatching(/scanned \d+ bytes, more than the 1000 it may/),
  })
  const before = stops()
  const scansForEver = `SELECT count(*) FROM clicks AS a, clicks AS b, clicks AS c, range(1000000) AS d (x)
    WHERE hash(a.visitor, b.visitor, c.visitor, x) = 0`
  await expect(athena.run(scansForEver, { maxScannedBytes: 1_000 })).rejects.toThrow('more than the 1000')
  expect(stops()).toBe(before + 1)
})

it('finds the query it started when the answer to that was lost', async () => {
  let lost = 0
  fixture.endpoint.faults.answer = ({ action }) =>
    action === 'StartQueryExecution' && lost++ === 0
      ? { code: 'InternalServerException', status: 500 }
      : undefined
  const { rows } = await athena
    .run('INSERT INTO made SELECT 41')
    .then(() => athena.run('SELECT count(*) AS n FROM made WHERE made = 41'))
  fixture.endpoint.faults.answer = undefined
  expect(lost).toBeGreaterThan(1)
  expect(rows).toEqual([['1']])
})
