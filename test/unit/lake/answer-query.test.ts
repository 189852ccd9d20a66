import { describe, expect, it } from 'vitest'
import { type AskLimits, answerQuery } from '../../../shared/core/lake/answer-query.ts'
import { parseNamedQuery } from '../../../shared/core/lake/named-query.ts'
import {
  type SqlEngine,
  SqlLimitError,
  type SqlLimits,
  type SqlResult,
} from '../../../shared/core/lake/sql-engine.ts'

const topPages = parseNamedQuery(
  'top-pages.sql',
  `-- question: Which pages?
-- parameter: by choice(path|title) path | what makes a page
-- parameter: title text | only this
-- parameter: limit integer(1..100) 20 | how many
-- column: page varchar | its path
SELECT :by AS page, :title AS title LIMIT :limit`,
)
const bots = parseNamedQuery(
  'bots.sql',
  '-- question: Which bots?\n-- column: bot varchar | its name\nSELECT 1',
)

const limits: AskLimits = { timeoutMs: 20_000, maxScannedBytes: 10e9, maxRows: 3, maxRowBytes: 1_000 }

const columns = [
  { name: 'page', type: 'varchar' },
  { name: 'views', type: 'bigint' },
]
const page = (views: number) => [`/${views}`, String(views)]

class Engine implements SqlEngine {
  readonly asked: { readonly sql: string; readonly limits: SqlLimits | undefined }[] = []
  readonly answer: SqlResult['rows'] | Error

  constructor(answer: SqlResult['rows'] | Error) {
    this.answer = answer
  }

  async run(sql: string, limits?: SqlLimits): Promise<SqlResult> {
    this.asked.push({ sql, limits })
    if (this.answer instanceof Error) throw this.answer
    return { columns, rows: this.answer, scannedBytes: 1_234, elapsedMs: 56 }
  }
}

const ask = (path: string, parameters: Record<string, string> = {}, engine = new Engine([])) =>
  answerQuery({ path, parameters }, { queries: [bots, topPages], stage: 'prod', limits }, engine)

describe('GET /v1/queries', () => {
  it('tells of each query what a form needs', async () => {
    const { status, body } = await ask('/v1/queries')
    expect(status).toBe(200)
    expect(body).toEqual({
      queries: [
        {
          name: 'bots',
          question: 'Which bots?',
          parameters: [],
          columns: [{ name: 'bot', type: 'varchar', comment: 'its name' }],
        },
        {
          name: 'top-pages',
          question: 'Which pages?',
          parameters: [
            {
              name: 'by',
              type: 'choice',
              choices: ['path', 'title'],
              default: 'path',
              comment: 'what makes a page',
            },
            { name: 'title', type: 'text', default: '', comment: 'only this' },
            { name: 'limit', type: 'integer', default: '20', comment: 'how many' },
          ],
          columns: [{ name: 'page', type: 'varchar', comment: 'its path' }],
        },
      ],
    })
  })
})

describe('GET /v1/queries/{name}', () => {
  it('runs it with what is given, defaults for the rest, within its limits', async () => {
    const engine = new Engine([page(2), page(1)])
    const answer = await ask('/v1/queries/top-pages', { title: "it's", limit: '2' }, engine)
    expect(answer).toEqual({
      status: 200,
      body: {
        name: 'top-pages',
        columns,
        rows: [
          ['/2', 2],
          ['/1', 1],
        ],
        truncated: false,
        scannedBytes: 1_234,
        elapsedMs: 56,
      },
    })
    expect(engine.asked).toHaveLength(1)
    expect(engine.asked[0]?.sql).toContain("SELECT 'path' AS page, 'it''s' AS title LIMIT 2")
    expect(engine.asked[0]?.limits).toMatchObject({
      timeoutMs: 20_000,
      maxScannedBytes: 10e9,
      maxRows: limits.maxRows + 1,
    })
  })

  it.each([
    [3, false],
    [4, true],
  ])('of %i rows answers 3, truncated: %s', async (count, truncated) => {
    const rows = Array.from({ length: count }, (_, n) => page(n))
    const { body } = await ask('/v1/queries/bots', {}, new Engine(rows))
    expect(body).toMatchObject({ truncated, rows: rows.slice(0, 3).map(([path, n]) => [path, Number(n)]) })
  })

  it('answers no more bytes than one answer carries', async () => {
    const rows = [page(1), ['x'.repeat(limits.maxRowBytes), '2'], page(3)]
    const { body } = await ask('/v1/queries/bots', {}, new Engine(rows))
    expect(body).toMatchObject({ truncated: true, rows: [['/1', 1]] })
  })

  it.each([
    [{ limit: '101' }, 'limit takes a whole number from 1 to 100, not "101"'],
    [{ by: 'host' }, 'by takes one of path, title, not "host"'],
    [{ toString: '1' }, 'top-pages has no parameter "toString"; it has by, title, limit'],
  ])('refuses %j and asks nothing', async (parameters, error) => {
    const engine = new Engine([])
    expect(await ask('/v1/queries/top-pages', parameters, engine)).toEqual({ status: 400, body: { error } })
    expect(engine.asked).toEqual([])
  })

  it.each([
    ['/v1/queries/nothing', 'no query "nothing"; there are bots, top-pages'],
    ['/v1/queries/bots/more', 'no /v1/queries/bots/more; there are /v1/queries and /v1/queries/{name}'],
  ])('does not know %s, and says what there is', async (path, error) => {
    expect(await ask(path)).toEqual({ status: 404, body: { error } })
  })

  it.each([
    ['time', 504, 'stopped after 20 s'],
    ['bytes', 400, 'reads more than 10 GB'],
  ] as const)('names the command that has no limit of %s', async (limit, status, problem) => {
    const engine = new Engine(new SqlLimitError(limit, 'Athena: the query 1 did too much'))
    const parameters = { title: "it's a $HOME", limit: '5' }
    expect(await ask('/v1/queries/top-pages', parameters, engine)).toEqual({
      status,
      body: {
        error: `${problem}; without that limit: npm run query -- top-pages --title 'it'\\''s a $HOME' --limit 5 --stage prod`,
      },
    })
  })

  it('throws for any other fault of the engine', async () => {
    await expect(ask('/v1/queries/bots', {}, new Engine(new Error('throttled')))).rejects.toThrow('throttled')
  })
})
