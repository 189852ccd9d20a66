import { gunzipSync } from 'node:zlib'
import { isObject, type JsonObject, parseJson } from './json.ts'

/** What the collector needs of an HTTP request. */
export type CollectRequest = {
  readonly path: string
  readonly body: Uint8Array
  /** Value of the header `authorization`, '' without one. */
  readonly authorization: string
  readonly ip: string
  readonly userAgent: string
}

export type Collected =
  | { readonly ok: true; readonly data: Uint8Array; readonly events: number }
  | { readonly ok: false; readonly status: 400 | 401 | 404 | 413; readonly message: string }

/** Segment's limits: https://segment.com/docs/connections/sources/catalog/libraries/server/http-api/ */
export const maxBodyBytes = 500 * 1024
export const maxBatchEvents = 2_500
/** Of Kinesis: 1 MiB with the partition key. */
const maxRecordBytes = 1024 * 1024 - 256

const types: Readonly<Record<string, string>> = {
  track: 'track',
  page: 'page',
  screen: 'screen',
  identify: 'identify',
  group: 'group',
  alias: 'alias',
  // analytics.js in browsers shortens them.
  t: 'track',
  p: 'page',
  s: 'screen',
  i: 'identify',
  g: 'group',
  a: 'alias',
}

/**
 * A request of Segment's HTTP API as one raw record: a batch with the address and agent of the sender as context, which
 * an event's own context overrides. The events stand in it as they were sent, byte for byte: what is wrong with them is
 * judged where events of every source are, and a bad one becomes a bad row.
 */
export const collect = (request: CollectRequest, writeKeys: readonly string[]): Collected => {
  const call = /^\/v1\/([a-z]+)$/.exec(request.path)?.[1] ?? ''
  const type = Object.hasOwn(types, call) ? types[call] : undefined
  if (type === undefined && call !== 'batch' && call !== 'b')
    return refuse(404, `no such call: ${request.path}`)
  const bytes = unzipped(request.body)
  if (bytes === undefined) return refuse(413, `a body may have ${maxBodyBytes} bytes`)
  const parsed = parseJson(bytes)
  const body = 'value' in parsed && isObject(parsed.value) ? parsed.value : undefined
  if (body === undefined) return refuse(400, 'the body is not a JSON object in UTF-8')
  if (!isAllowed(request.authorization, body, writeKeys)) return refuse(401, 'unknown write key')
  const text = bytes.toString('utf8').trim()
  if (type !== undefined)
    return accept(`{"batch":[${withMember(text, 'type', type)}]}`, 1, contextOf(request, {}))
  if (!Array.isArray(body.batch)) return refuse(400, '"batch" must be an array of events')
  if (body.batch.length > maxBatchEvents) return refuse(400, `a batch may have ${maxBatchEvents} events`)
  if (body.batch.length === 0) return refuse(400, '"batch" is empty')
  return accept(text, body.batch.length, contextOf(request, body.context))
}

const refuse = (status: 400 | 401 | 404 | 413, message: string): Collected => ({ ok: false, status, message })

const contextOf = ({ ip, userAgent }: CollectRequest, own: unknown): JsonObject => ({
  ip,
  userAgent,
  ...(isObject(own) ? own : {}),
})

const accept = (batch: string, events: number, context: JsonObject): Collected => {
  const data = Buffer.from(withMember(batch, 'context', context))
  if (data.length > maxRecordBytes) return refuse(413, 'the context of the batch is too large')
  return { ok: true, data, events }
}

/** The text of an object with one more member, which counts in place of an earlier one of that name. */
const withMember = (objectText: string, name: string, value: string | JsonObject): string => {
  const open = objectText.slice(0, -1).trimEnd()
  return `${open}${open.endsWith('{') ? '' : ','}${JSON.stringify(name)}:${JSON.stringify(value)}}`
}

/** undefined when it is larger than a body may be. */
const unzipped = (body: Uint8Array): Buffer | undefined => {
  if (body.length > maxBodyBytes) return undefined
  // By its first bytes and not by its header: RudderStack's SDK sends gzip under a form content type.
  if (body[0] !== 0x1f || body[1] !== 0x8b) return withoutBom(Buffer.from(body))
  try {
    return withoutBom(gunzipSync(body, { maxOutputLength: maxBodyBytes }))
  } catch (error) {
    return error instanceof RangeError ? undefined : Buffer.alloc(0)
  }
}

const withoutBom = (bytes: Buffer): Buffer =>
  bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes

/** `Basic base64(writeKey:)`, or `writeKey` in the body, as browsers send it. */
const isAllowed = (authorization: string, body: JsonObject, writeKeys: readonly string[]): boolean => {
  const [scheme = '', credentials = ''] = authorization.split(' ')
  const given =
    scheme.toLowerCase() === 'basic' ? Buffer.from(credentials, 'base64').toString('utf8').split(':')[0] : ''
  return [given, body.writeKey].some(
    (key) => typeof key === 'string' && key !== '' && writeKeys.includes(key),
  )
}
