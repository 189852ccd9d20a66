import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DynamoDBClient, GetItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb'
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import tables from '../../analytics/latest.ts'
import { plan } from '../../analytics/plan/plan.ts'
import { type Endpoint, startEndpoint } from '../../local/aws/endpoint.ts'
import { build } from '../../local/stack/build.ts'
import { createResources, foldersOf } from '../../local/stack/resources.ts'
import { createLanePorts } from '../../shared/aws/lane-ports.ts'
import { createLatestStore, type LatestTable } from '../../shared/aws/latest-store.ts'
import { enrichBatch } from '../../shared/core/event/enrich-batch.ts'
import { createJudge } from '../../shared/core/event/judge.ts'
import { aggregate, type LaneRecord } from '../../shared/core/lane/aggregate.ts'
import type { LaneContext } from '../../shared/core/lane/commit.ts'
import { defaultLaneSettings } from '../../shared/core/lane/fold.ts'
import type { LanePorts } from '../../shared/core/lane/ports.ts'
import { compileLatest } from '../../shared/core/latest/compile.ts'
import { rawShard, sequence } from '../support/lane-events.ts'
import { latestChange } from '../support/latest-changes.ts'
import { arrivalMs } from '../support/raw-records.ts'

const projectDir = join(import.meta.dirname, '../..')
const TableName = 'weir-local-latest'
const lanes = 4

let dataDir: string
let endpoint: Endpoint
let client: DynamoDBClient
let store: LatestTable
let ports: LanePorts
let get: (path: string, parameters?: Record<string, string>) => Promise<{ status: number; body: unknown }>

beforeAll(async () => {
  const { declaration } = await build({ projectDir, buildDir: join(projectDir, '.weir/build') })
  dataDir = mkdtempSync(join(tmpdir(), 'weir-latest-'))
  endpoint = await startEndpoint({ port: 0, dataDir, buckets: foldersOf(declaration) })
  await createResources(endpoint, declaration)
  // Clients and the handler read the environment when they are made, as on Lambda.
  vi.stubEnv('AWS_ENDPOINT_URL', `http://127.0.0.1:${endpoint.port}`)
  vi.stubEnv('AWS_REGION', 'us-east-1')
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'tester')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'local')
  vi.stubEnv('POWERTOOLS_METRICS_NAMESPACE', 'Weir')
  vi.stubEnv('POWERTOOLS_LOG_LEVEL', 'SILENT')
  vi.stubEnv('POWERTOOLS_METRICS_DISABLED', 'true')
  client = new DynamoDBClient({})
  store = createLatestStore({ tableName: TableName, client })
  ports = createLanePorts({
    stateBucket: 'weir-local-state',
    metricsTable: 'weir-local-metrics',
    latestTable: TableName,
    events: 'weir-local-events',
    sessions: 'weir-local-sessions',
    bad: 'weir-local-bad',
  })
  const { handler } = await import('../../functions/query/handler.ts')
  get = async (path, parameters) => {
    const { statusCode, body } = await handler(request(path, parameters), context)
    return { status: statusCode ?? 0, body: JSON.parse(body ?? 'null') }
  }
}, 60_000)

afterAll(async () => {
  client.destroy()
  await endpoint.close()
  vi.unstubAllEnvs()
  rmSync(dataDir, { recursive: true })
})

const itemOf = async (pk: string) =>
  (await client.send(new GetItemCommand({ TableName, Key: { pk: { S: pk } } }))).Item

