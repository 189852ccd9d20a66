import { type Random, uuid } from './random.ts'
import type { Visitor } from './visitor.ts'

export type Page = {
  readonly url: string
  readonly path: string
  readonly search: string
  readonly title: string
  readonly referrer: string
}

/** One call as analytics.js writes it to its queue. A spoilt one lacks some of these fields. */
export type Message = {
  readonly type: 'page' | 'track' | 'identify'
  readonly messageId: string
  readonly anonymousId: string
  readonly userId: string | null
  readonly originalTimestamp: string
  readonly name?: string
  readonly event?: string
  readonly properties?: Readonly<Record<string, unknown>>
  readonly traits?: Readonly<Record<string, unknown>>
  readonly context: Readonly<Record<string, unknown>>
}

/** What a visitor does at one moment: the part of a message that differs from call to call. */
export type Act = Pick<Message, 'type' | 'name' | 'event' | 'properties' | 'traits'>

export type Moment = { readonly act: Act; readonly page: Page; readonly atMs: number }

export function toMessage(random: Random, visitor: Visitor, { act, page, atMs }: Moment): Message {
  return {
    ...act,
    messageId: `ajs-next-${Math.floor(atMs)}-${uuid(random)}`,
    anonymousId: visitor.anonymousId,
    userId: visitor.userId ?? null,
    originalTimestamp: new Date(atMs).toISOString(),
    context: {
      ip: visitor.ip,
      userAgent: visitor.userAgent,
      locale: visitor.locale,
      timezone: visitor.timezone,
      screen: visitor.screen,
      page,
      ...campaignOf(page.search),
      library: { name: 'analytics.js', version: 'npm:next-1.81.0' },
    },
  }
}

function campaignOf(search: string): { campaign?: Record<string, string> } {
  const query = new URLSearchParams(search)
  const source = query.get('utm_source')
  if (source === null) return {}
  return {
    campaign: { source, medium: query.get('utm_medium') ?? '', name: query.get('utm_campaign') ?? '' },
  }
}
