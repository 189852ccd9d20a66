import type { Envelope } from '../event/envelope.ts'
import { type Campaign, campaignOf } from './campaign.ts'
import { type Channel, channelOf } from './channel.ts'
import type { CountryLookup } from './country.ts'
import { localeOf } from './locale.ts'
import { type Page, pageOf } from './page.ts'
import { type Referrer, referrerOf } from './referrer.ts'
import { objectAt, textAt } from './text.ts'
import { type UserAgent, userAgentOf } from './user-agent.ts'

/** What is added to an event: everything here follows from the event and the country database alone. */
export type Dimensions = {
  readonly page: Page
  readonly campaign: Campaign
  readonly referrer: Referrer
  readonly channel: Channel
  readonly agent: UserAgent
  readonly country: string
  readonly locale: string
  readonly timezone: string
  readonly libraryName: string
  readonly libraryVersion: string
}

export const enrich = (event: Envelope, countryOf: CountryLookup): Dimensions => {
  const page = pageOf(event)
  const campaign = campaignOf(event.context, page.query) // after page: the query of its address
  const referrer = referrerOf(page.referrer, page.host) // after page: internal is what has the page's own domain
  const channel = channelOf(campaign, referrer) // after both: what the campaign says comes first
  const agent = userAgentOf(textAt(event.context, 'userAgent'))
  const country = countryOf(textAt(event.context, 'ip')) // the last use of the address: rows do not keep it
  const locale = localeOf(event.context)
  const timezone = textAt(event.context, 'timezone')
  const library = objectAt(event.context, 'library')
  const libraryName = textAt(library, 'name')
  const libraryVersion = textAt(library, 'version')
  return {
    page,
    campaign,
    referrer,
    channel,
    agent,
    country,
    locale,
    timezone,
    libraryName,
    libraryVersion,
  }
}
