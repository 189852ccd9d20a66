import type { EnrichedEvent } from '../event/enriched-event.ts'
import { formatTimestamp } from '../event/timestamp.ts'

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
