import type { UserAgent } from '../enrichment/user-agent.ts'
import type { EnrichedEvent } from '../event/enriched-event.ts'
import type { JsonObject } from '../event/json.ts'
import { formatTimestamp } from '../event/timestamp.ts'
import type { PropertyColumn } from '../plan/tracking-plan.ts'
import { isLeftInContext } from './context-left.ts'
import { readColumn } from './read-column.ts'
import { RowText } from './row-text.ts'

/** The row of `events`, one line of JSON; columns the event has no value for are left out. */
export type RowWriter = (event: EnrichedEvent) => string

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
    row.plain('{"origin":"', event.origin)
    row.plain('","type":"', envelope.type)
    row.plain('","event_time":"', formatTimestamp(times.eventTime))
    row.plain('","received_at":"', formatTimestamp(event.receivedAt))
    row.plain('","sent_at":"', optionalTimestamp(times.sentAt))
    row.plain('","original_timestamp":"', optionalTimestamp(times.originalTimestamp))
    row.plain('","referrer_medium":"', referrer.medium)
    row.plain('","channel":"', dimensions.channel)
    row.plain('","geo_country":"', dimensions.country)
    row.plain('","locale":"', dimensions.locale)
    row.sent('","event_id":"', event.eventId)
    row.sent('","event":"', envelope.name)
    row.sent('","visitor":"', event.visitor)
    row.sent('","anonymous_id":"', event.anonymousId)
    row.sent('","user_id":"', event.userId)
    row.sent('","page_url":"', page.url)
    row.decoded('","page_host":"', page.host)
    row.sent('","page_path":"', page.path)
    row.sent('","page_query":"', page.query)
    row.sent('","page_title":"', page.title)
    row.sent('","referrer":"', page.referrer)
    row.decoded('","referrer_host":"', referrer.host)
    row.decoded('","utm_source":"', campaign.source)
    row.decoded('","utm_medium":"', campaign.medium)
    row.decoded('","utm_campaign":"', campaign.name)
    row.decoded('","utm_term":"', campaign.term)
    row.decoded('","utm_content":"', campaign.content)
    row.decoded('","click_id":"', campaign.clickId)
    row.plain('","click_id_type":"', campaign.clickIdType)
    row.sent('","timezone":"', dimensions.timezone)
    row.sent('","library_name":"', dimensions.libraryName)
    row.sent('","library_version":"', dimensions.libraryVersion)
    row.sent('","group_id":"', event.groupId)
    row.sent('","previous_id":"', event.previousId)
    row.append(endAndAgent(event))
    if (flags.length > 0) row.append(`,"flags":${JSON.stringify(flags)}`)
    row.nested(',"properties":"{\\"', envelope.properties)
    row.nested(',"traits":"{\\"', envelope.traits)
    row.nested(',"context":"{\\"', envelope.context, (key, value) => isLeftInContext(key, value, dimensions))
    writeTyped(row, envelope.properties, typedColumns)
    row.append('}')
    return row.text
  }
}

const optionalTimestamp = (ms: number | undefined): string => (ms === undefined ? '' : formatTimestamp(ms))

const agentColumns = [
  'user_agent',
  'browser',
  'browser_version',
  'os',
  'os_version',
  'device_class',
  'is_bot',
]

/** Most events share their user agent, and with it this object, with others: written once. */
const agentTexts = new WeakMap<UserAgent, string>()

/** The columns of the user agent, after the end of the text before them. */
const endAndAgent = (event: EnrichedEvent): string => {
  const { agent } = event.dimensions
  const known = agentTexts.get(agent)
  if (known !== undefined) return known
  let text = '"'
  for (const name of agentColumns) {
    const value = readColumn[name]?.(event)
    if (value !== undefined && value !== '') text += `,"${name}":${JSON.stringify(value)}`
  }
  agentTexts.set(agent, text)
  return text
}

type TypedColumn = { readonly start: string; readonly type: PropertyColumn['type'] }

const typedColumn = ({ name, type }: PropertyColumn): TypedColumn => ({ start: `,"${name}":`, type })

/** Typed columns of the plan. A value of another type (an unplanned event may have any) stays in the JSON alone. */
const writeTyped = (
  row: RowText,
  properties: JsonObject,
  columns: ReadonlyMap<string, TypedColumn>,
): void => {
  for (const property in properties) {
    const column = columns.get(property)
    if (column === undefined) continue
    const value = properties[property]
    if (fits(value, column.type)) row.value(column.start, value)
  }
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
