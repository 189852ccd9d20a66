import { AthenaClient } from '@aws-sdk/client-athena'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { S3Client } from '@aws-sdk/client-s3'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Invocation } from '../../local/stack/invocation.ts'
import { QueueMapping } from '../../local/stack/queue-mapping.ts'
import { createPaneStore } from '../../shared/aws/dynamodb.ts'
import { createReportLedger } from '../../shared/aws/report-ledger.ts'
import { createPlanPorts, createReportPorts } from '../../shared/aws/report-ports.ts'
import { createObjectStore } from '../../shared/aws/s3.ts'
import { parseNamedQuery } from '../../shared/core/lake/named-query.ts'
import { answerMessage } from '../../shared/core/report/answer-message.ts'
import {
  csv,
  defineReport,
  every,
  metric,
  type ReportTarget,
  table,
} from '../../shared/core/report/definitions.ts'
import type { Ledger } from '../../shared/core/report/ledger.ts'
import { runMessage } from '../../shared/core/report/message.ts'
import { planRuns } from '../../shared/core/report/plan-runs.ts'
import type { ReportMetric, ReportPorts } from '../../shared/core/report/ports.ts'
import { database, declareLake, lake, putParquet, rowsOf, workGroup } from '../support/athena-fixture.ts'
import { queueNamed } from '../support/sqs-queue.ts'
import { type EndpointFixture, openFixture } from './endpoint-fixture.ts'

const reportsTable = 'weir-test-reports'
const metricsTable = 'weir-test-metrics'
const noon = Date.UTC(2026, 10, 21, 12)
const quarterMs = 15 * 60_000

const clicks = parseNamedQuery(
  'clicks.sql',
  `-- question: How many clicks?
-- parameter: from timestamp 1970-01-01 | from then on
-- parameter: to timestamp 9999-01-01 | before then
-- column: visitor varchar | who
-- column: clicks bigint | how many
SELECT visitor, count(*) AS clicks FROM clicks WHERE at_time >= :from AND at_time < :to
GROUP BY visitor ORDER BY visitor
`,
)
const queries = new Map([
  ['clicks', clicks],
  ['broken', { ...clicks, name: 'broken', sql: 'SELECT nothing FROM clicks' }],
  [
    'endless',
    {
      ...clicks,
      name: 'endless',
      sql: 'SELECT count(*) AS clicks FROM range(1000000000000) AS a (x) WHERE x % 7 = 3',
    },
  ],
])
const report = (
  name: string,
  target: ReportTarget,
  more: { query?: string; timeoutMs?: number; maxScannedBytes?: number } = {},
) =>
  defineReport({
    name,
    query: 'clicks',
    parameters: more.query === undefined ? { from: '{run-15m}', to: '{run}' } : {},
    schedule: every('15m'),
    delay: '0m',
    target,
    ...more,
  })

let fixture: EndpointFixture
let athena: AthenaClient
let ledger: Ledger
let emitted: ReportMetric[]

beforeAll(async () => {
  fixture = await openFixture()
  // Clients read the environment when they are made, as on Lambda.
  vi.stubEnv('AWS_ENDPOINT_URL', fixture.client.endpoint)
  vi.stubEnv('AWS_REGION', 'us-east-1')
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'tester')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'any')
  declareLake(fixture.endpoint)
  fixture.endpoint.athena.catalogue.declareTable(database, {
    name: 'report_clicks',
    format: 'parquet',
    location: `s3://${lake}/reports/report_clicks/`,
    columns: [
      { name: 'visitor', type: 'string' },
      { name: 'clicks', type: 'bigint' },
      { name: 'run_at', type: 'timestamp' },
    ],
    partitionKeys: [{ name: 'run', type: 'string' }],
    isProjected: false,
  })
  for (const TableName of [reportsTable, metricsTable])
    await fixture.endpoint.dynamodb.createTable({
      TableName,
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'sk', AttributeType: 'S' },
      ],
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
    })
  await putParquet(
    fixture.dataDir,
    'clicks/dt=2026-11-21/hour=12/file.parquet',
    `SELECT * FROM (VALUES (1, 'anna', TIMESTAMP '2026-11-21 11:45:00'), (2, 'anna', TIMESTAMP '2026-11-21 11:59:59.999'),
      (3, 'bert', TIMESTAMP '2026-11-21 11:50:00'), (4, 'bert', TIMESTAMP '2026-11-21 12:00:00'),
      (5, 'carl', TIMESTAMP '2026-11-21 13:50:00')) AS t (id, visitor, at_time)`,
  )
  athena = new AthenaClient(fixture.client)
  ledger = createReportLedger({ tableName: reportsTable, client: new DynamoDBClient(fixture.client) })
})

