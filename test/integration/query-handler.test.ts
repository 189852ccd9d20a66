import type { APIGatewayProxyEventV2, Context } from 'aws-lambda'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import definitions from '../../analytics/metrics.ts'
import { createPaneStore } from '../../shared/aws/dynamodb.ts'
import { accountDescriptor } from '../../shared/core/metric/account.ts'
import { compileMetrics } from '../../shared/core/metric/compile.ts'
import type { MetricDescriptor } from '../../shared/core/metric/contribution.ts'
import { addToPane, openPane } from '../../shared/core/metric/pane.ts'
import { toPaneItem } from '../../shared/core/metric/pane-item.ts'
import { type MetricsTable, openMetricsTable } from '../support/metrics-table.ts'

const noon = Date.parse('2026-11-30T12:00:00Z')
const minute = 60_000

let table: MetricsTable
let get: (path: string, parameters?: Record<string, string>) => Promise<{ status: number; body: unknown }>

beforeAll(async () => {
  table = await openMetricsTable()
  // The handler reads its environment when it is loaded, as on Lambda.
  vi.stubEnv('AWS_ENDPOINT_URL', table.endpoint)
  vi.stubEnv('AWS_REGION', 'us-east-1')
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'local')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'local')
  vi.stubEnv('METRICS_TABLE', table.tableName)
  vi.stubEnv('POWERTOOLS_METRICS_NAMESPACE', 'Weir')
  vi.stubEnv('POWERTOOLS_LOG_LEVEL', 'SILENT')
  vi.stubEnv('POWERTOOLS_METRICS_DISABLED', 'true')
  const { handler } = await import('../../functions/query/handler.ts')
  get = async (path, parameters) => {
    const { statusCode, body } = await handler(request(path, parameters), context)
    return { status: statusCode ?? 0, body: JSON.parse(body ?? 'null') }
  }
  await fill()
})

afterAll(async () => {
  vi.unstubAllEnvs()
  await table.close()
})

const fill = async (): Promise<void> => {
  const store = createPaneStore(table)
  const [pageViews] = compileMetrics(definitions).descriptors
  const item = (of: {
    descriptor: MetricDescriptor
    dims: string[]
    value: number
    lane: number
    at: number
  }) => {
    const pane = openPane({ descriptor: of.descriptor, grain: '1m', windowStart: of.at, generation: 1 })
    addToPane(pane, of)
    return toPaneItem({ pane, lane: of.lane, version: 1, clock: noon })
  }
  if (pageViews === undefined) throw new Error('no metric of events')
  await store.publish([
    item({ descriptor: pageViews, dims: ['FR', 'search'], value: 2, lane: 0, at: noon - 30 * minute }),
    item({ descriptor: pageViews, dims: ['FR', 'direct'], value: 3, lane: 1, at: noon - 30 * minute }),
    item({ descriptor: pageViews, dims: ['DE', 'direct'], value: 5, lane: 1, at: noon - minute }),
    item({ descriptor: accountDescriptor, dims: ['accepted', ''], value: 10, lane: 0, at: noon - minute }),
    item({
      descriptor: accountDescriptor,
      dims: ['quarantined', 'not_json'],
      value: 1,
      lane: 1,
      at: noon - minute,
    }),
  ])
  for (const lane of [0, 1])
    await store.publishLane({ lane, lanes: 2, version: 1, clock: noon, counters: {} })
}

describe('GET /v1/metrics', () => {
  it('lists the metrics with what they mean, and the account', async () => {
    const { status, body } = await get('/v1/metrics')
    expect(status).toBe(200)
    expect(body).toMatchObject({
      metrics: expect.arrayContaining([
        {
          name: 'pageViews',
          kind: 'count',
          of: 'page',
          grains: ['1m', '1h', '1d'],
          by: ['geo_country', 'channel'],
          description: 'Pages and screens seen, by country and channel',
          unit: 'views',
        },
        expect.objectContaining({ name: 'account', by: ['outcome', 'reason'] }),
      ]),
    })
  })
})

describe('GET /v1/metrics/{name}', () => {
  it('merges the panes of all lanes for the last hour', async () => {
    const { status, body } = await get('/v1/metrics/pageViews', { by: 'geo_country' })
    expect(status).toBe(200)
    expect(body).toMatchObject({ metric: 'pageViews', grain: '1m' })
    const { windows } = Object(body)
    expect(windows).toHaveLength(60)
    expect(windows[30]).toEqual({
      start: noon - 30 * minute,
      end: noon - 29 * minute,
      complete: true,
      cells: [{ by: { geo_country: 'FR' }, value: 5 }],
    })
    expect(windows[59]).toMatchObject({ complete: false, cells: [{ by: { geo_country: 'DE' }, value: 5 }] })
  })

  it('merges whole windows of a wider grain, though the range begins and ends inside one', async () => {
    const from = '2026-11-30T11:31:00Z'
    const { body } = await get('/v1/metrics/pageViews', {
      from,
      to: '2026-11-30T11:50:00Z',
      grain: '15m',
      by: '',
    })
    expect(body).toMatchObject({
      windows: [
        { start: noon - 30 * minute, cells: [{ by: {}, value: 5 }] },
        { start: noon - 15 * minute, cells: [{ by: {}, value: 5 }] },
      ],
    })
  })

  it('answers the account of events received', async () => {
    const { body } = await get('/v1/metrics/account', { from: String(noon - minute) })
    expect(body).toMatchObject({
      windows: [
        {
          cells: [
            { by: { outcome: 'accepted', reason: '' }, value: 10 },
            { by: { outcome: 'quarantined', reason: 'not_json' }, value: 1 },
          ],
        },
      ],
    })
  })

  it('answers 404 with the names there are', async () => {
    const { status, body } = await get('/v1/metrics/pageviews')
    expect(status).toBe(404)
    expect(body).toMatchObject({
      error: expect.stringMatching(/^no metric "pageviews"; there are pageViews, .*account$/),
    })
  })

  it('answers 400 with what is right', async () => {
    expect(await get('/v1/metrics/pageViews', { grain: '7m' })).toEqual({
      status: 400,
      body: { error: 'grain=7m: pageViews has 1m, 1h, 1d and what can be merged from them' },
    })
  })

  it('answers 404 to another path', async () => {
    expect(await get('/v1/metricsx')).toMatchObject({ status: 404 })
  })
})

const request = (
  rawPath: string,
  queryStringParameters: Record<string, string> = {},
): APIGatewayProxyEventV2 => ({
  version: '2.0',
  routeKey: '$default',
  rawPath,
  rawQueryString: '',
  headers: {},
  queryStringParameters,
  isBase64Encoded: false,
  requestContext: {
    accountId: '000000000000',
    apiId: 'local',
    domainName: '127.0.0.1',
    domainPrefix: '',
    http: { method: 'GET', path: rawPath, protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'test' },
    requestId: 'request',
    routeKey: '$default',
    stage: '$default',
    time: '30/Nov/2026:12:00:00 +0000',
    timeEpoch: noon,
  },
})

const context: Context = {
  callbackWaitsForEmptyEventLoop: false,
  functionName: 'weir-local-query',
  functionVersion: '$LATEST',
  invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:weir-local-query',
  memoryLimitInMB: '256',
  awsRequestId: 'request',
  logGroupName: '',
  logStreamName: '',
  getRemainingTimeInMillis: () => 10_000,
  done: () => undefined,
  fail: () => undefined,
  succeed: () => undefined,
}
