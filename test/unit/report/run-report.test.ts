import { beforeEach, describe, expect, it } from 'vitest'
import { answerMessage } from '../../../shared/core/report/answer-message.ts'
import {
  csv,
  defineReport,
  every,
  metric,
  type ReportTarget,
  table,
} from '../../../shared/core/report/definitions.ts'
import { runMessage } from '../../../shared/core/report/message.ts'
import { pagesQuery, ReportWorld } from '../../support/report-world.ts'

const at = Date.UTC(2026, 10, 21, 12)
const run = { report: 'pages', at }
const report = (target: ReportTarget) =>
  defineReport({
    name: 'pages',
    query: 'pages',
    parameters: { from: '{run-15m}', to: '{run}' },
    schedule: every('15m'),
    timeoutMs: 60_000,
    target,
  })

let world: ReportWorld
beforeEach(() => {
  world = new ReportWorld()
  world.answer = {
    columns: ['page', 'day', 'views'].map((name) => ({ name, type: 'varchar' })),
    rows: [
      ['/', '2026-11-21', '12'],
      ['/a,"b"', null, '3'],
    ],
    scannedBytes: 1_000,
    elapsedMs: 10,
  }
})

const answer = (target: ReportTarget, attempt = 'a1', body = runMessage(run)) =>
  answerMessage({ body, attempt }, [report(target)], { ...world.ports, readQuery: () => pagesQuery })
const fail = (effect: string) => (called: string) => {
  if (called.startsWith(effect)) throw new Error(`no answer: ${effect}`)
}

