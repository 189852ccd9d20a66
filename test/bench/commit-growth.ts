import { parseArgs } from 'node:util'
import { eventKey } from '../../shared/core/event/event-key.ts'
import { commitLane, type LaneContext } from '../../shared/core/lane/commit.ts'
import { defaultLaneSettings } from '../../shared/core/lane/fold.ts'
import type { EventsPack, LaneAccepted, LanePack, MarkPack } from '../../shared/core/lane/pack.ts'
import { MemoryStore } from './memory-store.ts'

const help = `npm run bench:commit -- [options]

Measures what one commit of a lane costs while the lane holds more and more: 1,000 events a second, committed once a
second, with an hour of seen ids. Objects are kept in memory, so that time is computation and bytes are what S3 gets.

  --visitors LIST   live visitors, one run each (default 10000,100000,1000000)
  --minutes N       how long the lane runs before and while it is measured (default 65)
  --help            this text
`

const eventsPerCommit = 1_000
const secondMs = 1_000
const startMs = Date.UTC(2026, 0, 1)
const shard = 'shardId-000000000000'

const pageViews = {
  name: 'pageViews',
  kind: 'count',
  every: ['1m', '1h', '1d'],
  by: ['geo_country'],
} as const
const countries = ['FR', 'DE', 'US', 'BR', 'JP', '']

const facts = {
  anonymousId: '',
  userId: '',
  isPageView: true,
  pagePath: '/',
  referrerHost: 'example.org',
  channel: 'referral',
  utmSource: '',
  utmMedium: '',
  utmCampaign: '',
  country: 'FR',
  deviceClass: 'desktop',
  browser: 'Firefox',
  os: 'Linux',
  isBot: false,
}

const eventAt = (number: number, visitors: number, nowMs: number): LaneAccepted => {
  // Every visitor again and again, in an order that looks like chance and is the same in each run.
  const visitor = `a:visitor-${(number * 7_919) % visitors}`
  return {
    verdict: 'accepted',
    origin: { shardId: shard, sequenceNumber: String(10n ** 30n + BigInt(number)), index: 0 },
    receivedAt: nowMs,
    key: eventKey(visitor, `event-${number}`),
    visitor,
    eventTime: nowMs - 500,
    facts: { ...facts, anonymousId: visitor.slice(2), pagePath: `/page-${number % 100}` },
    revenue: '0',
    contributions: [{ metric: 0, value: 1, dims: [countries[number % countries.length] ?? ''] }],
    row: Buffer.from('{"origin":"o"}'),
  }
}

type Growth = {
  readonly visitors: number
  readonly live: number
  readonly meanMs: number
  readonly medianMs: number
  readonly worstMs: number
  readonly bytesPerCommit: number
  readonly putsPerCommit: number
  readonly segments: number
  readonly stateBytes: number
  readonly coldLoadMs: number
  readonly heapMb: number
}

const measure = async (visitors: number, minutes: number): Promise<Growth> => {
  const objects = new MemoryStore()
  const context: LaneContext = {
    objects,
    lake: { send: async () => {} },
    panes: { publish: async () => {}, publishLane: async () => {} },
    latest: { publish: async () => {} },
    lanes: 1,
    settings: defaultLaneSettings,
    sessionMetrics: { sessionDescriptors: [], measureSession: () => [] },
    cache: new Map(),
    isOutOfTime: () => false,
  }
  let sequence = 0
  const commit = async (pack: LanePack, arrivalMs: number) => {
    const sequenceNumber = String(10n ** 30n + BigInt(++sequence))
    const began = performance.now()
    await commitLane({ lane: 0, laneShard: '1/s', inputs: [{ sequenceNumber, arrivalMs, pack }] }, context)
    return performance.now() - began
  }
  const seconds = minutes * 60
  const measuredFrom = seconds - 10 * 60
  const times: number[] = []
  let before = { bytes: 0, puts: 0 }
  for (let second = 0; second < seconds; second++) {
    if (second === measuredFrom) before = { bytes: objects.bytesPut, puts: objects.puts }
    const nowMs = startMs + second * secondMs
    const events = Array.from({ length: eventsPerCommit }, (_, i) =>
      eventAt(second * eventsPerCommit + i, visitors, nowMs),
    )
    const pack: EventsPack = { kind: 'events', lanes: 1, lane: 0, metrics: [pageViews], events }
    let ms = await commit(pack, nowMs)
    if (second % 60 === 59) ms += await commit(markAt((second + 1) * eventsPerCommit - 1, nowMs), nowMs)
    if (second >= measuredFrom) times.push(ms)
  }
  const loaded = context.cache.get(0)
  const live = loaded?.state.sessions.size ?? 0
  const segments = loaded?.state.segments ?? []
  context.cache.clear()
  globalThis.gc?.()
  const heapMb = process.memoryUsage().heapUsed / 1e6
  const coldLoadMs = await commit(markAt(seconds * eventsPerCommit, startMs), startMs)
  times.sort((a, b) => a - b)
  return {
    visitors,
    live,
    meanMs: times.reduce((sum, ms) => sum + ms, 0) / times.length,
    medianMs: times[Math.floor(times.length / 2)] ?? 0,
    worstMs: times.at(-1) ?? 0,
    bytesPerCommit: (objects.bytesPut - before.bytes) / times.length,
    putsPerCommit: (objects.puts - before.puts) / times.length,
    segments: segments.length,
    stateBytes: segments.reduce((sum, segment) => sum + segment.bytes, 0),
    coldLoadMs,
    heapMb,
  }
}

const markAt = (number: number, nowMs: number): MarkPack => ({
  kind: 'mark',
  lanes: 1,
  lane: 0,
  shard,
  through: String(10n ** 30n + BigInt(number)),
  arrival: nowMs,
  issuedAt: nowMs,
  shards: [{ id: shard, parents: [], open: true }],
})

const { values } = parseArgs({
  options: {
    visitors: { type: 'string', default: '10000,100000,1000000' },
    minutes: { type: 'string', default: '65' },
    help: { type: 'boolean', default: false },
  },
})
if (values.help) process.stdout.write(help)
else {
  const results: Growth[] = []
  for (const visitors of values.visitors.split(',').map(Number)) {
    const growth = await measure(visitors, Number(values.minutes))
    results.push(growth)
    console.table([growth].map(rounded))
  }
  const [first, last] = [results[0], results.at(-1)]
  if (first && last && first !== last)
    console.log(
      `from ${first.visitors} to ${last.visitors} visitors: time × ${(last.meanMs / first.meanMs).toFixed(2)}, bytes × ${(last.bytesPerCommit / first.bytesPerCommit).toFixed(2)}`,
    )
}

function rounded(growth: Growth): Record<string, number> {
  return Object.fromEntries(
    Object.entries(growth).map(([name, value]) => [name, Math.round(value * 100) / 100]),
  )
}
