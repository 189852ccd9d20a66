import { eventKey } from '../../shared/core/event/event-key.ts'
import { eventKeys } from '../../shared/core/lake/event-columns.ts'
import type { LaneSettings } from '../../shared/core/lane/fold.ts'
import type { EventsPack, FlushPack, LaneAccepted, LaneEvent, MarkPack } from '../../shared/core/lane/pack.ts'
import { publishAtOnce } from '../../shared/core/lane/publishing.ts'
import type { MetricDescriptor } from '../../shared/core/metric/contribution.ts'
import { addToSessions, type EventFacts, type OpenSession } from '../../shared/core/session/session.ts'

export const minuteMs = 60_000
/** The start of an hour and of a day, so that windows are easy to tell. */
export const dawn = Date.UTC(2026, 10, 20)
export const rawShard = 'shardId-000000000000'
/** As long as real ones, so that a comparison by Number would confuse neighbours. */
export const sequence = (n: number): string =>
  `4958154495414391448025670093421036684010${String(n).padStart(16, '0')}`

export const laneSettings: LaneSettings = {
  gapMs: 30 * minuteMs,
  latenessMs: 15 * minuteMs,
  horizonMs: 60 * minuteMs,
  maxPanes: 1_000,
  maxPutsPerCommit: 1_000,
  publishEvery: publishAtOnce,
  sweepEvery: 512,
  inlineBytes: 0,
  mergeAbove: 0,
}

export const noFacts: EventFacts = {
  anonymousId: '',
  userId: '',
  isPageView: false,
  pagePath: '',
  referrerHost: '',
  channel: '',
  utmSource: '',
  utmMedium: '',
  utmCampaign: '',
  country: '',
  deviceClass: '',
  browser: '',
  os: '',
  isBot: false,
}

/** The sessions of a visitor after one more event. */
export const withEvent = (sessions: readonly OpenSession[], single: OpenSession): readonly OpenSession[] => {
  const { from, to, current } = addToSessions(sessions, single, laneSettings)
  return sessions.toSpliced(from, to - from, current)
}

export const clicks: MetricDescriptor = { name: 'clicks', kind: 'count', every: ['1m'], by: [] }

/** An accepted event; `id` is its event id, `n` its place in the raw shard. */
export const accepted = (
  n: number,
  of: Partial<Omit<LaneAccepted, 'verdict' | 'origin' | 'key'>> & {
    id?: string
    shard?: string
    index?: number
  } = {},
): LaneAccepted => {
  const { id = `event-${n}`, shard = rawShard, index = 0, ...given } = of
  const visitor = given.visitor ?? 'a:anna'
  const receivedAt = given.receivedAt ?? dawn
  return {
    verdict: 'accepted',
    origin: { shardId: shard, sequenceNumber: sequence(n), index },
    receivedAt,
    key: eventKey(visitor, id),
    visitor,
    eventTime: receivedAt,
    facts: noFacts,
    revenue: '0',
    contributions: [{ metric: 0, value: 1, dims: [] }],
    row: Buffer.from(`{"${eventKeys.event_id}":"${id}"}`),
    ...given,
  }
}

export const quarantined = (n: number, receivedAt = dawn): LaneEvent => ({
  verdict: 'quarantined',
  origin: { shardId: rawShard, sequenceNumber: sequence(n), index: 0 },
  receivedAt,
  reason: 'not_json',
  row: Buffer.from(`{"bad":${n}}`),
})

export const eventsPack = (
  events: readonly LaneEvent[],
  metrics: readonly MetricDescriptor[] = [clicks],
): EventsPack => ({ kind: 'events', lanes: 1, lane: 0, metrics, events })

export const markPack = (
  of: Pick<MarkPack, 'arrival'> &
    Partial<Pick<MarkPack, 'shard' | 'through' | 'issuedAt' | 'shards'>> & { n?: number },
): MarkPack => {
  const { n = 0, shard = rawShard, arrival } = of
  return {
    kind: 'mark',
    lanes: 1,
    lane: 0,
    shard,
    through: of.through ?? sequence(n),
    arrival,
    issuedAt: of.issuedAt ?? arrival,
    shards: of.shards ?? [{ id: shard, parents: [], open: true }],
  }
}

export const flushPack = (
  n: number,
  of: Partial<Pick<FlushPack, 'id' | 'shards' | 'receivedAt'>> & { shard?: string } = {},
): FlushPack => {
  const { shard = rawShard } = of
  return {
    kind: 'flush',
    lanes: 1,
    lane: 0,
    id: of.id ?? 'flush-1',
    origin: { shardId: shard, sequenceNumber: sequence(n), index: 0 },
    receivedAt: of.receivedAt ?? dawn,
    shards: of.shards ?? [{ id: shard, parents: [], open: true }],
  }
}
