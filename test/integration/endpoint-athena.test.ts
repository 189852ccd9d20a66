import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  AthenaClient,
  BatchGetNamedQueryCommand,
  GetNamedQueryCommand,
  GetPreparedStatementCommand,
  GetWorkGroupCommand,
  ListNamedQueriesCommand,
  ListPreparedStatementsCommand,
  StopQueryExecutionCommand,
} from '@aws-sdk/client-athena'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  database,
  declareLake,
  end,
  lake,
  look,
  page,
  putParquet,
  rowsOf,
  run,
  start,
  workGroup,
} from '../support/athena-fixture.ts'
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

describe('a query', () => {
  it('answers text under a header, as Athena writes each type', async () => {
    const rows = await rowsOf(
      athena,
      `SELECT id, at_time, tags, price, added_later, dt, hour, '' AS nothing, true AS yes, DATE '2026-11-01' AS day,
         CAST(1.50 AS decimal(10, 2)) AS money, 1.0E7 AS big, sum(id) OVER () AS total, MAP(ARRAY['k'], ARRAY[1]) AS m
       FROM clicks WHERE dt = '2026-11-02' AND id = 3`,
    )
    expect(rows).toEqual([
      [
        'id',
        'at_time',
        'tags',
        'price',
        'added_later',
        'dt',
        'hour',
        'nothing',
        'yes',
        'day',
        'money',
        'big',
        'total',
        'm',
      ],
      [
        '3',
        '2026-11-02 05:00:00.000',
        '[a, b]',
        '0.75',
        undefined,
        '2026-11-02',
        '05',
        '',
        'true',
        '2026-11-01',
        '1.50',
        '1.0E7',
        '3',
        '{k=1}',
      ],
    ])
  })

  it('describes its columns', async () => {
    const execution = await run(
      athena,
      'SELECT id, visitor, tags, price, sum(id) AS n FROM clicks GROUP BY 1, 2, 3, 4 LIMIT 1',
    )
    const { answer } = await page(athena, execution)
    expect(answer.ResultSet?.ResultSetMetadata?.ColumnInfo?.map(({ Name, Type }) => [Name, Type])).toEqual([
      ['id', 'bigint'],
      ['visitor', 'varchar'],
      ['tags', 'array'],
      ['price', 'double'],
      ['n', 'bigint'],
    ])
  })

  it('leaves its result as a CSV file at the output location', async () => {
    const { ResultConfiguration, QueryExecutionId } = await run(
      athena,
      `SELECT 1 AS a, 'say "no", twice' AS b, CAST(NULL AS varchar) AS c`,
    )
    expect(ResultConfiguration?.OutputLocation).toBe(`s3://${lake}/athena-results/${QueryExecutionId}.csv`)
    const text = readFileSync(join(fixture.dataDir, 'lake/athena-results', `${QueryExecutionId}.csv`), 'utf8')
    expect(text).toBe('"a","b","c"\n"1","say ""no"", twice",\n')
  })

  it('is paged by at most a thousand rows, the header once', async () => {
    const execution = await run(
      athena,
      `SELECT id, 'two\nlines, "quoted"' AS t FROM clicks WHERE dt = '2026-11-02' ORDER BY id LIMIT 2500`,
    )
    const rows = []
    let token: string | undefined
    do {
      const { answer, rows: more } = await page(athena, execution, { NextToken: token, MaxResults: 1000 })
      rows.push(more)
      token = answer.NextToken
    } while (token)
    expect(rows.map(({ length }) => length)).toEqual([1000, 1000, 501])
    expect(rows.flat().slice(1)).toEqual(
      Array.from({ length: 2500 }, (_, i) => [String(i), 'two\nlines, "quoted"']),
    )
    await expect(page(athena, execution, { MaxResults: 1001 })).rejects.toMatchObject({
      name: 'ValidationException',
    })
  })

  it('fails with a reason, and its results are refused', async () => {
    expect(await failure('SELECT * FROM no_such_table')).toMatch(/^TABLE_NOT_FOUND: /)
    expect(await failure('SELECT no_such_column FROM clicks')).toMatch(/^COLUMN_NOT_FOUND: /)
    expect(await failure('SELECT FROM WHERE')).toMatch(/^SYNTAX_ERROR: /)
    const execution = await run(athena, "SELECT CAST('x' AS bigint)")
    expect(execution.Status?.StateChangeReason).toMatch(/^INVALID_CAST_ARGUMENT: /)
    await expect(page(athena, execution)).rejects.toThrow('Final query state: FAILED')
  })

  it('that nobody could read is refused at once', async () => {
    await expect(start(athena, 'VACUUM clicks')).rejects.toMatchObject({
      name: 'InvalidRequestException',
      message: expect.stringContaining("line 1:1: mismatched input 'VACUUM'"),
    })
  })

  it('is the same one when it is started again with its token, and refused with another text', async () => {
    const ClientRequestToken = 'a-token-of-at-least-thirty-two-characters'
    const first = await start(athena, 'SELECT 1', { ClientRequestToken })
    expect(await start(athena, 'SELECT 1', { ClientRequestToken })).toBe(first)
    await expect(start(athena, 'SELECT 2', { ClientRequestToken })).rejects.toThrow('Idempotent parameters')
  })

  it('is interrupted when it is stopped, also while it waits for its turn', async () => {
    const endless =
      'SELECT count(*) FROM clicks, range(1000000000000) AS a (x) WHERE x % 7 = hash(visitor) % 7'
    const begin = () => start(athena, endless)
    const ids = [await begin(), await begin(), await begin()]
    const [first = '', second = '', third = ''] = ids
    // It reads, so it is in the midst of it.
    const scanned = async (id: string) => (await look(athena, id)).Statistics?.DataScannedInBytes ?? 0
    for (const id of [first, second]) await expect.poll(() => scanned(id)).toBeGreaterThan(0)
    expect((await look(athena, third)).Status?.State).toBe('QUEUED')
    for (const id of ids.toReversed())
      await athena.send(new StopQueryExecutionCommand({ QueryExecutionId: id }))
    for (const id of ids) expect((await end(athena, id)).Status?.State).toBe('CANCELLED')
    expect(await rowsOf(athena, 'SELECT 1 AS one')).toEqual([['one'], ['1']])
  })

  it('takes the database of its names from the context, or from the names', async () => {
    const count = `SELECT count(*) AS n FROM ${database}.clicks WHERE dt = '2026-11-02'`
    const elsewhere = { QueryExecutionContext: { Database: 'default' } }
    expect(await rowsOf(athena, count, elsewhere)).toEqual([['n'], [String(rowsPerHour)]])
    const { Status } = await run(athena, 'SELECT count(*) FROM clicks', elsewhere)
    expect(Status?.StateChangeReason).toMatch(/^TABLE_NOT_FOUND/)
  })

  it('is known after a restart, with its result', async () => {
    const before = await run(athena, "SELECT 'kept' AS word")
    await fixture.restart()
    declareLake(fixture.endpoint)
    expect((await page(athena, before)).rows).toEqual([['word'], ['kept']])
  })
})

