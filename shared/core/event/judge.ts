import type { BadReason, BadReasons } from '../bad-row/bad-row.ts'
import { asBadReasons, originOf, quarantine } from '../bad-row/quarantine.ts'
import type { CountryLookup } from '../enrichment/country.ts'
import { enrich } from '../enrichment/enrich.ts'
import { textAt } from '../enrichment/text.ts'
import { maxUserAgentChars } from '../enrichment/user-agent.ts'
import { createRowWriter } from '../lake/event-row.ts'
import type { EventSpec } from '../plan/event-spec.ts'
import { createTrackingPlan, type TrackingPlan } from '../plan/tracking-plan.ts'
import type { DecodedItem } from './decode.ts'
import type { EnrichedEvent } from './enriched-event.ts'
import { type Envelope, readEnvelope } from './envelope.ts'
import { EventFields } from './event-fields.ts'
import { eventTimes } from './event-time.ts'
import type { Flag } from './flag.ts'
import { identify } from './identity.ts'
import { findOddities, maxDepth } from './json.ts'
import { type AcceptedEvent, type JudgedEvent, originText, type RawRecord } from './outcome.ts'
import { sessionFacts } from './session-facts.ts'

/** Segment's limit of one event as JSON. */
export const maxEventBytes = 32 * 1024

export type JudgeableItem = Exclude<DecodedItem, { kind: 'control' }>

/** Says of each item of a raw record what it is: an accepted event, with its row, or a bad row. Never throws. */
export type Judge = (item: JudgeableItem, record: RawRecord) => JudgedEvent

export const createJudge = (by: { plan: readonly EventSpec[]; countryOf: CountryLookup }): Judge => {
  const plan = createTrackingPlan(by.plan)
  const writeRow = createRowWriter(plan.columns)
  return (item, record) => {
    if (item.kind === 'bad') return quarantine(item, record, { reasons: item.reasons })
    const reasons: BadReason[] = []
    if (item.jsonBytes > maxEventBytes) reasons.push(tooLarge(item.jsonBytes))
    for (const { code, path } of findOddities(item.value))
      reasons.push({ code, path, message: messages[code] })
    const read = readEnvelope(item.value)
    const planned = read.ok ? checkProperties(read.envelope, plan) : read.reasons
    if (planned !== 'unplanned' && planned !== undefined) reasons.push(...planned)
    if (reasons.length > 0 || !read.ok) {
      const visitor = read.ok ? identify(read.envelope, originText(originOf(item, record)), []).visitor : ''
      return quarantine(item, record, { reasons: asBadReasons(reasons) ?? notAnEvent, visitor })
    }
    const flags: Flag[] = planned === 'unplanned' ? ['unplanned'] : []
    return accept({ item, record, envelope: read.envelope, flags, writeRow, countryOf: by.countryOf })
  }
}

const notAnEvent: BadReasons = [{ code: 'bad_envelope', path: '', message: 'not an event' }]

const tooLarge = (jsonBytes: number): BadReason => ({
  code: 'too_large',
  path: '',
  message: `${jsonBytes} bytes; an event may have ${maxEventBytes}`,
})

const messages = {
  bad_number: 'a number too large for any database',
  nested_too_deep: `nested deeper than ${maxDepth} levels`,
}

/** Only a track call can be unplanned; a page call counts as 'Page Viewed' when the plan has that. */
const checkProperties = (event: Envelope, plan: TrackingPlan): ReturnType<TrackingPlan['check']> => {
  if (event.type !== 'track' && event.type !== 'page') return undefined
  const planned = plan.check(event.name, event.properties)
  return event.type === 'page' && planned === 'unplanned' ? undefined : planned
}

type Accepting = {
  readonly item: Extract<DecodedItem, { kind: 'event' }>
  readonly record: RawRecord
  readonly envelope: Envelope
  readonly flags: Flag[]
  readonly writeRow: (event: EnrichedEvent) => string
  readonly countryOf: CountryLookup
}

const accept = ({ item, record, envelope, flags, writeRow, countryOf }: Accepting): AcceptedEvent => {
  const origin = originOf(item, record)
  const originAsText = originText(origin)
  const receivedAt = record.arrivalMs
  const times = eventTimes(envelope, receivedAt, flags)
  const identity = identify(envelope, originAsText, flags)
  flagContext(envelope, flags)
  const event: EnrichedEvent = {
    origin: originAsText,
    receivedAt,
    envelope,
    escapeFree: item.escapeFree,
    times,
    dimensions: enrich(envelope, countryOf),
    eventId: identity.eventId,
    visitor: identity.visitor,
    anonymousId: identity.anonymousId,
    userId: identity.userId,
    groupId: identity.groupId,
    previousId: identity.previousId,
    flags,
  }
  return {
    verdict: 'accepted',
    origin,
    receivedAt,
    eventId: event.eventId,
    visitor: event.visitor,
    eventTime: times.eventTime,
    session: sessionFacts(event),
    fields: new EventFields(event),
    row: writeRow(event),
  }
}

const flagContext = ({ context }: Envelope, flags: Flag[]): void => {
  const userAgent = context.userAgent
  if (userAgent === '') flags.push('empty_user_agent')
  if (textAt(context, 'userAgent').length > maxUserAgentChars) flags.push('long_user_agent')
  if (context.cutLine === true) flags.push('cut_line')
}
