import type { Dimensions } from '../enrichment/enrich.ts'
import type { UserAgent } from '../enrichment/user-agent.ts'
import type { EnrichedEvent } from '../event/enriched-event.ts'
import { isObject, type JsonObject } from '../event/json.ts'
import { formatTimestamp } from '../event/timestamp.ts'
import type { PropertyColumn } from '../plan/tracking-plan.ts'
import { jsonText, quote } from './json-text.ts'

type Scalar = string | boolean | undefined

type Reader = (event: EnrichedEvent) => Scalar

/** How each column of `events` that is one plain value is read off an event; '' and undefined leave it out of the row. */
export const readColumn: Readonly<Record<string, Reader>> = {
  origin: (event) => event.origin,
  event_id: (event) => event.eventId,
  event: (event) => event.envelope.name,
  type: (event) => event.envelope.type,
  visitor: (event) => event.visitor,
  anonymous_id: (event) => event.anonymousId,
  user_id: (event) => event.userId,
  event_time: (event) => formatTimestamp(event.times.eventTime),
  received_at: (event) => formatTimestamp(event.receivedAt),
  sent_at: (event) => optionalTimestamp(event.times.sentAt),
  original_timestamp: (event) => optionalTimestamp(event.times.originalTimestamp),
  page_url: (event) => event.dimensions.page.url,
  page_host: (event) => event.dimensions.page.host,
  page_path: (event) => event.dimensions.page.path,
  page_query: (event) => event.dimensions.page.query,
  page_title: (event) => event.dimensions.page.title,
  referrer: (event) => event.dimensions.page.referrer,
  referrer_host: (event) => event.dimensions.referrer.host,
  referrer_medium: (event) => event.dimensions.referrer.medium,
  channel: (event) => event.dimensions.channel,
  utm_source: (event) => event.dimensions.campaign.source,
  utm_medium: (event) => event.dimensions.campaign.medium,
  utm_campaign: (event) => event.dimensions.campaign.name,
  utm_term: (event) => event.dimensions.campaign.term,
  utm_content: (event) => event.dimensions.campaign.content,
  click_id: (event) => event.dimensions.campaign.clickId,
  click_id_type: (event) => event.dimensions.campaign.clickIdType,
  user_agent: (event) => event.dimensions.agent.text,
  browser: (event) => event.dimensions.agent.browser,
  browser_version: (event) => event.dimensions.agent.browserVersion,
  os: (event) => event.dimensions.agent.os,
  os_version: (event) => event.dimensions.agent.osVersion,
  device_class: (event) => event.dimensions.agent.deviceClass,
  is_bot: (event) => event.dimensions.agent.isBot,
  geo_country: (event) => event.dimensions.country,
  locale: (event) => event.dimensions.locale,
  timezone: (event) => event.dimensions.timezone,
  library_name: (event) => event.dimensions.libraryName,
  library_version: (event) => event.dimensions.libraryVersion,
  group_id: (event) => event.groupId,
  previous_id: (event) => event.previousId,
}

const optionalTimestamp = (ms: number | undefined): string => (ms === undefined ? '' : formatTimestamp(ms))

/** Read off what a user agent was parsed to, which is the same object for the same user agent. */
const agentColumns = new Set([
  'user_agent',
  'browser',
  'browser_version',
  'os',
  'os_version',
  'device_class',
  'is_bot',
])
/** Written by this code and not by a client, so that nothing in them needs an escape. */
const plainColumns = new Set([
  'origin',
  'type',
  'event_time',
  'received_at',
  'sent_at',
  'original_timestamp',
  'referrer_medium',
  'channel',
  'geo_country',
  'locale',
])

const columnsOf = (isWanted: (name: string) => boolean) =>
  Object.entries(readColumn)
    .filter(([name]) => isWanted(name))
    .map(([name, read]) => ({ prefix: `,"${name}":`, read }))

const plain = columnsOf((name) => plainColumns.has(name))
const ofAgent = columnsOf((name) => agentColumns.has(name))
const others = columnsOf((name) => !plainColumns.has(name) && !agentColumns.has(name))

