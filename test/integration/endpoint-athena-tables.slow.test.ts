import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { AthenaClient } from '@aws-sdk/client-athena'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { declareLake, lake, page, putParquet, rowsOf, run, start } from '../support/athena-fixture.ts'
import { type EndpointFixture, openFixture } from './endpoint-fixture.ts'

let fixture: EndpointFixture
let athena: AthenaClient

const rowsPerHour = 5_000

beforeAll(async () => {
  fixture = await openFixture()
  declareLake(fixture.endpoint)
  athena = new AthenaClient(fixture.client)
  for (const [day, hour] of [
    ['2026-11-01', '00'],
    ['2026-11-01', '23'],
    ['2026-11-02', '05'],
  ] as const)
    await putParquet(
      fixture.dataDir,
      `clicks/dt=${day}/hour=${hour}/file.parquet`,
      `SELECT i AS id, md5(i::varchar) AS visitor, TIMESTAMP '${day} ${hour}:00:00' AS at_time,
         ['a', 'b'] AS tags, i / 4 AS price FROM range(${rowsPerHour}) AS t (i)`,
    )
})

afterAll(() => fixture.remove())

const objects = (folder: string): string[] => readdirSync(join(fixture.dataDir, 'lake', folder)).sort()
const failure = async (sql: string) => {
  const { Status } = await run(athena, sql)
  expect(Status?.State).toBe('FAILED')
  return Status?.StateChangeReason
}

describe('CREATE TABLE AS', () => {
  const create = (
    name: string,
    more = '',
    query = "SELECT id, visitor FROM clicks WHERE dt = '2026-11-02'",
  ) =>
    `CREATE TABLE ${name} WITH (format = 'PARQUET', write_compression = 'ZSTD', external_location = 's3://${lake}/made/${name}/'${more}) AS ${query}`

  it('writes exactly as many files as it has buckets, each row once', async () => {
    const execution = await run(
      athena,
      create('bucketed', ", bucketed_by = ARRAY['visitor'], bucket_count = 3"),
    )
    expect(execution.Status?.State).toBe('SUCCEEDED')
    expect((await page(athena, execution)).answer).toMatchObject({
      UpdateCount: rowsPerHour,
      ResultSet: { Rows: [] },
    })
    expect(objects('made/bucketed')).toHaveLength(3)
    const counts =
      'SELECT count(*) AS n, count(DISTINCT id) AS ids, count(DISTINCT visitor) AS v FROM bucketed'
    const all = String(rowsPerHour)
    expect(await rowsOf(athena, counts)).toEqual([
      ['n', 'ids', 'v'],
      [all, all, all],
    ])
  })

  it('writes one file without buckets, and as many as buckets though they are empty', async () => {
    await run(athena, create('single'))
    await run(athena, create('sparse', ", bucketed_by = ARRAY['id'], bucket_count = 4", 'SELECT 1 AS id'))
    expect(objects('made/single')).toHaveLength(1)
    expect(objects('made/sparse')).toHaveLength(4)
    expect(await rowsOf(athena, 'SELECT * FROM sparse')).toEqual([['id'], ['1']])
  })

  it('fails in a folder that is not empty, and leaves it as it was', async () => {
    await run(athena, create('first'))
    const before = objects('made/first')
    const again = create('second').replace('made/second', 'made/first')
    expect(await failure(again)).toMatch(
      /^HIVE_PATH_ALREADY_EXISTS: Target directory for table 'weir_test.second'/,
    )
    expect(objects('made/first')).toEqual(before)
    expect(await failure('SELECT * FROM second')).toMatch(/^TABLE_NOT_FOUND/)
    expect(await failure(create('first'))).toMatch(/^TABLE_ALREADY_EXISTS/)
  })

  it('takes no column of a type that a table cannot hold', async () => {
    expect(await failure(create('untyped', '', 'SELECT current_timestamp AS moment'))).toMatch(
      /^NOT_SUPPORTED: Unsupported Hive type: timestamp with time zone/,
    )
  })

  it('writes at most a hundred partitions', { timeout: 60_000 }, async () => {
    const partitioned = ", partitioned_by = ARRAY['k']"
    await run(athena, create('by_key', partitioned, 'SELECT id, id % 100 AS k FROM clicks'))
    expect(objects('made/by_key')).toHaveLength(100)
    expect(await rowsOf(athena, 'SELECT count(*) AS n FROM by_key WHERE k = 7')).toEqual([
      ['n'],
      [String((3 * rowsPerHour) / 100)],
    ])
    const tooMany = create('by_many', partitioned, 'SELECT id, id % 101 AS k FROM clicks')
    expect(await failure(tooMany)).toMatch(/^HIVE_TOO_MANY_OPEN_PARTITIONS/)
  })

  it('is refused with a location of its own where the workgroup enforces another', async () => {
    const output = { outputLocation: `s3://${lake}/athena-results/`, maxScannedBytes: undefined }
    fixture.endpoint.athena.declareWorkGroup({
      name: 'strict',
      description: undefined,
      isEnforced: true,
      ...output,
    })
    await expect(start(athena, create('strictly'), { WorkGroup: 'strict' })).rejects.toThrow(
      'enforces a centralized output location',
    )
  })

  it('leaves its files when the table is dropped', async () => {
    await run(athena, create('dropped'))
    await run(athena, 'DROP TABLE dropped')
    expect(objects('made/dropped')).toHaveLength(1)
    expect(await failure('DROP TABLE dropped')).toMatch(/^TABLE_NOT_FOUND/)
    expect((await run(athena, 'DROP TABLE IF EXISTS dropped')).Status?.State).toBe('SUCCEEDED')
  })
})

