import type { BadReasonCode } from '../bad-row/bad-row.ts'
import type { EpochMs } from '../event/outcome.ts'
import { withShortKeys } from '../lake/short-keys.ts'
import type { LatestChange } from '../latest/change.ts'
import type { EventFacts } from '../session/session.ts'
import type { EventsPack, LaneEvent } from './pack.ts'
import { areRecords } from './pack-events.ts'

/**
 * Events as code of version 0.1.0 packed them: a line of headers, in which every event is an array, and then the rows, a line each.
 * Such packs are still in the lane stream when newer code is deployed; rows in them go by the names of columns. Version 2 is of packs with
 * changes of latest values.
 */
export type OldWireEvents = Omit<EventsPack, 'events'> & {
  readonly records: readonly (readonly [shardId: string, sequenceNumber: string, arrival: EpochMs])[]
  readonly events: readonly (OldWireAccepted | OldWireQuarantined)[]
}

export type OldWireAccepted = readonly [
  record: number,
  index: number,
  key: string,
  visitor: string,
  eventTime: EpochMs,
  facts: OldWireFacts,
  revenue: string,
  contributions: readonly (readonly [metric: number, value: number | string, ...dims: string[]])[],
  latest?: readonly LatestChange[],
]
export type OldWireQuarantined = readonly [record: number, index: number, reason: BadReasonCode]
export type OldWireFacts = readonly [
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

export const isOldPackVersion = (version: number): boolean => version === 1 || version === 2

/** What `fromOldWireEvents` relies on; what is otherwise is no pack. */
export const isWellFormedOldEvents = (wire: OldWireEvents): boolean =>
  [wire.metrics, wire.events].every(Array.isArray) && areRecords(wire.records)

/** rows: one for each event. Throws on what code of that version cannot have written. */
export const fromOldWireEvents = (header: OldWireEvents, rows: readonly Buffer[]): EventsPack => {
  const { kind, lanes, lane, settings, metrics, records } = header
  if (rows.length !== header.events.length)
    throw new Error(`pack with ${header.events.length} headers and ${rows.length} rows`)
  const events = header.events.map((wire, place) => laneEvent(wire, records, rows[place] ?? Buffer.alloc(0)))
  return { kind, lanes, lane, ...(settings && { settings }), metrics, events }
}

const laneEvent = (
  wire: OldWireAccepted | OldWireQuarantined,
  records: OldWireEvents['records'],
  row: Buffer,
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
    row: withShortKeys(row),
  }
}

const factsOf = (wire: OldWireFacts): EventFacts => ({
  anonymousId: wire[0],
  userId: wire[1],
  isPageView: wire[2] === 1,
  pagePath: wire[3],
  referrerHost: wire[4],
  channel: wire[5],
  utmSource: wire[6],
  utmMedium: wire[7],
  utmCampaign: wire[8],
  country: wire[9],
  deviceClass: wire[10],
  browser: wire[11],
  os: wire[12],
  isBot: wire[13] === 1,
})
