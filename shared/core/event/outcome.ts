import type { BadRow } from '../bad-row/bad-row.ts'

/** Milliseconds since 1970-01-01T00:00Z. The name of a field says whose clock it is. */
export type EpochMs = number

/** Names one copy of an event for ever: where it stood in the raw stream. */
export type Origin = {
  readonly shardId: string
  /** Up to 129 decimal digits. Compare with `compareSequenceNumbers`, never as a Number. */
  readonly sequenceNumber: string
  /** Place of the event inside its Kinesis record, from 0. */
  readonly index: number
}

export const originText = (origin: Origin): string =>
  `${origin.shardId}:${origin.sequenceNumber}:${origin.index}`

/** One record of the raw stream, as Kinesis delivers it. */
export type RawRecord = {
  readonly shardId: string
  readonly sequenceNumber: string
  readonly partitionKey: string
  /** Kinesis arrival time, in ms; no producer can claim another. */
  readonly arrivalMs: EpochMs
  readonly data: Uint8Array
}

/** What a session needs to know of one of its events. Absent text is ''. */
export type SessionFacts = {
  readonly anonymousId: string
  readonly userId: string
  /** True for `page` and `screen` calls and for 'Page Viewed'. */
  readonly isPageView: boolean
  /** Path of the page, '' when the event is not on a page. */
  readonly pagePath: string
  readonly referrerHost: string
  /** GA4-like channel: direct, search, social, email, paid, referral, internal, … */
  readonly channel: string
  readonly utmSource: string
  readonly utmMedium: string
  readonly utmCampaign: string
  /** ISO 3166-1 alpha-2, '' when unknown. */
  readonly country: string
  readonly deviceClass: string
  readonly browser: string
  readonly os: string
  readonly isBot: boolean
  /** Money of this event ('Order Completed' revenue), in its own currency; 0 when there is none. */
  readonly revenue: number
}

export type AcceptedEvent = {
  readonly verdict: 'accepted'
  readonly origin: Origin
  readonly receivedAt: EpochMs
  readonly eventId: string
  /** `a:`anonymousId, else `u:`userId, else `o:`messageId or origin. */
  readonly visitor: string
  readonly eventTime: EpochMs
  readonly session: SessionFacts
  /** Flat values that metrics may refer to by path: `name`, `type`, `country`, `properties.revenue`, … */
  readonly fields: MetricFields
  /** The finished row of the table `events`, one line of JSON, without `session_id`. */
  readonly row: string
}

/** Looks a field of an event up by its path; undefined when the event does not have it. */
export type MetricFields = { get(path: string): string | number | boolean | undefined }

export type QuarantinedEvent = {
  readonly verdict: 'quarantined'
  readonly origin: Origin
  readonly receivedAt: EpochMs
  /** As of an accepted event; '' when it cannot be read. Other code may accept the event: in the same lane. */
  readonly visitor: string
  readonly bad: BadRow
  /** The finished row of the table `bad_events`, one line of JSON. */
  readonly row: string
}

/** What enrich makes of one event. `duplicate` is decided later, in the lane. */
export type JudgedEvent = AcceptedEvent | QuarantinedEvent