describe('a run into a table', () => {
  const target = table('report_pages')

  it('writes into a folder of its own, is chosen, and only then seen', async () => {
    expect(await answer(target)).toEqual({ outcome: 'done', report: 'pages', reason: '' })
    expect(world.effects).toEqual([
      'get',
      // Within its budget.
      'CREATE 60000',
      'DROP',
      'choose',
      'ALTER',
      'list reports/report_pages/run=2026-11-21T1200Z.',
      'done',
    ])
    expect(world.statements).toEqual([
      `CREATE TABLE report_pages_20261121t1200z_a1
WITH (format = 'PARQUET', write_compression = 'ZSTD', external_location = 's3://lake/reports/report_pages/run=2026-11-21T1200Z.a1/')
AS SELECT
  CAST(page AS varchar) AS page,
  CAST(day AS varchar) AS day,
  CAST(views AS bigint) AS views,
  TIMESTAMP '2026-11-21 12:00:00.000' AS run_at
FROM (
${pagesQuery.sql
  .trim()
  .replace(':from', "TIMESTAMP '2026-11-21 11:45:00.000'")
  .replace(':to', "TIMESTAMP '2026-11-21 12:00:00.000'")}
) AS answered`,
      'DROP TABLE IF EXISTS report_pages_20261121t1200z_a1',
      "ALTER TABLE report_pages ADD IF NOT EXISTS PARTITION (run = '2026-11-21T1200Z.a1') LOCATION 's3://lake/reports/report_pages/run=2026-11-21T1200Z.a1/'",
    ])
  })

  it.each(['CREATE', 'DROP', 'choose', 'ALTER', 'list', 'done'])(
    'shows the result of one attempt when it dies after "%s" and comes again',
    async (effect) => {
      world.afterCall = fail(effect)
      await expect(answer(target, 'a1')).rejects.toThrow('no answer')
      world.afterCall = () => {}
      await answer(target, 'a2')
      const shown = new Set(world.statements.filter((sql) => sql.startsWith('ALTER')))
      const chosen = ['CREATE', 'DROP'].includes(effect) ? 'a2' : 'a1'
      expect([...shown].map((sql) => /run=.*\.(\w+)\//.exec(sql)?.[1])).toEqual([chosen])
      expect(world.statusOf(run)).toBe('done')
      // What is chosen is not asked again.
      const asked = world.statements.filter((sql) => sql.startsWith('CREATE'))
      expect(asked).toHaveLength(chosen === 'a1' ? 1 : 2)
    },
  )

  it('shows what is chosen when another attempt was faster', async () => {
    world.afterCall = (effect) => {
      if (effect !== 'DROP') return
      world.afterCall = () => {}
      world.runs.set('pages 2026-11-21T1200Z', {
        ...run,
        status: 'chosen',
        result: { kind: 'table', partition: '2026-11-21T1200Z.other', location: 's3://lake/other/' },
      })
    }
    await answer(target)
    expect(world.statements.at(-1)).toContain("LOCATION 's3://lake/other/'")
  })

  it('drops the table of an attempt that died before it could', async () => {
    world.beforeCall = fail('DROP')
    await expect(answer(target, 'dead')).rejects.toThrow('no answer')
    world.beforeCall = () => {}
    world.files.set('reports/report_pages/run=2026-11-21T1200Z.dead/0.parquet', '')
    world.statements.length = 0
    await answer(target, 'a2')
    expect(world.statements.at(-1)).toBe('DROP TABLE IF EXISTS report_pages_20261121t1200z_dead')
    expect([...world.files.keys()]).toEqual([])
  })

  it('clears up what attempts left that were not chosen', async () => {
    const prefix = 'reports/report_pages/run=2026-11-21T1200Z'
    world.files.set(`${prefix}.dead/0.parquet`, '')
    world.files.set(`${prefix}.a1/0.parquet`, '')
    world.files.set('reports/report_pages/run=2026-11-21T1215Z.b/0.parquet', '')
    await answer(target)
    expect([...world.files.keys()]).toEqual([
      `${prefix}.a1/0.parquet`,
      'reports/report_pages/run=2026-11-21T1215Z.b/0.parquet',
    ])
  })
})

describe('a run into a file', () => {
  it('writes a CSV that tells NULL from nothing', async () => {
    world.answer = { ...world.answer, rows: [...world.answer.rows, ['', '2026-11-21', '0']] }
    await answer(csv('pages'))
    expect(world.files.get('reports-csv/pages/2026-11-21T1200Z.csv')).toBe(
      'page,day,views\r\n/,2026-11-21,12\r\n"/a,""b""",,3\r\n"",2026-11-21,0\r\n',
    )
  })

  it('keeps what the first attempt wrote', async () => {
    world.beforeCall = fail('choose')
    await expect(answer(csv('pages'), 'a1')).rejects.toThrow()
    world.beforeCall = () => {}
    world.answer = { ...world.answer, rows: [] }
    await answer(csv('pages'), 'a2')
    expect(world.files.get('reports-csv/pages/2026-11-21T1200Z.csv')).toContain('/,2026-11-21,12')
  })
})

describe('a run into a metric', () => {
  it('has the time of the run, and a value for each row', async () => {
    await answer(metric('Views', 'views', 'page'))
    expect(world.metrics).toEqual([
      {
        name: 'Views',
        at,
        dimension: 'page',
        values: [
          { value: 12, of: '/' },
          { value: 3, of: '/a,"b"' },
        ],
      },
    ])
  })

  it('says the same again when it dies before it is done', async () => {
    world.beforeCall = fail('done')
    await expect(answer(metric('Views', 'views', 'page'))).rejects.toThrow()
    world.beforeCall = () => {}
    world.answer = { ...world.answer, rows: [] }
    await answer(metric('Views', 'views', 'page'))
    expect(world.metrics[1]).toEqual(world.metrics[0])
  })

  it.each([
    ['views', 'answers 2 rows'],
    ['clicks', 'no column "clicks"'],
  ])('of %s is refused: %s', async (column, reason) => {
    await expect(answer(metric('Views', column))).rejects.toThrow(reason)
    expect(world.statusOf(run)).toBe('failed')
  })

  it('has nothing where there is no number, and refuses what is none', async () => {
    world.answer = { ...world.answer, rows: [['/', null, null]] }
    await answer(metric('Views', 'views'))
    expect(world.metrics).toEqual([{ name: 'Views', at, dimension: '', values: [] }])
    world.runs.clear()
    await expect(answer(metric('Views', 'page'))).rejects.toThrow('"/" in page is no number')
  })
})

describe('a message', () => {
  it('that comes again after its run is done does nothing', async () => {
    await answer(csv('pages'))
    world.effects.length = 0
    expect(await answer(csv('pages'), 'a2')).toMatchObject({ outcome: 'was done' })
    expect(world.effects).toEqual(['get'])
  })

  it.each(['', 'null', '{}', '{"report":"pages","run":"noon"}', '{"report":1,"run":"2026-11-21T12:00Z"}'])(
    'that is none is dropped: %s',
    async (body) => {
      expect(await answer(csv('pages'), 'a1', body)).toMatchObject({ outcome: 'dropped' })
      expect(world.effects).toEqual([])
    },
  )

  it('of a report that is no more is dropped, and the ledger says so', async () => {
    const body = runMessage({ report: 'gone', at })
    expect(await answer(csv('pages'), 'a1', body)).toMatchObject({ outcome: 'dropped', report: 'gone' })
    expect(world.statusOf({ report: 'gone', at })).toBe('failed')
  })

  it('whose query fails throws, and the ledger says why', async () => {
    world.beforeCall = fail('SELECT')
    const failing = answer(csv('pages'))
    await expect(failing).rejects.toThrow('no answer: SELECT')
    expect([...world.runs.values()]).toEqual([
      { ...run, status: 'failed', result: undefined, reason: 'no answer: SELECT' },
    ])
  })
})
