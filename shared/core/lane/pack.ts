import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import type { BadReasonCode } from '../bad-row/bad-row.ts'
import type { EpochMs, Origin } from '../event/outcome.ts'
import type { LatestChange } from '../latest/change.ts'
import type { Contribution, MetricDescriptor } from '../metric/contribution.ts'
import type { EventFacts, SessionSettings } from '../session/session.ts'

/** One event as it travels in a lane: a small header, and its finished lake row, which nobody parses again. */
export type LaneEvent = LaneAccepted | LaneQuarantined

export type LaneAccepted = {
  readonly verdict: 'accepted'
  readonly origin: Origin
  readonly receivedAt: EpochMs
  /** See `eventKey`. */
  readonly key: string
  readonly visitor: string
  readonly eventTime: EpochMs
  readonly facts: EventFacts
  /** Money in millionths, as decimal text. */
  readonly revenue: string
  readonly contributions: readonly Contribution[]
  /** What it says of entities of latest value tables. */
  readonly latest?: readonly LatestChange[]
  readonly row: string
}

export type LaneQuarantined = {
  readonly verdict: 'quarantined'
  readonly origin: Origin
  readonly receivedAt: EpochMs
  readonly reason: BadReasonCode
  readonly row: string
}

/**
 * Settings that decide what rows a lane writes. They travel with what is folded, so that an attempt of other code, after
 * a deploy that changed them, folds the same records to the same rows.
 */
export type FoldSettings = SessionSettings & {
  /** How long an event id is remembered, by arrival. */
  readonly horizonMs: number
}

/** Absent in packs of code that knew of none. */
type WithSettings = { readonly settings?: FoldSettings }

export type ListedShard = { readonly id: string; readonly parents: readonly string[]; readonly open: boolean }

/** Events of one raw shard for one lane, in their order there. */
export type EventsPack = WithSettings & {
  readonly kind: 'events'
  readonly lanes: number
  readonly lane: number
  readonly metrics: readonly MetricDescriptor[]
  readonly events: readonly LaneEvent[]
}

/** A punctuation: raw shard `shard` is through sequence number `through`, arrival time `arrival`. */
export type MarkPack = WithSettings & {
  readonly kind: 'mark'
  readonly lanes: number
  readonly lane: number
  readonly shard: string
  readonly through: string
  readonly arrival: EpochMs
  readonly issuedAt: EpochMs
  readonly shards: readonly ListedShard[]
}

/** A flush, which came through raw shard `shard`; the lane acts when it has it from every open shard listed. */
export type FlushPack = WithSettings & {
  readonly kind: 'flush'
  readonly lanes: number
  readonly lane: number
  readonly id: string
  readonly origin: Origin
  readonly receivedAt: EpochMs
  readonly shards: readonly ListedShard[]
}

export type LanePack = EventsPack | MarkPack | FlushPack

/** A lane record holds at most this, compressed; see DESIGN, "lane". */
export const maxPackBytes = 256 * 1024

/** Raised when the shape of the text below changes, so that old packs are still understood after a deploy. */
const packVersion = 1
/** Of packs with changes of latest value tables: code that knows of none must not pass them over. */
const packVersionWithLatest = 2
const isKnownVersion = (version: number): boolean =>
  version === packVersion || version === packVersionWithLatest

// Events as rows of plain arrays: keys would be half of the header.
type WireAccepted = [
  record: number,
  index: number,
  key: string,
  visitor: string,
  eventTime: EpochMs,
  facts: WireFacts,
  revenue: string,
  contributions: [metric: number, value: number | string, ...dims: string[]][],
  latest?: readonly LatestChange[],
]
type WireQuarantined = [record: number, index: number, reason: BadReasonCode]
type WireFacts = [
  anonymousId: string,
  userId: string,
  isPageView: 0 | 1,
  pagePath: string,
  referrerHost: string,
  channel: string,
  utmSource: string,
  utmMedium: string,
  utmCampaign: string,
  country: string,
  deviceClass: string,
  browser: string,
  os: string,
  isBot: 0 | 1,
]
type WireEvents = WithSettings & {
  readonly v: number
  readonly kind: 'events'
  readonly lanes: number
  readonly lane: number
  readonly metrics: readonly MetricDescriptor[]
  readonly records: readonly [shardId: string, sequenceNumber: string, arrival: EpochMs][]
  readonly events: readonly (WireAccepted | WireQuarantined)[]
}
type WireControl = (MarkPack | FlushPack) & { readonly v: number }

/** Compressed: a line of headers, then the rows, a line each. */
export const encodePack = (pack: LanePack): Uint8Array => {
  const lines = pack.kind === 'events' ? eventLines(pack) : [JSON.stringify({ v: packVersion, ...pack })]
  return zstdCompressSync(lines.join('\n'), {
    params: { [constants.ZSTD_c_compressionLevel]: 1, [constants.ZSTD_c_checksumFlag]: 1 },
  })
}

const eventLines = (pack: EventsPack): string[] => {
  const records: [string, string, EpochMs][] = []
  const recordOf = new Map<string, number>()
  const events: (WireAccepted | WireQuarantined)[] = []
  const lines = ['']
  for (const event of pack.events) {
    const { shardId, sequenceNumber, index } = event.origin
    let record = recordOf.get(sequenceNumber)
    if (record === undefined) {
      record = records.push([shardId, sequenceNumber, event.receivedAt]) - 1
      recordOf.set(sequenceNumber, record)
    }
    events.push(event.verdict === 'accepted' ? wireAccepted(event, record) : [record, index, event.reason])
    lines.push(event.row)
  }
  const { kind, lanes, lane, metrics, settings } = pack
  const v = pack.events.some((event) => latestIn(event).length > 0) ? packVersionWithLatest : packVersion
  const header: WireEvents = {
    v,
    kind,
    lanes,
    lane,
    ...(settings && { settings }),
    metrics,
    records,
    events,
  }
  lines[0] = JSON.stringify(header)
  return lines
}

