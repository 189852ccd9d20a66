import { Reader } from 'mmdb-lib'
import { cached } from './bounded-cache.ts'
import { createIpv4Tree, parseIpv4 } from './ipv4-tree.ts'

/** ISO 3166-1 alpha-2 code of an address as a client or a log wrote it; '' when it is unknown or no address. */
export type CountryLookup = (ip: string) => string

const cacheEntries = 50_000

/** The longest way to write an address, `[…%zone]:port` left aside. */
const maxIpChars = 64

/**
 * Countries from a MaxMind DB file (`country_code`, or `country.iso_code`). The reader itself answers for `1.2.3.4:80`, for
 * IPv6 addresses in an IPv4 file, and not at all for `::ffff:8.8.8.8`; so it only ever sees clean addresses.
 */
export const createCountryLookup = (database: Buffer): CountryLookup => {
  const reader = new Reader<Record<string, never>>(database)
  const hasIpv6 = reader.metadata.ipVersion === 6
  const byText = cached(cacheEntries, (text: string): string => {
    const ip = cleanIp(text)
    if (ip === '' || (ip.includes(':') && !hasIpv6)) return ''
    return countryOf(reader.get(ip))
  })
  const leafOf = createIpv4Tree(database, reader.metadata)
  const byLeaf = new Map<number, string>()
  return (ip) => {
    if (ip === '' || ip.length > maxIpChars) return ''
    const address = leafOf === undefined ? -1 : parseIpv4(ip)
    if (leafOf === undefined || address === -1) return byText(ip)
    // Addresses are many and seldom come twice; leaves are as many as the data that the file holds, here countries.
    const leaf = leafOf(address)
    const known = byLeaf.get(leaf)
    if (known !== undefined) return known
    const country = countryOf(reader.get(ip))
    byLeaf.set(leaf, country)
    return country
  }
}

const countryOf = (found: unknown): string => {
  const { country_code: flat, country } = (found ?? {}) as {
    country_code?: unknown
    country?: { iso_code?: unknown }
  }
  const code = flat ?? country?.iso_code
  return typeof code === 'string' ? code.toUpperCase() : ''
}

const octet = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)'
const ipv4 = new RegExp(`^${octet}(?:\\.${octet}){3}$`)
const mappedDotted = /^::ffff:([\d.]+)$/i
const mappedHex = /^::ffff:([\da-f]{1,4}):([\da-f]{1,4})$/i

/** An address without port, brackets, zone and IPv4-in-IPv6 mapping; '' when it is none. */
export const cleanIp = (text: string): string => {
  const bare = text.trim().replace(/^\[([^\]]*)\](?::\d+)?$/, '$1')
  const ip = bare.replace(/^([\d.]+):\d+$/, '$1').replace(/%.*$/, '')
  if (ipv4.test(ip)) return ip
  const dotted = mappedDotted.exec(ip)?.[1]
  if (dotted !== undefined) return ipv4.test(dotted) ? dotted : ''
  const [, high, low] = mappedHex.exec(ip) ?? []
  if (high !== undefined && low !== undefined) {
    const [a, b] = [Number.parseInt(high, 16), Number.parseInt(low, 16)]
    return `${a >> 8}.${a & 255}.${b >> 8}.${b & 255}`
  }
  return isIpv6(ip) ? ip : ''
}

const isIpv6 = (ip: string): boolean => {
  const halves = ip.split('::')
  if (halves.length > 2) return false
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')))
  const enough = halves.length === 2 ? groups.length <= 7 : groups.length === 8
  return enough && groups.every((group) => /^[\da-f]{1,4}$/i.test(group))
}
