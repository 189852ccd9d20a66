import Bowser from 'bowser'
import crawlers from 'crawler-user-agents'
import { cached } from './bounded-cache.ts'

export type DeviceClass = 'desktop' | 'mobile' | 'tablet' | 'tv' | 'bot' | 'other'

export type UserAgent = {
  /** As it was parsed: at most `maxUserAgentChars`. */
  readonly text: string
  readonly browser: string
  readonly browserVersion: string
  readonly os: string
  readonly osVersion: string
  /** '' when there is no user agent. */
  readonly deviceClass: DeviceClass | ''
  readonly isBot: boolean
}

/** Regular expressions never see more than this of what a client sent. */
export const maxUserAgentChars = 1024

const cacheEntries = 10_000

/** One expression for all crawlers: 40 times as fast as one after the other. */
const crawler = new RegExp(crawlers.map(({ pattern }) => `(?:${pattern})`).join('|'))

const noUserAgent: UserAgent = {
  text: '',
  browser: '',
  browserVersion: '',
  os: '',
  osVersion: '',
  deviceClass: '',
  isBot: false,
}

const parse = (text: string): UserAgent => {
  const { browser, os, platform } = Bowser.parse(text)
  const isBot = crawler.test(text)
  return {
    text,
    browser: browser.name ?? '',
    browserVersion: browser.version ?? '',
    os: os.name ?? '',
    osVersion: os.version ?? '',
    deviceClass: isBot ? 'bot' : deviceClass(platform.type),
    isBot,
  }
}

const deviceClass = (platform: string | undefined): DeviceClass => {
  switch (platform) {
    case 'desktop':
    case 'mobile':
    case 'tablet':
    case 'tv':
    case 'bot':
      return platform
    default:
      return 'other'
  }
}

const parseCached = cached(cacheEntries, parse, maxUserAgentChars)

/** Browser, system and device of a user agent, and whether it is a crawler's. */
export const userAgentOf = (text: string): UserAgent => {
  if (text === '') return noUserAgent
  return parseCached(text.length > maxUserAgentChars ? text.slice(0, maxUserAgentChars).toWellFormed() : text)
}