describe('partitions', () => {
  const part = (name: string) => `part='${name}'`
  const count = 'SELECT part, count(*) AS n FROM clicks_daily GROUP BY part ORDER BY part'

  it('count from when they are added until they are dropped, and no file counts without', async () => {
    for (const name of ['2026-11-01.a', '2026-11-01.b', '2026-11-02.c'])
      await putParquet(
        fixture.dataDir,
        `clicks_daily/part=${name}/20261121_file`,
        `SELECT 1 AS id, 'v' AS visitor`,
      )
    expect(await rowsOf(athena, count)).toEqual([['part', 'n']])
    const add = (name: string) =>
      run(
        athena,
        `ALTER TABLE clicks_daily ADD IF NOT EXISTS PARTITION (${part(name)}) LOCATION 's3://${lake}/clicks_daily/part=${name}/'`,
      )
    await add('2026-11-01.a')
    await add('2026-11-02.c')
    expect((await add('2026-11-02.c')).Status?.State).toBe('SUCCEEDED')
    expect(await rowsOf(athena, count)).toEqual([
      ['part', 'n'],
      ['2026-11-01.a', '1'],
      ['2026-11-02.c', '1'],
    ])
    expect(await rowsOf(athena, 'SHOW PARTITIONS clicks_daily')).toEqual([
      ['part=2026-11-01.a'],
      ['part=2026-11-02.c'],
    ])
    await run(
      athena,
      `ALTER TABLE clicks_daily DROP IF EXISTS PARTITION (${part('2026-11-01.a')}), PARTITION (${part('none')})`,
    )
    expect(await rowsOf(athena, count)).toEqual([
      ['part', 'n'],
      ['2026-11-02.c', '1'],
    ])
    expect(await failure(`ALTER TABLE clicks_daily ADD PARTITION (${part('2026-11-02.c')})`)).toContain(
      'AlreadyExists',
    )
  })

  it('and views and tables that statements made are there after a restart', async () => {
    await run(athena, `CREATE OR REPLACE VIEW parts AS ${count}`)
    await fixture.restart()
    declareLake(fixture.endpoint)
    expect(await rowsOf(athena, 'SELECT * FROM parts')).toEqual([
      ['part', 'n'],
      ['2026-11-02.c', '1'],
    ])
    expect(await rowsOf(athena, 'SELECT count(*) AS n FROM sparse')).toEqual([['n'], ['1']])
  })

  it('are made by INSERT INTO', async () => {
    await run(
      athena,
      `INSERT INTO clicks_daily SELECT id, visitor, '2026-11-03.d' FROM clicks WHERE dt = '2026-11-02' AND id < 5`,
    )
    expect(await rowsOf(athena, `${count} DESC LIMIT 1`)).toEqual([
      ['part', 'n'],
      ['2026-11-03.d', '5'],
    ])
  })
})

describe('views', () => {
  it('name other views, and are replaced in one step', async () => {
    await run(athena, 'CREATE VIEW below AS SELECT 1 AS v')
    await run(athena, 'CREATE OR REPLACE VIEW above AS SELECT v + 1 AS w FROM below')
    expect(await rowsOf(athena, 'SELECT * FROM above')).toEqual([['w'], ['2']])
    expect(await failure('CREATE VIEW below AS SELECT 2 AS v')).toMatch(/^TABLE_ALREADY_EXISTS/)
    await run(athena, 'CREATE OR REPLACE VIEW below AS SELECT 2 AS v')
    expect(await rowsOf(athena, 'SELECT * FROM above')).toEqual([['w'], ['3']])
    await run(athena, 'DROP VIEW below')
    expect(await failure('SELECT * FROM above')).toMatch(/^TABLE_NOT_FOUND/)
  })

  it('that do not work are not made', async () => {
    expect(await failure('CREATE VIEW broken AS SELECT nothing FROM clicks')).toMatch(/^COLUMN_NOT_FOUND/)
    expect(await failure('SELECT * FROM broken')).toMatch(/^TABLE_NOT_FOUND/)
  })
})
