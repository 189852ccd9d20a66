import { cached } from './bounded-cache.ts'
import { urlParts } from './page.ts'
import hosts from './referrer-hosts.json' with { type: 'json' }

export type ReferrerMedium = 'direct' | 'internal' | 'search' | 'social' | 'email' | 'referral'

export type Referrer = { readonly host: string; readonly medium: ReferrerMedium }

const direct: Referrer = { host: '', medium: 'direct' }

type KnownMedium = keyof typeof hosts

const knownMediums: readonly KnownMedium[] = ['email', 'social', 'search']

/** By whole host or registrable domain. */
const mediumOfHost = new Map(
  knownMediums.flatMap((medium) => hosts[medium].hosts.map((host) => [host, medium])),
)
/** By the name before the suffix, for those at home in many countries: google.de, google.co.uk. */
const mediumOfBrand = new Map(
  knownMediums.flatMap((medium) =>
    hosts[medium].brands.map((brand): [string, KnownMedium] => [brand, medium]),
  ),
)

/** What kind of place the visitor came from. A page of one's own site, by registrable domain, is internal. */
export const referrerOf = (referrer: string, pageHost: string): Referrer => {
  if (referrer === '' || referrer === '-') return direct
  const { host, site, medium } = placeOf(urlParts(referrer).host)
  if (host === '') return direct
  return pageHost !== '' && siteOf(pageHost) === site ? { host, medium: 'internal' } : { host, medium }
}

/** What a referrer's host says whatever page it led to; `host` is without the www, `site` the registrable domain. */
type Place = Referrer & { readonly site: string }

const readPlace = (fullHost: string): Place => {
  const host = withoutWww(fullHost)
  const site = registrableDomain(host)
  const medium =
    mediumOfHost.get(host) ?? mediumOfHost.get(site) ?? mediumOfBrand.get(site.slice(0, site.indexOf('.')))
  return { host, site, medium: medium ?? 'referral' }
}

const withoutWww = (host: string): string => host.replace(/^www\./, '')

// Addresses are many, hosts are few.
const maxHosts = 5_000
const placeOf = cached(maxHosts, readPlace)

const secondLevel = new Set([
  'ac',
  'co',
  'com',
  'edu',
  'go',
  'gob',
  'gov',
  'gv',
  'ne',
  'net',
  'nom',
  'or',
  'org',
])

/**
 * The part of a host that someone registered: example.co.uk of shop.example.co.uk. A rule of thumb (a country's two letters
 * behind a well-known second level), not the Public Suffix List: it only tells one's own site and known names apart.
 */
export const registrableDomain = (host: string): string => {
  const labels = host.split('.')
  const [second = '', top = ''] = labels.slice(-2)
  if (/^\d+$/.test(top)) return host
  return labels.slice(top.length === 2 && secondLevel.has(second) ? -3 : -2).join('.')
}

const siteOf = cached(maxHosts, (pageHost) => registrableDomain(withoutWww(pageHost)))
