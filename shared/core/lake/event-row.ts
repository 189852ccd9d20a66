import type { UserAgent } from '../enrichment/user-agent.ts'
import type { EnrichedEvent } from '../event/enriched-event.ts'
import type { JsonObject } from '../event/json.ts'
import type { EpochMs } from '../event/outcome.ts'
import { formatTimestamp } from '../event/timestamp.ts'
import type { PropertyColumn } from '../plan/tracking-plan.ts'
import { keysOf } from './column.ts'
import { isLeftInContext } from './context-left.ts'
import { eventColumns, eventKeys } from './event-columns.ts'
import { readColumn } from './read-column.ts'
import { onePiece, RowText } from './row-text.ts'

/** The row of `events`, one line of JSON by the keys of its columns; columns the event has no value for are left out. */
export type RowWriter = (event: EnrichedEvent) => string

/** What stands before a value: of a time, of a text, which ends the text before it, and of JSON in a text. */
const opening = `{"${eventKeys.event_time}":`
const timeStart = keysOf(eventColumns, (key) => `,"${key}":`)
const firstText = `,"${eventKeys.origin}":"`
const start = keysOf(eventColumns, (key) => `","${key}":"`)
const nestedStart = keysOf(eventColumns, (key) => `,"${key}":"{`)

/**
 * columns: of the plan, by the name of the property. The columns stand here one by one, although `readColumn` lists them too: a row
 * is most of what an event costs, and a loop over readers would make it a fifth more.
 */
export const createRowWriter = (columns: ReadonlyMap<string, PropertyColumn>): RowWriter => {
  const typedColumns = new Map([...columns].map(([property, column]) => [property, typedColumn(column)]))
  return (event) => {
    const { envelope, times, dimensions, flags } = event
    const { page, referrer, campaign } = dimensions
    const row = new RowText(event)
    row.plain(opening, timeJson(times.eventTime))
    row.plain(timeStart.received_at, timeJson(event.receivedAt))
    if (times.sentAt !== undefined) row.plain(timeStart.sent_at, timeJson(times.sentAt))
    if (times.originalTimestamp !== undefined)
      row.plain(timeStart.original_timestamp, timeJson(times.originalTimestamp))
    row.plain(firstText, event.origin)
    row.plain(start.type, envelope.type)
    row.plain(start.referrer_medium, referrer.medium)
    row.plain(start.channel, dimensions.channel)
    row.plain(start.geo_country, dimensions.country)
    row.plain(start.locale, dimensions.locale)
    row.sent(start.event_id, event.eventId)
    row.sent(start.event, envelope.name)
    row.sent(start.visitor, event.visitor)
    row.sent(start.anonymous_id, event.anonymousId)
    row.sent(start.user_id, event.userId)
    row.sent(start.page_url, page.url)
    row.decoded(start.page_host, page.host)
    row.sent(start.page_path, page.path)
    row.sent(start.page_query, page.query)
    row.sent(start.page_title, page.title)
    row.sent(start.referrer, page.referrer)
    row.decoded(start.referrer_host, referrer.host)
    row.decoded(start.utm_source, campaign.source)
    row.decoded(start.utm_medium, campaign.medium)
    row.decoded(start.utm_campaign, campaign.name)
    row.decoded(start.utm_term, campaign.term)
    row.decoded(start.utm_content, campaign.content)
    row.decoded(start.click_id, campaign.clickId)
    row.plain(start.click_id_type, campaign.clickIdType)
    row.sent(start.timezone, dimensions.timezone)
    row.sent(start.library_name, dimensions.libraryName)
    row.sent(start.library_version, dimensions.libraryVersion)
    row.sent(start.group_id, event.groupId)
    row.sent(start.previous_id, event.previousId)
    row.append(endAndAgent(event))
    if (flags.length > 0) row.append(`,"${eventKeys.flags}":${JSON.stringify(flags)}`)
    row.nested(nestedStart.properties, envelope.properties)
    row.nested(nestedStart.traits, envelope.traits)
    row.nested(nestedStart.context, envelope.context, (key, value) => isLeftInContext(key, value, dimensions))
    writeTyped(row, envelope.properties, typedColumns)
    row.append('}')
    return row.text
  }
}

/**
 * Milliseconds, which Firehose reads as a timestamp and which take half the bytes of its text. As text where they do not have 13
 * digits: of other numbers it would have to guess the unit.
 */
const timeJson = (ms: EpochMs): string => (ms >= 1e12 && ms < 1e13 ? String(ms) : `"${formatTimestamp(ms)}"`)

const agentColumns = [
  'user_agent',
  'browser',
  'browser_version',
  'os',
  'os_version',
  'device_class',
  'is_bot',
] as const

/** Most events share their user agent, and with it this object, with others: written once. */
const agentTexts = new WeakMap<UserAgent, string>()

/** The columns of the user agent, after the end of the text before them. */
const endAndAgent = (event: EnrichedEvent): string => {
  const { agent } = event.dimensions
  const known = agentTexts.get(agent)
  if (known !== undefined) return known
  const pieces = ['"']
  for (const name of agentColumns) {
    const value = readColumn[name]?.(event)
    if (value !== undefined && value !== '') pieces.push(`,"${eventKeys[name]}":`, JSON.stringify(value))
  }
  const text = onePiece(pieces)
  agentTexts.set(agent, text)
  return text
}

type TypedColumn = { readonly start: string; readonly type: PropertyColumn['type'] }

const typedColumn = ({ key, type }: PropertyColumn): TypedColumn => ({
  start: onePiece([',"', key, type === 'string' ? '":"' : '":']),
  type,
})

/** Typed columns of the plan. A value of another type (an unplanned event may have any) stays in the JSON alone. */
const writeTyped = (
  row: RowText,
  properties: JsonObject,
  columns: ReadonlyMap<string, TypedColumn>,
): void => {
  for (const property in properties) {
    const column = columns.get(property)
    if (column === undefined) continue
    const { start, type } = column
    const value = properties[property]
    if (type === 'string') {
      if (typeof value === 'string') row.sentWhole(start, value)
    } else if (fits(value, type)) row.value(start, value)
  }
}

const fits = (value: unknown, type: PropertyColumn['type']): boolean => {
  switch (type) {
    case 'double':
      return typeof value === 'number'
    case 'bigint':
    case 'int':
      return Number.isSafeInteger(value)
    case 'boolean':
      return typeof value === 'boolean'
    case 'array<string>':
      return Array.isArray(value) && value.every((item) => typeof item === 'string')
    default:
      return false
  }
}
