import type { JsonObject } from '../event/json.ts'
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
  const given = objectAt(context, 'campaign')
  const inQuery = mayHoldCampaign.test(query)
  if (!inQuery && !Object.hasOwn(context, 'campaign')) return noCampaign
  const parameters = new URLSearchParams(inQuery ? query : '')
  const read = (key: string, parameter: string): string =>
    textAt(given, key) || (parameters.get(parameter) ?? '').toWellFormed()
  const clickIdType = clickIds.find((name) => parameters.get(name)) ?? ''
  return {
    source: read('source', 'utm_source'),
    medium: read('medium', 'utm_medium'),
    name: read('name', 'utm_campaign'),
    term: read('term', 'utm_term'),
    content: read('content', 'utm_content'),
    clickId: (parameters.get(clickIdType) ?? '').toWellFormed(),
    clickIdType,
  }
}
