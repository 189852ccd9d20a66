import type { EpochMs } from './outcome.ts'

/** No event this pipeline can know of happened before. */
export const earliestMs: EpochMs = Date.UTC(1990, 0, 1)

const rfc3339 =
  /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:[Zz]|([+-])(\d\d):?(\d\d))$/

const minuteMs = 60_000
const dayMinutes = 24 * 60
const dayMs = dayMinutes * minuteMs

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
  const usual = parseUsual(text)
  if (!Number.isNaN(usual)) return usual
  // 35 characters hold nine digits of fraction and a zone; a longer text is not worth matching
  const match = text.length > 35 ? null : rfc3339.exec(text)
  if (match === null) return undefined
  const [, year = '', month = '', day = '', hour = '', minute = '', second = '', fraction, sign] = match
  const fractionMs = fraction === undefined ? 0 : +fraction.padEnd(3, '0').slice(0, 3)
  const local = startOfDay(+year, +month, +day) + timeOfDay(+hour, +minute, +second) + fractionMs
  if (Number.isNaN(local)) return undefined
  if (sign === undefined) return local
  const [zoneHours = '', zoneMinutes = ''] = match.slice(9)
  if (+zoneHours > 23 || +zoneMinutes > 59) return undefined
  const zoneMs = (+zoneHours * 60 + +zoneMinutes) * minuteMs
  return sign === '+' ? local - zoneMs : local + zoneMs
}

/** Of `2026-11-20T12:00:00.123Z`, which is how nearly all clients write it, in a tenth of the time; NaN of any other text. */
const parseUsual = (text: string): EpochMs => {
  const isUsual =
    text.length === 24 &&
    text[4] === '-' &&
    text[7] === '-' &&
    text[10] === 'T' &&
    text[13] === ':' &&
    text[16] === ':' &&
    text[19] === '.' &&
    text[23] === 'Z'
  if (!isUsual) return Number.NaN
  const year = numberAt(text, 0) * 100 + numberAt(text, 2)
  const fractionMs = numberAt(text, 20) * 10 + digitAt(text, 22)
  return (
    startOfDay(year, numberAt(text, 5), numberAt(text, 8)) +
    timeOfDay(numberAt(text, 11), numberAt(text, 14), numberAt(text, 17)) +
    fractionMs
  )
}

/** Of two digits. */
const numberAt = (text: string, at: number): number => digitAt(text, at) * 10 + digitAt(text, at + 1)

const digitAt = (text: string, at: number): number => {
  const digit = text.charCodeAt(at) - 48
  return digit >= 0 && digit <= 9 ? digit : Number.NaN
}

const monthDays = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

/** NaN when there is no such day; Date.UTC carries February 30 into March, and takes the year 26 for 1926. */
const startOfDay = (year: number, month: number, day: number): EpochMs => {
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  const days = month === 2 && isLeap ? 29 : (monthDays[month - 1] ?? 0)
  return year >= 100 && day >= 1 && day <= days ? Date.UTC(year, month - 1, day) : Number.NaN
}

/** NaN when no clock says so. */
const timeOfDay = (hour: number, minute: number, second: number): number =>
  hour <= 23 && minute <= 59 && second <= 59 ? ((hour * 60 + minute) * 60 + second) * 1000 : Number.NaN

// Most times of an event, and of the events around it, are of one minute.
let lastMinute = Number.NaN
let lastMinuteText = ''

const formatMinute = (minute: number): string => {
  if (minute !== lastMinute) {
    const ofDay = minute - Math.floor(minute / dayMinutes) * dayMinutes
    lastMinuteText = `${formatDay(minute * minuteMs)} ${pad2[Math.floor(ofDay / 60)]}:${pad2[ofDay % 60]}:`
    lastMinute = minute
  }
  return lastMinuteText
}

const maxDays = 1_000
const dayTexts = new Map<number, string>()

const formatDay = (ms: EpochMs): string => {
  const day = Math.floor(ms / dayMs)
  const known = dayTexts.get(day)
  if (known !== undefined) return known
  const text = new Date(day * dayMs).toISOString().slice(0, 10)
  if (dayTexts.size === maxDays) dayTexts.clear()
  dayTexts.set(day, text)
  return text
}

const pad2 = Array.from({ length: 60 }, (_, n) => String(n).padStart(2, '0'))
const fractions = Array.from({ length: 1_000 }, (_, n) => `.${String(n).padStart(3, '0')}`)

/** `yyyy-MM-dd HH:mm:ss.SSS` in UTC, as the tables of the lake have it. For years 0 to 9999. */
export const formatTimestamp = (ms: EpochMs): string => {
  const whole = Math.floor(ms)
  const minute = Math.floor(whole / minuteMs)
  const ofMinute = whole - minute * minuteMs
  // The short pieces are joined at once, so that two are left for whoever writes it on.
  const seconds = `${pad2[Math.floor(ofMinute / 1000)]}${fractions[ofMinute % 1000]}`
  return formatMinute(minute) + seconds
}
