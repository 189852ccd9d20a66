import { hash } from 'node:crypto'
import { asBuffer, type JsonObject, trim } from './json.ts'

const quoted = '"((?:[^"\\\\]|\\\\.)*)"'
/** The last field may lack its closing quote: logs are cut while they are copied. */
const lastQuoted = '"((?:[^"\\\\]|\\\\.)*)("?)'

/** Combined format of Apache and nginx: host ident user [time] "request" status bytes "referrer" "user agent". */
const combined = new RegExp(
  `^(\\S+) \\S+ .*?\\[([^\\]]{1,40})\\] ${quoted} (\\d{3}) (\\d+|-)(?: ${quoted} ${lastQuoted})?$`,
)

const logTime = /^(\d\d)\/([A-Z][a-z]{2})\/(\d{4}):(\d\d:\d\d:\d\d) ([+-]\d\d)(\d\d)$/
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** Longer lines are not worth matching: no web server writes them, and an event may not be so large. */
const maxLineBytes = 32 * 1024

/**
 * A line of an access log as a Segment page call; undefined for a line that is none. The id is a hash of the line's bytes and
 * of how many equal lines stood before it in its file, so sending a file twice counts once, and two equal lines in it count twice.
 */
export const parseAccessLogLine = (line: Uint8Array, equalLinesBefore: number): JsonObject | undefined => {
  const event = pageCall(line)
  if (event === undefined) return undefined
  const digest = hash('sha256', line, 'hex')
  return { messageId: hash('sha256', `${digest} ${equalLinesBefore}`).slice(0, 32), ...event }
}

const pageCall = (line: Uint8Array): JsonObject | undefined => {
  if (line.length > maxLineBytes) return undefined
  const match = combined.exec(trim(asBuffer(line)).toString('utf8'))
  if (match === null) return undefined
  const [
    ,
    ip = '',
    time = '',
    request = '',
    status = '',
    bytes = '',
    referrer = '',
    userAgent = '',
    closing,
  ] = match
  const timestamp = isoTime(time)
  if (timestamp === undefined) return undefined
  const { method, url } = requestParts(request)
  const agent = textOf(userAgent)
  return {
    type: 'page',
    anonymousId: hash('sha256', JSON.stringify([ip, agent])).slice(0, 32),
    timestamp,
    properties: {
      path: pathOf(url),
      url,
      ...optional('referrer', textOf(referrer)),
      ...optional('method', method),
      status: Number(status),
      ...(bytes === '-' ? {} : { bytes: Number(bytes) }),
    },
    context: {
      ip,
      ...optional('userAgent', agent),
      library: { name: 'access-log' },
      ...(closing === '' ? { cutLine: true } : {}),
    },
  }
}

/** `-` is how logs write nothing. */
const textOf = (field: string): string => (field === '-' ? '' : field.replace(/\\(["\\])/g, '$1'))

const optional = (key: string, value: string): JsonObject => (value === '' ? {} : { [key]: value })

/** `GET /path?query HTTP/1.1`; a request that makes no sense (attackers send bytes) is kept as its address. */
const requestParts = (request: string): { method: string; url: string } => {
  const [method = '', url, ...rest] = textOf(request).split(' ')
  const isRequest = url !== undefined && /^[A-Z]+$/.test(method) && rest.length <= 1
  return isRequest ? { method, url } : { method: '', url: textOf(request) }
}

const pathOf = (url: string): string => url.split(/[?#]/, 1)[0] ?? ''

/** `17/May/2015:10:05:03 +0000` as RFC 3339. */
const isoTime = (text: string): string | undefined => {
  const [, day, monthName = '', year, time, zoneHours, zoneMinutes] = logTime.exec(text) ?? []
  const month = months.indexOf(monthName) + 1
  if (month === 0) return undefined
  return `${year}-${String(month).padStart(2, '0')}-${day}T${time}${zoneHours}:${zoneMinutes}`
}
