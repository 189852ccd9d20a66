import type { JsonObject } from '../event/json.ts'
import { cached } from './bounded-cache.ts'
import { objectAt, textAt } from './text.ts'

export type Campaign = {
  readonly source: string
  readonly medium: string
  readonly name: string
  readonly term: string
  readonly content: string
  readonly clickId: string
  /** Name of the parameter that carried the click id. */
  readonly clickIdType: string
}

/** Parameters by which ad networks name a click; the paid ones are only ever added to ads. */
export const paidClickIds: Readonly<Record<string, 'search' | 'social' | 'display'>> = {
  gclid: 'search',
  gbraid: 'search',
  wbraid: 'search',
  msclkid: 'search',
  yclid: 'search',
  dclid: 'display',
  ttclid: 'social',
  twclid: 'social',
  li_fat_id: 'social',
  rdt_cid: 'social',
  ScCid: 'social',
}
const clickIds = [...Object.keys(paidClickIds), 'fbclid']

const noCampaign: Campaign = {
  source: '',
  medium: '',
  name: '',
  term: '',
  content: '',
  clickId: '',
  clickIdType: '',
}

/** Most queries hold none of these, and this is cheaper than parsing them. */
const mayHoldCampaign = new RegExp(`utm_|${clickIds.join('|')}`)

/** UTM parameters and click id: what the client says in context.campaign comes before the address. */
export const campaignOf = (context: JsonObject, query: string): Campaign => {
  const inQuery = mayHoldCampaign.test(query) ? campaignInQuery(query) : noCampaign
  if (context.campaign === undefined) return inQuery
  const given = objectAt(context, 'campaign')
  return {
    source: textAt(given, 'source') || inQuery.source,
    medium: textAt(given, 'medium') || inQuery.medium,
    name: textAt(given, 'name') || inQuery.name,
    term: textAt(given, 'term') || inQuery.term,
    content: textAt(given, 'content') || inQuery.content,
    clickId: inQuery.clickId,
    clickIdType: inQuery.clickIdType,
  }
}

const readQuery = (query: string): Campaign => {
  const parameters = new URLSearchParams(query)
  const read = (parameter: string): string => (parameters.get(parameter) ?? '').toWellFormed()
  const clickIdType = clickIds.find((name) => parameters.get(name))
  return {
    source: read('utm_source'),
    medium: read('utm_medium'),
    name: read('utm_campaign'),
    term: read('utm_term'),
    content: read('utm_content'),
    // A query may well have a parameter without a name: that is no click id.
    clickId: clickIdType === undefined ? '' : read(clickIdType),
    clickIdType: clickIdType ?? '',
  }
}

const campaignInQuery = cached(5_000, readQuery)