afterAll(async () => {
  vi.unstubAllEnvs()
  await fixture.remove()
})

beforeEach(() => {
  emitted = []
})

const ports = (of: Partial<ReportPorts> = {}) => ({
  ...createReportPorts({ reportsTable, lakeBucket: lake, workGroup, database }),
  emit: (metric: ReportMetric) => {
    emitted.push(metric)
  },
  readQuery: (name: string) => {
    const query = queries.get(name)
    if (query === undefined) throw new Error(`no query ${name}`)
    return query
  },
  ...of,
})

let attempts = 0
const answer = (of: ReturnType<typeof report>, at = noon, more: Partial<ReportPorts> = {}) =>
  answerMessage({ body: runMessage({ report: of.name, at }), attempt: `a${++attempts}` }, [of], ports(more))

const history = () =>
  rowsOf(athena, 'SELECT visitor, clicks, run_at FROM report_clicks ORDER BY run_at, visitor').then(
    ([, ...rows]) => rows,
  )
const objects = () => createObjectStore(lake, new S3Client({ ...fixture.client, forcePathStyle: true }))
const textOf = async (key: string): Promise<string> => {
  const found = await objects().get(key)
  return typeof found === 'string' ? found : Buffer.from(found.bytes).toString()
}

describe('a table with history', () => {
  const of = report('history', table('report_clicks'))

  it('has the rows of each run, of its own quarter hour', async () => {
    await answer(of)
    await answer(of, noon + quarterMs)
    expect(await history()).toEqual([
      ['anna', '2', '2026-11-21 12:00:00.000'],
      ['bert', '1', '2026-11-21 12:00:00.000'],
      ['bert', '1', '2026-11-21 12:15:00.000'],
    ])
  })

  it('has them once when the message comes again', async () => {
    const before = await history()
    expect(await answer(of)).toMatchObject({ outcome: 'was done' })
    expect(await history()).toEqual(before)
  })

  it('has them once when an attempt dies between the query and the ledger', async () => {
    const at = noon + 8 * quarterMs
    const before = await history()
    const dying = { ...ledger, choose: () => Promise.reject(new Error('out of memory')) }
    await expect(answer(of, at, { ledger: dying })).rejects.toThrow('out of memory')
    const prefix = 'reports/report_clicks/run=2026-11-21T1400Z.'
    const [orphan] = await objects().list(prefix)
    expect(orphan).toBeDefined()
    expect(await history()).toEqual(before)
    await answer(of, at)
    expect(await history()).toEqual([...before, ['carl', '1', '2026-11-21 14:00:00.000']])
    // What the dead attempt left is gone.
    expect(await objects().list(prefix)).not.toContain(orphan)
    expect(await ledger.get({ report: 'history', at })).toMatchObject({ status: 'done' })
  })

  it('leaves no table behind but its own', async () => {
    const tables = await rowsOf(athena, 'SHOW TABLES')
    expect(tables.flat().toSorted()).toEqual(['clicks', 'clicks_daily', 'report_clicks'])
  })
})

describe('the ledger', () => {
  const run = (at: number) => ({ report: 'ledger', at })
  const result = (key: string) => ({ kind: 'csv', key }) as const
  const cost = { scannedBytes: 12, elapsedMs: 34 }
  const dueAt = noon + 60 * quarterMs

  it('answers the latest runs first', async () => {
    for (const n of [0, 2, 1]) await ledger.add({ ...run(noon + n * quarterMs), dueAt, isComplete: n === 1 })
    expect(await ledger.recent('ledger', 2)).toEqual([
      { ...run(noon + 2 * quarterMs), dueAt, isComplete: false, status: 'due', result: undefined },
      { ...run(noon + quarterMs), dueAt, isComplete: true, status: 'due', result: undefined },
    ])
  })

  it('adds a run once, and marks as queued only what is due', async () => {
    await ledger.markFailed(run(noon), 'why not')
    await ledger.add({ ...run(noon), dueAt, isComplete: true })
    await ledger.markQueued(run(noon), noon)
    await ledger.markQueued(run(noon + quarterMs), noon)
    const known = await ledger.recent('ledger', 9)
    expect(known.map(({ status, queuedAt }) => [status, queuedAt])).toEqual([
      ['due', undefined],
      ['queued', noon],
      ['failed', undefined],
    ])
  })

  it('keeps the result that was chosen first, also when its answer was lost', async () => {
    expect(await ledger.choose(run(noon), result('one'), cost)).toEqual(result('one'))
    expect(await ledger.choose(run(noon), result('two'), cost)).toEqual(result('one'))
    await ledger.markFailed(run(noon), 'too late')
    expect(await ledger.get(run(noon))).toMatchObject({ status: 'chosen', result: result('one') })
    await ledger.markDone(run(noon))
    expect(await ledger.get(run(noon))).toMatchObject({ status: 'done' })
  })
})

