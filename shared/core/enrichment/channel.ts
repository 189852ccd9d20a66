import { type Campaign, paidClickIds } from './campaign.ts'
import type { Referrer } from './referrer.ts'

export type Channel =
  | Referrer['medium']
  | 'paid_search'
  | 'paid_social'
  | 'paid'
  | 'display'
  | 'affiliate'
  | 'campaign'

const searchSources = /^(google|bing|yahoo|yandex|baidu|duckduckgo|ecosia|adwords|msn)/i
const socialSources =
  /^(facebook|fb|instagram|ig|twitter|x|t\.co|linkedin|pinterest|reddit|tiktok|snapchat|youtube)$/i

/** The rules, in the order they are asked: what marketing says of itself comes before where the visitor came from. */
export const channelOf = (campaign: Campaign, referrer: Referrer): Channel =>
  ofMedium(campaign) ?? ofClickId(campaign) ?? ofSource(campaign) ?? referrer.medium

const ofMedium = ({ medium, source }: Campaign): Channel | undefined => {
  const name = medium.toLowerCase()
  switch (name) {
    case '':
    case '(none)':
    case '(not set)':
      return undefined
    case 'cpc':
    case 'ppc':
    case 'paid':
    case 'paidsearch':
    case 'paid_search':
    case 'paidsocial':
    case 'paid_social':
    case 'retargeting':
      if (name.includes('social') || socialSources.test(source)) return 'paid_social'
      return name.includes('search') || searchSources.test(source) ? 'paid_search' : 'paid'
    case 'display':
    case 'banner':
    case 'cpm':
    case 'expandable':
    case 'interstitial':
      return 'display'
    case 'email':
    case 'e-mail':
    case 'e_mail':
    case 'newsletter':
      return 'email'
    case 'social':
    case 'social-network':
    case 'social-media':
    case 'social_media':
    case 'sm':
      return 'social'
    case 'organic':
      return 'search'
    case 'affiliate':
    case 'affiliates':
      return 'affiliate'
    case 'referral':
    case 'link':
      return 'referral'
    default:
      return 'campaign'
  }
}

const ofClickId = ({ clickIdType }: Campaign): Channel | undefined => {
  const network = Object.hasOwn(paidClickIds, clickIdType) ? paidClickIds[clickIdType] : undefined
  switch (network) {
    case 'search':
      return 'paid_search'
    case 'social':
      return 'paid_social'
    case 'display':
      return 'display'
    default:
      // fbclid stands on every link that leaves Facebook, paid or not
      return clickIdType === 'fbclid' ? 'social' : undefined
  }
}

const ofSource = ({ source }: Campaign): Channel | undefined => {
  if (source === '') return undefined
  return socialSources.test(source) ? 'social' : 'campaign'
}
