import { gzipSync } from 'node:zlib'
import { signControl } from '../../shared/core/event/control.ts'
import { defaultLimits } from '../../shared/core/event/decode.ts'
import { encodePack } from '../../shared/core/lane/pack.ts'
import { runMessage } from '../../shared/core/report/message.ts'
import { accepted, eventsPack, markPack, quarantined } from './lane-events.ts'
import { latestChange } from './latest-changes.ts'
import { arrivalMs, kplAggregate, pageCall } from './raw-records.ts'

/** The key that `npm run invoke` seeds. */
const controlKey = 'sample-control-key'
const shardId = 'shardId-000000000000'

export const kinesisEvent = (stream: string, contents: readonly (Uint8Array | string | object)[]) => ({
  Records: contents.map((content, place) => ({
    kinesis: {
      kinesisSchemaVersion: '1.0',
      partitionKey: 'sample',
      sequenceNumber: `4958154495414391448025670093421036684010${String(place + 1).padStart(16, '0')}`,
      data: bytesOf(content).toString('base64'),
      approximateArrivalTimestamp: arrivalMs / 1000,
    },
    eventSource: 'aws:kinesis',
    eventVersion: '1.0',
    eventID: `${shardId}:4958154495414391448025670093421036684010${String(place + 1).padStart(16, '0')}`,
    eventName: 'aws:kinesis:record',
    invokeIdentityArn: 'arn:aws:iam::000000000000:role/sample',
    awsRegion: 'us-east-1',
    eventSourceARN: `arn:aws:kinesis:us-east-1:000000000000:stream/weir-local-${stream}`,
  })),
})

const bytesOf = (content: Uint8Array | string | object): Buffer =>
  content instanceof Uint8Array
    ? Buffer.from(content)
    : Buffer.from(typeof content === 'string' ? content : JSON.stringify(content))

const httpEvent = (of: {
  method: 'GET' | 'POST'
  path: string
  parameters?: Record<string, string>
  writeKey?: string
  body?: string
}) => ({
  version: '2.0',
  routeKey: '$default',
  rawPath: of.path,
  rawQueryString: new URLSearchParams(of.parameters).toString(),
  headers: {
    'content-type': 'application/json',
    ...(of.writeKey && { authorization: `Basic ${Buffer.from(`${of.writeKey}:`).toString('base64')}` }),
  },
  ...(of.parameters && { queryStringParameters: of.parameters }),
  requestContext: {
    accountId: '000000000000',
    apiId: 'local',
    domainName: '127.0.0.1',
    domainPrefix: '',
    http: {
      method: of.method,
      path: of.path,
      protocol: 'HTTP/1.1',
      sourceIp: '203.0.113.9',
      userAgent: 'sample',
    },
    requestId: 'sample-request',
    routeKey: '$default',
    stage: '$default',
    time: '20/Nov/2026:12:00:00 +0000',
    timeEpoch: arrivalMs,
  },
  ...(of.body !== undefined && { body: of.body }),
  isBase64Encoded: false,
})

const queueEvent = (body: string) => ({
  Records: [
    {
      messageId: 'sample',
      receiptHandle: 'sample',
      body,
      attributes: {
        ApproximateReceiveCount: '1',
        SentTimestamp: String(arrivalMs),
        SenderId: '000000000000',
        ApproximateFirstReceiveTimestamp: String(arrivalMs),
      },
      messageAttributes: {},
      md5OfBody: '',
      eventSource: 'aws:sqs',
      eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:weir-local-reports',
      awsRegion: 'us-east-1',
    },
  ],
})

const runOf = (report: string) => queueEvent(runMessage({ report, at: Date.UTC(2026, 10, 21, 2) }))

const control = (key: string) =>
  signControl(
    {
      weir: 'punctuation',
      shard: shardId,
      issuedAt: arrivalMs,
      shards: [{ id: shardId, parents: [], open: true }],
    },
    key,
  )

const batch = JSON.stringify({
  batch: [
    pageCall({ properties: { path: '/', url: 'https://shop.example/' } }),
    pageCall({ messageId: 'm-2' }),
  ],
  sentAt: '2026-11-20T12:00:00.000Z',
})

const withAgent = (userAgent: string) => pageCall({ messageId: 'm-agent', context: { userAgent } })
/** A prefix of a stored block, so that every build of zlib makes the same bytes of it. */
const cutOff = gzipSync(JSON.stringify(pageCall()), { level: 0 }).subarray(0, 40)
/** Small on disk, and one byte more than a record may hold. */
const bomb = gzipSync(Buffer.alloc(defaultLimits.maxUnzippedBytes + 1), { level: 9 })

const badInputs = [
  'GET /not/json HTTP/1.1',
  cutOff,
  bomb,
  '42',
  { messageId: 'm-no-type', anonymousId: 'anna' },
  { type: 'page', anonymousId: 'anna', properties: { path: '/no-id' } },
  gzipSync(JSON.stringify(withAgent('x'.repeat(200 * 1024)))),
  pageCall({ messageId: 'm-year', timestamp: '+275760-09-13T00:00:00.000Z' }),
  '{"type":"page","messageId":"m-lone","anonymousId":"anna","properties":{"title":"\\ud800 alone"}}',
  '{"type":"page","messageId":"m-proto","anonymousId":"anna","__proto__":{"polluted":true},"properties":{"__proto__":{"polluted":true}}}',
]

