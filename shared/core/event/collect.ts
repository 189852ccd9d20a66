import { gunzipSync } from 'node:zlib'
import { isObject, type JsonObject } from './json.ts'

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
 * A request of Segment's HTTP API as one raw record: a batch with the address and agent of the sender as context,
 * which an event's own context overrides. What the events say is not judged here: a bad one becomes a bad row.
 */
export const collect = (request: CollectRequest, writeKeys: readonly string[]): Collected => {
  const call = /^\/v1\/([a-z]+)$/.exec(request.path)?.[1] ?? ''
  const type = Object.hasOwn(types, call) ? types[call] : undefined
  if (type === undefined && call !== 'batch' && call !== 'b')
    return refuse(404, `no such call: ${request.path}`)
  const text = unzipped(request.body)
  if (text === undefined) return refuse(413, `a body may have ${maxBodyBytes} bytes`)
  const body = parse(text)
  if (body === undefined) return refuse(400, 'the body is not a JSON object')
  if (!isAllowed(request.authorization, body, writeKeys)) return refuse(401, 'unknown write key')
  const { writeKey: _, ...rest } = body
  if (type !== undefined)
    return accept([{ type, ...rest }], { context: undefined, sentAt: undefined }, request)
  if (!Array.isArray(body.batch)) return refuse(400, '"batch" must be an array of events')
  if (body.batch.length > maxBatchEvents) return refuse(400, `a batch may have ${maxBatchEvents} events`)
  if (body.batch.length === 0) return refuse(400, '"batch" is empty')
  return accept(body.batch, { context: body.context, sentAt: body.sentAt }, request)
}

const refuse = (status: 400 | 401 | 404 | 413, message: string): Collected => ({ ok: false, status, message })

const accept = (
  batch: readonly unknown[],
  shared: { readonly context: unknown; readonly sentAt: unknown },
  request: CollectRequest,
): Collected => {
  const context = {
    ip: request.ip,
    userAgent: request.userAgent,
    ...(isObject(shared.context) ? shared.context : {}),
  }
  const envelope = { batch, context, ...(shared.sentAt === undefined ? {} : { sentAt: shared.sentAt }) }
  return { ok: true, data: Buffer.from(JSON.stringify(envelope)), events: batch.length }
}

/** undefined when it is larger than a body may be. */
const unzipped = (body: Uint8Array): Buffer | undefined => {
  if (body.length > maxBodyBytes) return undefined
  // By its first bytes and not by its header: RudderStack's SDK sends gzip under a form content type.
  if (body[0] !== 0x1f || body[1] !== 0x8b) return Buffer.from(body)
  try {
    return gunzipSync(body, { maxOutputLength: maxBodyBytes })
  } catch (error) {
    return error instanceof RangeError ? undefined : Buffer.alloc(0)
  }
}

const parse = (text: Buffer): JsonObject | undefined => {
  try {
    const value: unknown = JSON.parse(text.toString('utf8'))
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** `Basic base64(writeKey:)`, or `writeKey` in the body, as browsers send it. */
const isAllowed = (authorization: string, body: JsonObject, writeKeys: readonly string[]): boolean => {
  const [scheme = '', credentials = ''] = authorization.split(' ')
  const given =
    scheme.toLowerCase() === 'basic' ? Buffer.from(credentials, 'base64').toString('utf8').split(':')[0] : ''
  return [given, body.writeKey].some(
    (key) => typeof key === 'string' && key !== '' && writeKeys.includes(key),
  )
}