describe('the bytes of a scan', () => {
  const scanned = async (sql: string) => (await run(athena, sql)).Statistics?.DataScannedInBytes ?? 0

  it('are those read from the files: much fewer for one column of one partition than for all', async () => {
    const all = await scanned('SELECT * FROM clicks')
    const oneDay = await scanned("SELECT * FROM clicks WHERE dt = '2026-11-02'")
    const oneColumn = await scanned("SELECT sum(id) FROM clicks WHERE dt = '2026-11-02'")
    const files = [
      'clicks/dt=2026-11-01/hour=00',
      'clicks/dt=2026-11-01/hour=23',
      'clicks/dt=2026-11-02/hour=05',
    ]
    const bytes = files.map(
      (folder) => readFileSync(join(fixture.dataDir, 'lake', folder, 'file.parquet')).length,
    )
    const [, , last = 0] = bytes
    const total = bytes.reduce((sum, size) => sum + size, 0)
    // All of every file but some bytes of its frame; the footer is read twice.
    expect(all / total).toBeCloseTo(1, 1)
    expect(oneDay / last).toBeCloseTo(1, 1)
    expect(oneColumn).toBeGreaterThan(0)
    expect(oneColumn).toBeLessThan(last / 3)
  })

  it('are none of a partition that the filter leaves out, also behind a view', async () => {
    await run(athena, 'CREATE OR REPLACE VIEW seen AS SELECT id, visitor, dt AS day FROM clicks')
    const one = await scanned("SELECT count(visitor) FROM seen WHERE day = '2026-11-02'")
    const two = await scanned("SELECT count(visitor) FROM seen WHERE day >= '2026-11-01'")
    expect(two / one).toBeCloseTo(3, 0)
    expect(await scanned("SELECT count(visitor) FROM seen WHERE day > '2026-11-02'")).toBe(0)
  })

  it('end a query that reads more than its workgroup allows', async () => {
    fixture.endpoint.athena.declareWorkGroup({
      name: 'frugal',
      description: undefined,
      outputLocation: `s3://${lake}/athena-results/`,
      isEnforced: false,
      maxScannedBytes: 100_000,
    })
    const WorkGroup = 'frugal'
    const { Status } = await run(athena, 'SELECT * FROM clicks', { WorkGroup })
    expect(Status).toMatchObject({
      State: 'CANCELLED',
      StateChangeReason: expect.stringContaining('Bytes scanned limit'),
    })
    const table = `CREATE TABLE too_much WITH (external_location = 's3://${lake}/too-much/') AS SELECT * FROM clicks`
    expect((await run(athena, table, { WorkGroup })).Status?.State).toBe('CANCELLED')
    expect(await failure('SELECT * FROM too_much')).toMatch(/^TABLE_NOT_FOUND/)
    expect(() => objects('too-much')).toThrow('ENOENT')
  })
})

