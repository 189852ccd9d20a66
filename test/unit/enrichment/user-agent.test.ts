import { describe, expect, it } from 'vitest'
import { cached } from '../../../shared/core/enrichment/bounded-cache.ts'
import { maxUserAgentChars, userAgentOf } from '../../../shared/core/enrichment/user-agent.ts'

const webkit = 'AppleWebKit/605.1.15 (KHTML, like Gecko)'

describe('userAgentOf', () => {
  it.each([
    [
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36',
      { browser: 'Chrome', browserVersion: '130.0.0.0', os: 'Windows', deviceClass: 'desktop', isBot: false },
    ],
    [
      `Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) ${webkit} Version/17.5 Mobile/15E148 Safari/604.1`,
      { browser: 'Safari', os: 'iOS', osVersion: '17.5', deviceClass: 'mobile', isBot: false },
    ],
    [
      `Mozilla/5.0 (iPad; CPU OS 12_2 like Mac OS X) ${webkit} Version/12.1 Mobile/15E148 Safari/604.1`,
      { browser: 'Safari', deviceClass: 'tablet', isBot: false },
    ],
    [
      'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)',
      { deviceClass: 'bot', isBot: true },
    ],
    ['ELinks (0.4pre5; Linux 2.4.29)', { deviceClass: 'desktop', isBot: false }],
    ['something else', { deviceClass: 'other', isBot: false }],
    ['', { browser: '', os: '', deviceClass: '', isBot: false }],
  ])('of %j', (text, expected) => {
    expect(userAgentOf(text)).toMatchObject(expected)
  })

  it('never looks at more than its limit', () => {
    const filler = 'x'.repeat(maxUserAgentChars - 'Googlebot/2.1'.length)
    expect(userAgentOf(`${filler}Googlebot/2.1`).isBot).toBe(true)
    expect(userAgentOf(`${filler}xxxxxxxxxGooglebot/2.1`).isBot).toBe(false)
  })

  it('cuts no character in two', () => {
    expect(userAgentOf(`${'x'.repeat(maxUserAgentChars - 1)}\u{1f600}`).text.isWellFormed()).toBe(true)
  })
})

describe('cached', () => {
  it('works an answer out once', () => {
    const asked: string[] = []
    const answer = cached(10, (key) => asked.push(key))
    expect([answer('a'), answer('b'), answer('a')]).toEqual([1, 2, 1])
    expect(asked).toEqual(['a', 'b'])
  })

  it('forgets what has not been asked for while half its size of others came by', () => {
    const asked: string[] = []
    const answer = cached(4, (key) => asked.push(key))
    for (const key of ['a', 'b', 'c', 'a', 'd', 'e', 'a', 'b']) answer(key)
    expect(asked).toEqual(['a', 'b', 'c', 'd', 'e', 'b'])
  })

  it('keeps no answer for a key that is too long', () => {
    const asked: string[] = []
    const answer = cached(10, (key) => asked.push(key), 3)
    for (const key of ['abc', 'abcd', 'abc', 'abcd']) answer(key)
    expect(asked).toEqual(['abc', 'abcd', 'abcd'])
  })
})
