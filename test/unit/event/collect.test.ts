import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import {
  type Collected,
  type CollectRequest,
  collect,
  maxBatchEvents,
  maxBodyBytes,
} from '../../../shared/core/event/collect.ts'

const basic = (credentials: string): string => `Basic ${Buffer.from(credentials).toString('base64')}`

const post = (path: string, body: unknown, of: Partial<CollectRequest> = {}): Collected =>
  collect(
    {
      path,
      body: body instanceof Uint8Array ? body : Buffer.from(JSON.stringify(body)),
      authorization: basic('key:'),
      ip: '203.0.113.9',
      userAgent: 'agent',
      ...of,
    },
    ['other', 'key'],
  )

const written = (collected: Collected): unknown =>
  collected.ok ? JSON.parse(Buffer.from(collected.data).toString('utf8')) : collected

const refused = (status: number) => ({ ok: false, status, message: expect.any(String) })

describe('a single call', () => {
  it.each([
    ['track', 'track'],
    ['page', 'page'],
    ['screen', 'screen'],
    ['identify', 'identify'],
    ['group', 'group'],
    ['alias', 'alias'],
    ['t', 'track'],
    ['p', 'page'],
    ['s', 'screen'],
    ['i', 'identify'],
    ['g', 'group'],
    ['a', 'alias'],
  ])('/v1/%s is a batch of one %s event', (call, type) => {
    const collected = post(`/v1/${call}`, { userId: 'u', sentAt: '2026-11-20T12:00:00Z' })
    expect(written(collected)).toEqual({
      batch: [{ type, userId: 'u', sentAt: '2026-11-20T12:00:00Z' }],
      context: { ip: '203.0.113.9', userAgent: 'agent' },
    })
    expect(collected).toMatchObject({ events: 1 })
  })

  it.each(['/v1/batches', '/v1/', '/v1', '/v2/track', '/v1/track/', '/v1/constructor', '/v1/x', '/V1/track'])(
    '%s is no call',
    (path) => {
      expect(post(path, {})).toEqual(refused(404))
    },
  )
})

describe('a batch', () => {
  it.each(['/v1/batch', '/v1/b'])('%s keeps its events as they are and its time of sending', (path) => {
    const batch = [{ type: 'track', event: 'x' }, 'not an event', null]
    const collected = post(path, { batch, sentAt: 'then', other: 1 })
    expect(written(collected)).toEqual({
      batch,
      context: { ip: '203.0.113.9', userAgent: 'agent' },
      sentAt: 'then',
      other: 1,
    })
    expect(collected).toMatchObject({ events: 3 })
  })

  it('lets its context override what is known of the sender', () => {
    const collected = post('/v1/batch', { batch: [{}], context: { ip: '198.51.100.1', locale: 'fr' } })
    expect(written(collected)).toMatchObject({
      context: { ip: '198.51.100.1', userAgent: 'agent', locale: 'fr' },
    })
  })

  it.each([undefined, {}, 'text', null])('of %j is refused', (batch) => {
    expect(post('/v1/batch', { batch })).toEqual(refused(400))
  })

  it('of no event is refused', () => {
    expect(post('/v1/batch', { batch: [] })).toEqual(refused(400))
  })

  it('may have exactly as many events as Segment takes, and no more', () => {
    expect(post('/v1/batch', { batch: Array(maxBatchEvents).fill(1) })).toMatchObject({ ok: true })
    expect(post('/v1/batch', { batch: Array(maxBatchEvents + 1).fill(1) })).toEqual(refused(400))
  })
})

