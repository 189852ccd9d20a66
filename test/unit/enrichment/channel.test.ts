import { describe, expect, it } from 'vitest'
import { campaignOf } from '../../../shared/core/enrichment/campaign.ts'
import { channelOf } from '../../../shared/core/enrichment/channel.ts'
import { referrerOf, registrableDomain } from '../../../shared/core/enrichment/referrer.ts'

describe('campaignOf', () => {
  it('reads UTM parameters and the click id of an address', () => {
    const query = 'utm_source=g&utm_medium=cpc&utm_campaign=a%20b&utm_term=t&utm_content=c&gclid=xyz'
    expect(campaignOf({}, query)).toEqual({
      source: 'g',
      medium: 'cpc',
      name: 'a b',
      term: 't',
      content: 'c',
      clickId: 'xyz',
      clickIdType: 'gclid',
    })
  })

  it('believes the context before the address', () => {
    const context = { campaign: { name: 'given', source: 's' } }
    expect(campaignOf(context, 'utm_campaign=found&utm_medium=m')).toMatchObject({
      name: 'given',
      source: 's',
      medium: 'm',
    })
    expect(campaignOf(context, '')).toMatchObject({ name: 'given', medium: '' })
  })

  it('takes a parameter without a name for no click id', () => {
    expect(campaignOf({}, '=x&utm_source=a')).toMatchObject({ source: 'a', clickId: '', clickIdType: '' })
  })

  it('takes a broken escape for a replacement character', () => {
    expect(campaignOf({}, 'utm_source=%ff').source).toBe('\ufffd')
  })
})

describe('referrerOf', () => {
  it.each([
    ['', '', 'direct'],
    ['-', '', 'direct'],
    ['nonsense', '', 'direct'],
    ['https://shop.example.co.uk/a', 'shop.example.co.uk', 'internal'],
    ['https://www.google.com/search?q=x', 'google.com', 'search'],
    ['https://www.google.co.uk/', 'google.co.uk', 'search'],
    ['https://search.yahoo.co.jp/', 'search.yahoo.co.jp', 'search'],
    ['https://mail.google.com/', 'mail.google.com', 'email'],
    ['https://plus.google.com/', 'plus.google.com', 'social'],
    ['https://de-de.facebook.com/', 'de-de.facebook.com', 'social'],
    ['https://t.co/x', 't.co', 'social'],
    ['https://notgoogle.com/', 'notgoogle.com', 'referral'],
    ['https://google.evil.example.net/', 'google.evil.example.net', 'referral'],
    ['http://10.0.0.1/', '10.0.0.1', 'referral'],
  ])('of %j', (referrer, host, medium) => {
    expect(referrerOf(referrer, 'www.example.co.uk')).toEqual({ host, medium })
  })

  it.each([
    ['https://www.shop.example/', 'shop.example'],
    ['https://shop.example/', 'www.shop.example'],
    // Nothing is left of these that a rule of thumb would call registered, but the www is no part of them either.
    ['https://www.gov.uk/a', 'www.gov.uk'],
    ['https://www.intranet/', 'intranet'],
    ['https://intranet/', 'www.intranet'],
  ])('of %j is internal on a page of %s', (referrer, pageHost) => {
    expect(referrerOf(referrer, pageHost).medium).toBe('internal')
  })

  it('does not take two addresses for one site because they end alike', () => {
    expect(referrerOf('http://10.0.0.1/', '10.9.0.1').medium).toBe('referral')
  })

  it.each([
    ['a.b.example.com', 'example.com'],
    ['example.com', 'example.com'],
    ['a.example.com.br', 'example.com.br'],
    ['a.example.de', 'example.de'],
    ['localhost', 'localhost'],
  ])('the registrable domain of %s is %s', (host, domain) => {
    expect(registrableDomain(host)).toBe(domain)
  })
})

describe('channelOf', () => {
  it.each([
    ['utm_medium=email', '', 'email'],
    ['utm_medium=CPC&utm_source=google', '', 'paid_search'],
    ['utm_medium=cpc&utm_source=facebook', '', 'paid_social'],
    ['utm_medium=paid_social', '', 'paid_social'],
    ['utm_medium=cpc&utm_source=elsewhere', '', 'paid'],
    ['utm_medium=banner', '', 'display'],
    ['utm_medium=affiliate', '', 'affiliate'],
    ['utm_medium=organic', '', 'search'],
    ['utm_medium=podcast', '', 'campaign'],
    ['utm_medium=email&gclid=1', 'https://google.com/', 'email'],
    ['gclid=1', 'https://google.com/', 'paid_search'],
    ['ttclid=1', '', 'paid_social'],
    ['fbclid=1', '', 'social'],
    ['utm_source=twitter', '', 'social'],
    ['utm_source=flyer', 'https://google.com/', 'campaign'],
    ['', 'https://google.com/', 'search'],
    ['', 'https://blog.example.org/', 'referral'],
    ['', '', 'direct'],
  ])('of %j from %j is %s', (query, referrer, channel) => {
    expect(channelOf(campaignOf({}, query), referrerOf(referrer, ''))).toBe(channel)
  })
})