/** The row of `events`, one line of JSON; columns the event has no value for are left out. */
export const eventRow = (event: EnrichedEvent, columns: ReadonlyMap<string, PropertyColumn>): string => {
  let row = ''
  for (const { prefix, read } of plain) {
    const value = read(event)
    if (value !== undefined && value !== '') row += `${prefix}"${value}"`
  }
  for (const { prefix, read } of others) {
    const value = read(event)
    if (value === undefined || value === '') continue
    row += prefix + (typeof value === 'string' ? quote(value) : value)
  }
  row += agentFields(event)
  if (event.flags.length > 0) row += `,"flags":${JSON.stringify(event.flags)}`
  const { properties, traits } = event.envelope
  row += jsonColumn('properties', properties) + jsonColumn('traits', traits)
  row += jsonColumn('context', contextLeft(event)) + propertyFields(properties, columns)
  return `{${row.slice(1)}}`
}

const agentTexts = new WeakMap<UserAgent, string>()

/** Most events share their user agent with others: written once. */
const agentFields = (event: EnrichedEvent): string => {
  const { agent } = event.dimensions
  const known = agentTexts.get(agent)
  if (known !== undefined) return known
  let text = ''
  for (const { prefix, read } of ofAgent) {
    const value = read(event)
    if (value === undefined || value === '') continue
    text += prefix + (typeof value === 'string' ? quote(value) : value)
  }
  agentTexts.set(agent, text)
  return text
}

const jsonColumn = (name: string, value: JsonObject): string => {
  for (const _ in value) return `,"${name}":${JSON.stringify(jsonText(value))}`
  return ''
}

/** What the context says beyond the columns. The address is personal, and never in it. */
const contextLeft = ({ envelope: { context }, dimensions }: EnrichedEvent): JsonObject => {
  // Without a prototype, a client's `__proto__` is a key like any other.
  const left: Record<string, unknown> = Object.create(null)
  for (const key in context)
    if (key !== 'ip' && key !== 'userAgent' && !isInColumns(key, context[key], dimensions))
      left[key] = context[key]
  return left
}

/** True when the columns say all that this part of the context does. */
const isInColumns = (key: string, value: unknown, dimensions: Dimensions): boolean => {
  switch (key) {
    case 'page':
      return saysNoMore(value, pageColumns, dimensions.page)
    case 'campaign':
      return saysNoMore(value, campaignColumns, dimensions.campaign)
    case 'library':
      return saysNoMore(value, libraryColumns, dimensions)
    case 'locale':
    case 'timezone':
      return value === dimensions[key]
    default:
      return false
  }
}

const saysNoMore = <Dimension extends object>(
  value: unknown,
  columns: Readonly<Record<string, keyof Dimension>>,
  dimension: Dimension,
): boolean => {
  if (!isObject(value)) return false
  for (const key in value) {
    const column = Object.hasOwn(columns, key) ? columns[key] : undefined
    if (column === undefined || !isSaid(value[key], dimension[column], key)) return false
  }
  return true
}

const isSaid = (value: unknown, inColumn: unknown, key: string): boolean =>
  value === inColumn || (key === 'search' && value === `?${inColumn}`)

/** Keys of a context with the dimensions that hold them. */
const pageColumns = {
  url: 'url',
  path: 'path',
  title: 'title',
  referrer: 'referrer',
  search: 'query',
} as const
const campaignColumns = {
  source: 'source',
  medium: 'medium',
  name: 'name',
  term: 'term',
  content: 'content',
} as const
const libraryColumns = { name: 'libraryName', version: 'libraryVersion' } as const

/** Typed columns of the plan. A value of another type (an unplanned event may have any) stays in the JSON alone. */
const propertyFields = (properties: JsonObject, columns: ReadonlyMap<string, PropertyColumn>): string => {
  let fields = ''
  for (const name in properties) {
    const column = columns.get(name)
    if (column === undefined) continue
    const value = properties[name]
    if (fits(value, column.type)) fields += `,"${column.name}":${jsonText(value)}`
  }
  return fields
}

const fits = (value: unknown, type: PropertyColumn['type']): boolean => {
  switch (type) {
    case 'string':
      return typeof value === 'string'
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