describe('the table', () => {
  it('holds what a person can read in the console', async () => {
    const values = { name: 'Stuhl', price: 12.5, available: false }
    await store.publish([latestChange('readable', 7, { values })])
    expect(await itemOf('listings#readable')).toEqual({
      pk: { S: 'listings#readable' },
      order: { S: '100000000000000000000000000000000000007 000000000001000 s:7:0' },
      version: { S: '7' },
      eventTime: { N: '1000' },
      deleted: { BOOL: false },
      values: { M: { name: { S: 'Stuhl' }, price: { N: '12.5' }, available: { BOOL: false } } },
    })
  })

  it('gives back what it was given', async () => {
    const given = {
      ...latestChange('a#b/ö', 7, { values: { name: '', tiny: 1e-100, large: 1e100, nought: -0 } }),
      leftOut: ['picture'],
      expiresAt: 4_102_444_800,
    }
    await store.publish([given])
    expect(await store.get({ table: 'listings', key: 'a#b/ö' })).toEqual({
      ...given,
      values: { ...given.values, nought: 0 },
    })
  })

  it.each([
    { stored: 9, published: 10, kept: 10 },
    { stored: 10, published: 9, kept: 10 },
    { stored: -10, published: -9, kept: -9 },
  ])('keeps $kept when $published comes after $stored', async ({ stored, published, kept }) => {
    const key = `order-${stored}-${published}`
    await store.publish([latestChange(key, stored)])
    await store.publish([latestChange(key, published)])
    expect(await store.get({ table: 'listings', key })).toEqual(latestChange(key, kept))
  })

  it('remembers a deletion, and lets a newer version in', async () => {
    await store.publish([latestChange('gone', 3, { deleted: true })])
    await store.publish([latestChange('gone', 2)])
    expect(await store.get({ table: 'listings', key: 'gone' })).toMatchObject({ deleted: true, version: '3' })
    await store.publish([latestChange('gone', 4)])
    expect(await store.get({ table: 'listings', key: 'gone' })).toEqual(latestChange('gone', 4))
  })

  it('throws on a fault, after those begun have ended', async () => {
    const missing = createLatestStore({ tableName: 'no-such-table', client })
    await expect(missing.publish([latestChange('A', 1), latestChange('B', 1)])).rejects.toThrow()
  })
})

const judge = createJudge({ plan, countryOf: () => '' })

/** The lane records that the events become, each visitor's in the lane of its own. */
const packed = async (
  events: readonly { n: number; event: string; properties: object }[],
): Promise<Uint8Array[]> => {
  const records: Uint8Array[] = []
  const raw = events.map(({ n, event, properties }) => ({
    shardId: rawShard,
    sequenceNumber: sequence(n),
    partitionKey: 'p',
    arrivalMs,
    data: Buffer.from(
      JSON.stringify({ type: 'track', messageId: `m-${n}`, userId: `editor-${n}`, event, properties }),
    ),
  }))
  await enrichBatch(raw, {
    lanes,
    metrics: [],
    measure: () => [],
    latestOf: compileLatest(tables),
    judge,
    controlKeys: ['secret'],
    putOverflow: async () => {},
    putLaneRecords: async (put) => {
      records.push(...put.map(({ data }) => data))
    },
  })
  return records
}

const folding = (of: Partial<LanePorts> = {}): LaneContext => ({
  ...ports,
  ...of,
  lanes,
  settings: defaultLaneSettings,
  sessionMetrics: { sessionDescriptors: [], measureSession: () => [] },
  cache: new Map(),
  isOutOfTime: () => false,
})

let next = 0
const batchOf = (data: readonly Uint8Array[]): LaneRecord[] =>
  data.map((bytes) => ({ sequenceNumber: sequence(++next), arrivalMs, data: bytes }))
const laneShard = '1/shardId-000000000000'