describe('the budget of a report', () => {
  it('stops a query that takes too long', async () => {
    const of = report('slow', metric('Slow', 'clicks'), { query: 'endless', timeoutMs: 300 })
    await expect(answer(of)).rejects.toThrow('took longer than the 300 ms it may')
    expect(await ledger.get({ report: 'slow', at: noon })).toMatchObject({ status: 'failed' })
  })

  it('refuses a query that scans too much', async () => {
    const of = { ...report('greedy', metric('Greedy', 'clicks')), maxScannedBytes: 1 }
    await expect(answer(of)).rejects.toThrow('more than the 1 it may')
    expect(emitted).toEqual([])
  })
})

describe('the queue', () => {
  let mapping: QueueMapping | undefined
  afterEach(async () => {
    await mapping?.stop()
  })

  // As Lambda runs it: a message an invocation, what fails comes again, until it is laid aside.
  it('makes the runs of a good report while another fails, and lays the failed run aside', async () => {
    const { sqs } = fixture.endpoint
    sqs.declare(queueNamed('dead-reports'))
    sqs.declare(
      queueNamed('reports', {
        visibilityTimeoutMs: 1_000,
        redrive: { deadLetterQueue: 'dead-reports', maxReceiveCount: 2 },
      }),
    )
    const reports = [
      report('bad', csv('bad'), { query: 'broken' }),
      report('counts', metric('Clicks', 'clicks', 'visitor')),
      report('files', csv('files')),
    ]
    for (const lane of [0, 1])
      await createPaneStore({ tableName: metricsTable }).publishLane({
        lane,
        lanes: 2,
        version: 1,
        clock: noon,
        counters: {},
      })
    const plan = createPlanPorts({
      reportsTable,
      metricsTable,
      queueUrl: `${fixture.client.endpoint}/000000000000/reports`,
    })
    expect(await planRuns(reports, { nowMs: noon, settleMs: 0 }, plan)).toEqual({
      sent: 3,
      incomplete: 0,
      skipped: 0,
      errors: [],
    })
    mapping = new QueueMapping({
      declaration: {
        id: 'ReportMapping',
        queueName: 'reports',
        queueArn: 'arn:aws:sqs:us-east-1:000000000000:reports',
        functionName: 'weir-local-report',
        batchSize: 1,
        windowMs: 0,
        maxConcurrency: 2,
        reportsBatchItemFailures: false,
      },
      queue: sqs.queue('reports'),
      invoke: (payload) => invoked(payload, reports),
    })
    mapping.start((error) => {
      throw error
    })
    await expect.poll(() => sqs.queue('dead-reports').counts().visible, { timeout: 20_000 }).toBe(1)
    await expect
      .poll(() => sqs.queue('reports').counts(), { timeout: 20_000 })
      .toEqual({ visible: 0, inFlight: 0, delayed: 0 })

    expect(await textOf('reports-csv/files/2026-11-21T1200Z.csv')).toBe(
      'visitor,clicks\r\nanna,2\r\nbert,1\r\n',
    )
    // A run that is received again while it is under way says the same again.
    const said = new Set(emitted.map((one) => JSON.stringify(one)))
    expect([...said].map((text) => JSON.parse(text))).toEqual([
      {
        name: 'Clicks',
        at: noon,
        dimension: 'visitor',
        values: [
          { value: 2, of: 'anna' },
          { value: 1, of: 'bert' },
        ],
      },
    ])
    expect(
      await Promise.all(reports.map(({ name }) => ledger.get({ report: name, at: noon }))),
    ).toMatchObject([{ status: 'failed' }, { status: 'done' }, { status: 'done' }])
  }, 30_000)

  const invoked = async (
    payload: string,
    reports: readonly ReturnType<typeof report>[],
  ): Promise<Invocation> => {
    const { Records }: { Records: { body: string }[] } = JSON.parse(payload)
    try {
      for (const { body } of Records)
        await answerMessage({ body, attempt: `q${++attempts}` }, reports, ports())
      return { kind: 'returned', requestId: 'r', payload: 'null' }
    } catch (error) {
      return {
        kind: 'failed',
        requestId: 'r',
        errorType: 'Error',
        errorMessage: String(error),
        timedOut: false,
      }
    }
  }
})