const badOrder = {
  type: 'track',
  event: 'Order Completed',
  messageId: 'm-order',
  anonymousId: 'anna',
  properties: { revenue: 'a lot', currency: 'euro', products: [{ product_id: 'p-1', quantity: 0 }] },
}

const listing = {
  type: 'track',
  event: 'Listing Changed',
  messageId: 'm-listing',
  userId: 'editor',
  timestamp: '2026-11-20T11:59:00.000Z',
  properties: { listing_id: 'L-1', version: 2, name: 'Chair', price: 12.5, currency: 'EUR', available: true },
}

const scheduledEvent = {
  version: '0',
  id: 'sample',
  'detail-type': 'Scheduled Event',
  source: 'aws.scheduler',
  account: '000000000000',
  time: '2026-11-20T12:00:00Z',
  region: 'us-east-1',
  resources: [],
  detail: '{}',
}

const onLane = { lanes: 8, lane: 0 }

/** What stands in `events/`, by path there without `.json`. `node test/support/make-samples.ts` writes it. */
export const sampleEvents: Readonly<Record<string, object>> = {
  'collect/good-batch': httpEvent({ method: 'POST', path: '/v1/batch', writeKey: 'local', body: batch }),
  'collect/bad-write-key': httpEvent({ method: 'POST', path: '/v1/batch', writeKey: 'guessed', body: batch }),
  'collect/bad-not-json': httpEvent({ method: 'POST', path: '/v1/batch', writeKey: 'local', body: 'hello' }),
  'archive/good-two-records': kinesisEvent('raw', [pageCall(), pageCall({ messageId: 'm-2' })]),
  'archive/bad-binary-and-large': kinesisEvent('raw', [
    Buffer.from([0, 0xff, 0xfe, 0x80]),
    'x'.repeat(20 * 1024),
  ]),
  'enrich/good-page-view': kinesisEvent('raw', [pageCall({ properties: { path: '/', title: 'Home' } })]),
  'enrich/good-punctuation': kinesisEvent('raw', [control(controlKey)]),
  'enrich/good-kpl-aggregate': kinesisEvent('raw', [
    kplAggregate([bytesOf(pageCall()), bytesOf(pageCall({ messageId: 'm-2' }))]),
  ]),
  'enrich/bad-inputs': kinesisEvent('raw', badInputs),
  'enrich/bad-properties': kinesisEvent('raw', [badOrder]),
  'enrich/good-listing-changed': kinesisEvent('raw', [listing]),
  'enrich/bad-forged-punctuation': kinesisEvent('raw', [control('guessed')]),
  'aggregate/good-pack': kinesisEvent('lanes', [
    encodePack({ ...eventsPack([accepted(1), quarantined(2), accepted(3, { id: 'event-1' })]), ...onLane }),
    encodePack({ ...markPack({ n: 3, arrival: arrivalMs }), ...onLane }),
  ]),
  'aggregate/good-latest-value': kinesisEvent('lanes', [
    encodePack({
      ...eventsPack([
        accepted(1, { contributions: [], latest: [latestChange('L-1', 2), latestChange('L-1', 1)] }),
      ]),
      ...onLane,
    }),
  ]),
  'aggregate/bad-unreadable-pack': kinesisEvent('lanes', [
    'no pack at all',
    encodePack({ ...eventsPack([accepted(1)]), ...onLane }),
  ]),
  'tick/good-schedule': scheduledEvent,
  'tick/bad-empty-event': {},
  'compact/good-schedule': scheduledEvent,
  'compact/bad-empty-event': {},
  'schedule/good-schedule': scheduledEvent,
  'schedule/bad-empty-event': {},
  'report/good-csv': runOf('top-pages-nightly'),
  'report/good-table': runOf('store-availability'),
  'report/good-metric': runOf('refused-events'),
  'report/bad-message': queueEvent('hello'),
  'report/bad-unknown-report': runOf('nothing'),
  'ask/good-catalogue': httpEvent({ method: 'GET', path: '/v1/queries' }),
  'ask/good-query': httpEvent({
    method: 'GET',
    path: '/v1/queries/top-pages',
    parameters: { from: '2026-11-20', limit: '5' },
  }),
  'ask/bad-parameter': httpEvent({
    method: 'GET',
    path: '/v1/queries/top-pages',
    parameters: { limit: 'all' },
  }),
  'ask/bad-unknown-parameter': httpEvent({
    method: 'GET',
    path: '/v1/queries/top-pages',
    parameters: { where: '1=1' },
  }),
  'query/good-catalogue': httpEvent({ method: 'GET', path: '/v1/metrics' }),
  'query/good-metric': httpEvent({
    method: 'GET',
    path: '/v1/metrics/pageViews',
    parameters: { from: '2026-11-20T11:58:00Z', to: '2026-11-20T12:00:00Z', grain: '1m' },
  }),
  'query/good-latest-catalogue': httpEvent({ method: 'GET', path: '/v1/latest' }),
  'query/bad-latest-unknown-key': httpEvent({ method: 'GET', path: '/v1/latest/listings/L-404' }),
  'query/bad-unknown-metric': httpEvent({ method: 'GET', path: '/v1/metrics/nothing' }),
  'query/bad-grain': httpEvent({
    method: 'GET',
    path: '/v1/metrics/pageViews',
    parameters: { grain: '7m' },
  }),
}