const latestIn = (event: LaneEvent): readonly LatestChange[] =>
  event.verdict === 'accepted' ? (event.latest ?? []) : []

const wireAccepted = (event: LaneAccepted, record: number): WireAccepted => {
  const f = event.facts
  const wire: WireAccepted = [
    record,
    event.origin.index,
    event.key,
    event.visitor,
    event.eventTime,
    [
      f.anonymousId,
      f.userId,
      f.isPageView ? 1 : 0,
      f.pagePath,
      f.referrerHost,
      f.channel,
      f.utmSource,
      f.utmMedium,
      f.utmCampaign,
      f.country,
      f.deviceClass,
      f.browser,
      f.os,
      f.isBot ? 1 : 0,
    ],
    event.revenue,
    event.contributions.map(({ metric, value, dims }) => [metric, value, ...dims]),
  ]
  const latest = latestIn(event)
  if (latest.length > 0) wire[8] = latest
  return wire
}

/** No pack of ours is larger than this decompressed; keeps a damaged one from eating the memory. */
const maxDecompressedBytes = 64 * 1024 * 1024

/** A pack of other code, in the middle of a deploy: it must wait for the code that reads it. */
export class PackVersionError extends Error {
  constructor(version: number) {
    super(`pack of version ${version}; this code reads up to ${packVersionWithLatest}`)
  }
}

/** Throws on bytes that `encodePack` cannot have written, and a `PackVersionError` on those of other code. */
export const decodePack = (bytes: Uint8Array): LanePack => {
  const text = zstdDecompressSync(bytes, { maxOutputLength: maxDecompressedBytes }).toString('utf8')
  const headerEnd = text.indexOf('\n')
  const header: WireEvents | WireControl = JSON.parse(headerEnd === -1 ? text : text.slice(0, headerEnd))
  if (Number.isInteger(header.v) && !isKnownVersion(header.v)) throw new PackVersionError(header.v)
  checkHeader(header)
  if (header.kind !== 'events') return header
  const rows = headerEnd === -1 ? [] : text.slice(headerEnd + 1).split('\n')
  if (rows.length !== header.events.length)
    throw new Error(`pack with ${header.events.length} headers and ${rows.length} rows`)
  const events = header.events.map((wire, place) => laneEvent(wire, header.records, rows[place] ?? ''))
  const { kind, lanes, lane, settings, metrics } = header
  return { kind, lanes, lane, ...(settings && { settings }), metrics, events }
}

/** What the fold relies on: a record that is no pack must be skipped, and not stop its lane half way. */
const checkHeader = (header: WireEvents | WireControl): void => {
  const { lane, lanes } = header
  const isLane = Number.isInteger(lanes) && Number.isInteger(lane) && lane >= 0 && lane < lanes
  if (!isLane || !isWellFormed(header)) throw new Error('not a pack')
}

const isWellFormed = (header: WireEvents | WireControl): boolean => {
  switch (header.kind) {
    case 'events':
      return [header.metrics, header.records, header.events].every(Array.isArray)
    case 'mark':
      return (
        typeof header.shard === 'string' &&
        /^\d+$/.test(header.through) &&
        Number.isFinite(header.arrival) &&
        Number.isFinite(header.issuedAt) &&
        areShards(header.shards)
      )
    case 'flush':
      return (
        typeof header.id === 'string' &&
        typeof header.origin?.shardId === 'string' &&
        /^\d+$/.test(header.origin.sequenceNumber) &&
        Number.isFinite(header.receivedAt) &&
        areShards(header.shards)
      )
    default:
      return false
  }
}

const areShards = (shards: readonly ListedShard[]): boolean =>
  Array.isArray(shards) && shards.every(({ id, parents }) => typeof id === 'string' && Array.isArray(parents))

const laneEvent = (
  wire: WireAccepted | WireQuarantined,
  records: WireEvents['records'],
  row: string,
): LaneEvent => {
  const record = records[wire[0]]
  if (record === undefined) throw new Error(`pack with an event of record ${wire[0]} of ${records.length}`)
  const [shardId, sequenceNumber, receivedAt] = record
  const origin = { shardId, sequenceNumber, index: wire[1] }
  if (wire.length === 3) return { verdict: 'quarantined', origin, receivedAt, reason: wire[2], row }
  return {
    verdict: 'accepted',
    origin,
    receivedAt,
    key: wire[2],
    visitor: wire[3],
    eventTime: wire[4],
    facts: factsOf(wire[5]),
    revenue: wire[6],
    contributions: wire[7].map(([metric, value, ...dims]) => ({ metric, value, dims })),
    ...(wire[8] !== undefined && { latest: wire[8] }),
    row,
  }
}

const factsOf = (f: WireFacts): EventFacts => ({
  anonymousId: f[0],
  userId: f[1],
  isPageView: f[2] === 1,
  pagePath: f[3],
  referrerHost: f[4],
  channel: f[5],
  utmSource: f[6],
  utmMedium: f[7],
  utmCampaign: f[8],
  country: f[9],
  deviceClass: f[10],
  browser: f[11],
  os: f[12],
  isBot: f[13] === 1,
})
