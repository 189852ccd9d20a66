import type { EpochMs } from './outcome.ts'

/** No event this pipeline can know of happened before. */
export const earliestMs: EpochMs = Date.UTC(1990, 0, 1)

const rfc3339 =
  /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:[Zz]|([+-])(\d\d):?(\d\d))$/

const dayMs = 24 * 60 * 60 * 1000

/**
 * RFC 3339 text, or milliseconds since 1970 as a number; undefined for anything else, and for what lies before 1990.
 * Stricter than `Date.parse`, which takes February 30 and years of six digits.
 */
export const parseTimestamp = (value: unknown): EpochMs | undefined => {
  const ms = typeof value === 'string' ? parseRfc3339(value) : value
  return typeof ms === 'number' && ms >= earliestMs && ms < latestMs ? Math.floor(ms) : undefined
}

/** The year 10000: what a row cannot write. */
const latestMs = 253_402_300_800_000

const parseRfc3339 = (text: string): EpochMs | undefined => {
  // 35 characters hold nine digits of fraction and a zone; a longer text is not worth matching
  const match = text.length > 35 ? null : rfc3339.exec(text)
  if (match === null) return undefined
  const [, year = '', month = '', day = '', hour = '', minute = '', second = '', fraction, sign] = match
  if (+hour > 23 || +minute > 59 || +second > 59) return undefined
  const midnight = Date.UTC(+year, +month - 1, +day)
  // Date.UTC carries February 30 into March
  if (formatDay(midnight) !== `${year}-${month}-${day}`) return undefined
  const fractionMs = fraction === undefined ? 0 : +fraction.padEnd(3, '0').slice(0, 3)
  const local = midnight + ((+hour * 60 + +minute) * 60 + +second) * 1000 + fractionMs
  if (sign === undefined) return local
  const [zoneHours = '', zoneMinutes = ''] = match.slice(9)
  if (+zoneHours > 23 || +zoneMinutes > 59) return undefined
  const zoneMs = (+zoneHours * 60 + +zoneMinutes) * 60_000
  return sign === '+' ? local - zoneMs : local + zoneMs
}

// Events come in the order of their days: the last day formatted is nearly always the next one too.
let lastDay = Number.NaN
let lastDayText = ''

const formatDay = (ms: EpochMs): string => {
  const day = Math.floor(ms / dayMs)
  if (day !== lastDay) {
    lastDayText = new Date(day * dayMs).toISOString().slice(0, 10)
    lastDay = day
  }
  return lastDayText
}

const pad2 = Array.from({ length: 60 }, (_, n) => String(n).padStart(2, '0'))

/** `yyyy-MM-dd HH:mm:ss.SSS` in UTC, as the tables of the lake have it. For years 0 to 9999. */
export const formatTimestamp = (ms: EpochMs): string => {
  const whole = Math.floor(ms)
  const ofDay = whole - Math.floor(whole / dayMs) * dayMs
  const seconds = Math.floor(ofDay / 1000)
  const minutes = Math.floor(seconds / 60)
  const fraction = String(ofDay % 1000).padStart(3, '0')
  return `${formatDay(whole)} ${pad2[Math.floor(minutes / 60)]}:${pad2[minutes % 60]}:${pad2[seconds % 60]}.${fraction}`
}