describe('events on their way to the table', () => {
  const changed = (n: number, listing_id: string, version: number) => ({
    n,
    event: 'Listing Changed',
    properties: { listing_id, version, name: `as of ${version}`, price: version },
  })
  const removed = (n: number, listing_id: string, version: number) => ({
    n,
    event: 'Listing Removed',
    properties: { listing_id, version },
  })

  it('leave the newest version of each entity, out of order, repeated, and through a crash after the commit', async () => {
    const first = batchOf(await packed([changed(1, 'L-1', 2), changed(2, 'L-2', 1), removed(3, 'L-3', 5)]))
    const failing = folding({ latest: { publish: () => Promise.reject(new Error('out of memory')) } })
    const crashed = await aggregate({ laneShard, records: first }, failing)
    expect(crashed.errors.length).toBeGreaterThan(0)
    expect(await itemOf('listings#L-1')).toBeUndefined()
    // The batch comes again, to another container, and is in the lanes already.
    expect((await aggregate({ laneShard, records: first }, folding())).errors).toEqual([])

    const second = batchOf(await packed([changed(4, 'L-1', 1), changed(5, 'L-2', 3), changed(6, 'L-3', 4)]))
    const again = batchOf(await packed([changed(1, 'L-1', 2), changed(2, 'L-2', 1)]))
    const context = folding()
    expect((await aggregate({ laneShard, records: second }, context)).errors).toEqual([])
    expect((await aggregate({ laneShard, records: again }, context)).errors).toEqual([])

    const { Items = [] } = await client.send(
      new ScanCommand({
        TableName,
        FilterExpression: 'begins_with(pk, :prefix)',
        ExpressionAttributeValues: { ':prefix': { S: 'listings#L-' } },
      }),
    )
    const held = Items.map(({ pk, version, deleted }) => [pk?.S, version?.S, deleted?.BOOL])
    expect(held.toSorted()).toEqual([
      ['listings#L-1', '2', false],
      ['listings#L-2', '3', false],
      ['listings#L-3', '5', true],
    ])
  })

  it('are answered by key over HTTP', async () => {
    const eventTime = new Date(arrivalMs).toISOString()
    expect(await get('/v1/latest/listings/L-1')).toEqual({
      status: 200,
      body: {
        table: 'listings',
        key: 'L-1',
        version: '2',
        eventTime,
        values: { name: 'as of 2', price: 2 },
        leftOut: [],
      },
    })
    expect(await get('/v1/latest/listings', { key: 'L-2' })).toMatchObject({
      status: 200,
      body: { key: 'L-2', version: '3' },
    })
    expect(await get('/v1/latest/listings/a%23b%2F%C3%B6')).toMatchObject({
      status: 200,
      body: { key: 'a#b/ö' },
    })
  })

  it('are not answered when there is no such entity, or no more', async () => {
    expect(await get('/v1/latest/listings/L-3')).toEqual({
      status: 404,
      body: { error: '"L-3" of listings was deleted', deletedBy: '5' },
    })
    expect(await get('/v1/latest/listings/L-9')).toMatchObject({ status: 404 })
    expect(await get('/v1/latest/stores/L-1')).toEqual({
      status: 404,
      body: { error: 'no table "stores"; there are listings' },
    })
    expect(await get('/v1/latest/listings')).toMatchObject({ status: 400 })
  })

  it('have a catalogue', async () => {
    expect(await get('/v1/latest')).toMatchObject({
      status: 200,
      body: { tables: [{ name: 'listings', of: 'Listing Changed', key: 'properties.listing_id' }] },
    })
  })
})

function request(path: string, parameters?: Record<string, string>): APIGatewayProxyEventV2 {
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: path,
    rawQueryString: '',
    headers: {},
    ...(parameters && { queryStringParameters: parameters }),
    requestContext: {
      accountId: '',
      apiId: '',
      domainName: '',
      domainPrefix: '',
      http: { method: 'GET', path, protocol: 'HTTP/1.1', sourceIp: '', userAgent: '' },
      requestId: '',
      routeKey: '$default',
      stage: '$default',
      time: '',
      timeEpoch: arrivalMs,
    },
    isBase64Encoded: false,
  }
}

const context: Context = {
  callbackWaitsForEmptyEventLoop: false,
  functionName: 'query',
  functionVersion: '',
  invokedFunctionArn: '',
  memoryLimitInMB: '',
  awsRequestId: '',
  logGroupName: '',
  logStreamName: '',
  getRemainingTimeInMillis: () => 20_000,
  done: () => undefined,
  fail: () => undefined,
  succeed: () => undefined,
}
