import type { EnrichedEvent } from './enriched-event.ts'
import type { SessionFacts } from './outcome.ts'

const orderEvent = 'Order Completed'

/** What a session needs to know of one of its events. */
export const sessionFacts = (event: EnrichedEvent): SessionFacts => {
  const { envelope, dimensions } = event
  const { type, name } = envelope
  return {
    anonymousId: event.anonymousId,
    userId: event.userId,
    isPageView: type === 'page' || type === 'screen' || name === 'Page Viewed',
    pagePath: dimensions.page.path,
    referrerHost: dimensions.referrer.host,
    channel: dimensions.channel,
    utmSource: dimensions.campaign.source,
    utmMedium: dimensions.campaign.medium,
    utmCampaign: dimensions.campaign.name,
    country: dimensions.country,
    deviceClass: dimensions.agent.deviceClass,
    browser: dimensions.agent.browser,
    os: dimensions.agent.os,
    isBot: dimensions.agent.isBot,
    revenue: type === 'track' && name === orderEvent ? moneyOf(envelope.properties.revenue) : 0,
  }
}

const moneyOf = (revenue: unknown): number => (typeof revenue === 'number' ? revenue : 0)