describe('what the template declares', () => {
  it('can be asked for and executed', async () => {
    const { endpoint } = fixture
    const sql = "SELECT ? AS text, ? + 1 AS next -- not ?\nWHERE '?' = '?'"
    endpoint.athena.declareNamedQuery({
      id: 'q1',
      name: 'answer',
      description: 'why',
      database,
      workGroup,
      sql,
    })
    endpoint.athena.declarePreparedStatement({ name: 'answer', description: undefined, workGroup, sql })
    const listed = await athena.send(new ListNamedQueriesCommand({ WorkGroup: workGroup }))
    const batch = await athena.send(new BatchGetNamedQueryCommand({ NamedQueryIds: ['q1', 'none'] }))
    const named = await athena.send(new GetNamedQueryCommand({ NamedQueryId: 'q1' }))
    const prepared = await athena.send(
      new GetPreparedStatementCommand({ StatementName: 'answer', WorkGroup: workGroup }),
    )
    const statements = await athena.send(new ListPreparedStatementsCommand({ WorkGroup: workGroup }))
    const group = await athena.send(new GetWorkGroupCommand({ WorkGroup: workGroup }))

    expect(listed.NamedQueryIds).toEqual(['q1'])
    expect(batch.NamedQueries?.map(({ Name }) => Name)).toEqual(['answer'])
    expect(batch.UnprocessedNamedQueryIds?.map(({ NamedQueryId }) => NamedQueryId)).toEqual(['none'])
    expect(named.NamedQuery).toMatchObject({
      Name: 'answer',
      Description: 'why',
      Database: database,
      QueryString: sql,
    })
    expect(prepared.PreparedStatement).toMatchObject({ StatementName: 'answer', QueryStatement: sql })
    expect(statements.PreparedStatements?.map(({ StatementName }) => StatementName)).toEqual(['answer'])
    expect(group.WorkGroup?.Configuration?.ResultConfiguration?.OutputLocation).toBe(
      `s3://${lake}/athena-results/`,
    )

    const expected = [
      ['text', 'next'],
      ["it's", '42'],
    ]
    expect(await rowsOf(athena, "EXECUTE answer USING 'it''s', 41")).toEqual(expected)
    expect(await rowsOf(athena, 'EXECUTE answer', { ExecutionParameters: ["'it''s'", '41'] })).toEqual(
      expected,
    )
    await expect(start(athena, 'EXECUTE answer USING 1')).rejects.toThrow('expected 2 but found 1')
  })
})