describe('the write key', () => {
  const anonymous = { authorization: '' }

  it.each(['key:', 'key', 'key:ignored'])('is taken from Basic credentials %j', (credentials) => {
    expect(post('/v1/track', {}, { authorization: basic(credentials) })).toMatchObject({ ok: true })
  })

  it('is taken whatever the case of the scheme', () => {
    expect(post('/v1/track', {}, { authorization: basic('key:').replace('Basic', 'bAsIc') }).ok).toBe(true)
  })

  it('is taken from the body, of one event as of a batch', () => {
    expect(post('/v1/track', { writeKey: 'key', event: 'x' }, anonymous)).toMatchObject({ ok: true })
    expect(post('/v1/batch', { writeKey: 'key', batch: [{}] }, anonymous)).toMatchObject({ ok: true })
  })

  it.each([
    ['no key at all', {}, ''],
    ['an unknown key', {}, basic('wrong:')],
    ['an empty key', { writeKey: '' }, basic(':')],
    ['a key that is no text', { writeKey: ['key'] }, ''],
    ['the key as a bearer token', {}, 'Bearer key'],
    ['the key as a password', {}, basic(':key')],
  ])('%s is refused', (_, body, authorization) => {
    expect(post('/v1/track', body, { authorization })).toEqual(refused(401))
  })

  it('that is empty in the configuration lets nobody in', () => {
    const request = {
      path: '/v1/track',
      body: Buffer.from('{}'),
      authorization: basic(':'),
      ip: '',
      userAgent: '',
    }
    expect(collect(request, [''])).toEqual(refused(401))
  })
})

describe('the body', () => {
  const padded = (bytes: number): Buffer => Buffer.from(`{"a":"${'x'.repeat(bytes - '{"a":""}'.length)}"}`)

  it('may have exactly the limit of bytes, and not one more', () => {
    expect(post('/v1/track', padded(maxBodyBytes))).toMatchObject({ ok: true })
    expect(post('/v1/track', padded(maxBodyBytes + 1))).toEqual(refused(413))
  })

  it('may be gzipped whatever the headers say', () => {
    const collected = post('/v1/track', gzipSync('{"event":"x"}'))
    expect(written(collected)).toMatchObject({ batch: [{ type: 'track', event: 'x' }] })
  })

  it('has the same limit after decompression', () => {
    expect(post('/v1/track', gzipSync(padded(maxBodyBytes)))).toMatchObject({ ok: true })
    expect(post('/v1/track', gzipSync(padded(maxBodyBytes + 1)))).toEqual(refused(413))
    expect(post('/v1/track', gzipSync(Buffer.alloc(50_000_000)))).toEqual(refused(413))
  })

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['half a document', Buffer.from('{"event":')],
    ['an array', Buffer.from('[]')],
    ['null', Buffer.from('null')],
    ['cut gzip', gzipSync('{"event":"x"}').subarray(0, 20)],
    ['a gzip header alone', Buffer.from([0x1f, 0x8b])],
  ])('of %s is refused', (_, body) => {
    expect(post('/v1/track', body)).toEqual(refused(400))
  })
})

describe('what a body must not become', () => {
  const maxRecordBytes = 1024 * 1024
  const bytesOf = (collected: Collected): number => (collected.ok ? collected.data.length : 0)

  // Writing it again overflows the stack, which would be a 500 and a client that sends it for ever.
  it('an exception, however deep it is nested', () => {
    const body = Buffer.from(`{"properties":${'['.repeat(100_000)}${']'.repeat(100_000)}}`)
    expect(() => post('/v1/track', body)).not.toThrow()
  })

  // Four bytes of a number become twenty-two; Kinesis takes no record of more than 1 MiB, and the client is told 429 for ever.
  it('a record larger than Kinesis takes, by numbers that are longer when written again', () => {
    const body = Buffer.from(`{"properties":{"a":[${Array(90_000).fill('1e20').join(',')}]}}`)
    expect(bytesOf(post('/v1/track', body))).toBeLessThan(maxRecordBytes)
  })

  it('a record larger than Kinesis takes, by bytes that are no UTF-8', () => {
    const body = Buffer.concat([Buffer.from('{"a":"'), Buffer.alloc(400_000, 0xff), Buffer.from('"}')])
    expect(bytesOf(post('/v1/track', body))).toBeLessThan(maxRecordBytes)
  })

  // It would be accepted with a null in place of being quarantined as bad_number, as it is when sent to Kinesis.
  it('another one: a number too large for any database does not become null', () => {
    const collected = post('/v1/track', Buffer.from('{"event":"x","properties":{"revenue":1e400}}'))
    expect(collected.ok && Buffer.from(collected.data).toString()).toContain('"revenue":1e400')
  })
})
