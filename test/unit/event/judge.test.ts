import { gzipSync } from 'node:zlib'
import * as Type from 'typebox'
import { describe, expect, it } from 'vitest'
import { decodeRecord } from '../../../shared/core/event/decode.ts'
import { createJudge, maxEventBytes } from '../../../shared/core/event/judge.ts'
import type { AcceptedEvent, JudgedEvent, QuarantinedEvent } from '../../../shared/core/event/outcome.ts'
import { defineEvent } from '../../../shared/core/plan/event-spec.ts'
import { arrivalMs, pageCall, rawRecord } from '../../support/raw-records.ts'
import { rowByColumn } from '../../support/row-by-column.ts'

const order = defineEvent({
  name: 'Order Completed',
  version: '1.0.0',
  description: 'An order',
  properties: Type.Object({
    order_id: Type.String(),
    revenue: Type.Number(),
    paid: Type.Optional(Type.Boolean()),
    items: Type.Optional(Type.Integer()),
    tags: Type.Optional(Type.Array(Type.String())),
    products: Type.Optional(Type.Array(Type.Object({ price: Type.Number() }))),
  }),
})

const countryOf = (ip: string) => (ip === '8.8.8.8' ? 'US' : '')
const judge = createJudge({ plan: [order], countryOf })

const judgeAll = (content: unknown): JudgedEvent[] => {
  const record = rawRecord(content)
  return decodeRecord(record).map((item) => {
    if (item.kind === 'control') throw new Error('a control record is not for the judge')
    return judge(item, record)
  })
}

const accepted = (content: unknown): AcceptedEvent => {
  const [judged] = judgeAll(content)
  if (judged?.verdict !== 'accepted') throw new Error(JSON.stringify(judged))
  return judged
}

const quarantined = (content: unknown): QuarantinedEvent => {
  const [judged] = judgeAll(content)
  if (judged?.verdict !== 'quarantined') throw new Error(JSON.stringify(judged))
  return judged
}

const rowOf = (content: unknown): Record<string, unknown> => rowByColumn(accepted(content).row)
const reasonsOf = (content: unknown) =>
  quarantined(content).bad.reasons.map(({ code, path }) => `${code} ${path}`.trim())

const originOfFirst = 'shardId-000000000003:49581544954143914480256700934210366840104395343224897586:0'

const track = (event: string, properties: Readonly<Record<string, unknown>> = {}) => ({
  type: 'track',
  event,
  messageId: 'm-1',
  anonymousId: 'anna',
  timestamp: arrivalMs,
  properties,
})

describe('an accepted event', () => {
  it('has a row with what it said and what was added', () => {
    const event = {
      ...track('Order Completed', {
        order_id: 'o-1',
        revenue: 12.5,
        paid: true,
        items: 2,
        tags: ['a'],
        note: 'x',
      }),
      userId: 7,
      sentAt: arrivalMs,
      context: {
        ip: '8.8.8.8',
        userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0',
        locale: 'en_us',
        timezone: 'Europe/Berlin',
        library: { name: 'lib', version: '1' },
        page: {
          url: 'https://www.example.com/a?utm_source=news&utm_medium=email',
          title: 'A',
          referrer: 'https://www.google.de/',
        },
      },
    }
    const row = rowOf(event)
    const { properties, context, ...columns } = row
    expect(columns).toEqual({
      origin: originOfFirst,
      event_id: 'm-1',
      event: 'Order Completed',
      type: 'track',
      visitor: 'a:anna',
      anonymous_id: 'anna',
      user_id: '7',
      event_time: '2026-11-20 12:00:00.000',
      received_at: '2026-11-20 12:00:00.000',
      sent_at: '2026-11-20 12:00:00.000',
      original_timestamp: '2026-11-20 12:00:00.000',
      page_url: 'https://www.example.com/a?utm_source=news&utm_medium=email',
      page_host: 'www.example.com',
      page_path: '/a',
      page_query: 'utm_source=news&utm_medium=email',
      page_title: 'A',
      referrer: 'https://www.google.de/',
      referrer_host: 'google.de',
      referrer_medium: 'search',
      channel: 'email',
      utm_source: 'news',
      utm_medium: 'email',
      user_agent: 'Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0',
      browser: 'Firefox',
      browser_version: '130.0',
      os: 'Linux',
      device_class: 'desktop',
      is_bot: false,
      geo_country: 'US',
      locale: 'en-US',
      timezone: 'Europe/Berlin',
      library_name: 'lib',
      library_version: '1',
      properties_order_id: 'o-1',
      properties_revenue: 12.5,
      properties_paid: true,
      properties_items: 2,
      properties_tags: ['a'],
    })
    expect(JSON.parse(String(properties))).toEqual(event.properties)
    // The column has it as en-US; all the rest of the context is in columns as it came.
    expect(JSON.parse(String(context))).toEqual({ locale: 'en_us' })
  })

  it('keeps of its context what no column says', () => {
    const page = {
      url: 'https://www.example.com/b?q=1',
      path: '/b',
      search: '?q=1',
      title: 'B',
      referrer: '',
    }
    const contextOf = (context: object) => rowOf({ ...track('A', {}), context }).context
    expect(contextOf({ page, ip: '8.8.8.8', timezone: 'Europe/Berlin' })).toBeUndefined()
    expect(contextOf({ page: { ...page, tab: 2 } })).toBe(JSON.stringify({ page: { ...page, tab: 2 } }))
    expect(contextOf({ page: { ...page, path: '/other' } })).toBeUndefined()
    expect(contextOf({ page: { ...page, search: '?q=2' } })).toContain('?q=2')
    expect(contextOf({ library: { name: 'l', version: 3 } })).toBe('{"library":{"name":"l","version":3}}')
    expect(contextOf({ campaign: { source: 's', id: 'x' }, screen: { width: 1 } })).toBe(
      '{"campaign":{"source":"s","id":"x"},"screen":{"width":1}}',
    )
  })

  it('gives its session what a session needs', () => {
    const event = accepted(track('Order Completed', { order_id: 'o', revenue: 3.5 }))
    expect(event.session).toMatchObject({
      anonymousId: 'anna',
      isPageView: false,
      revenue: 3.5,
      channel: 'direct',
    })
    expect(accepted(pageCall({ properties: { path: '/a' } })).session).toMatchObject({
      isPageView: true,
      pagePath: '/a',
      revenue: 0,
    })
  })

  it('lets metrics read its columns and its properties by path', () => {
    const { fields } = accepted({
      ...track('Other', { cart: { total: 5 }, on: false, list: [1] }),
      context: { ip: '8.8.8.8', app: { name: 'web' } },
    })
    const paths = [
      'event',
      'geo_country',
      'is_bot',
      'properties.cart.total',
      'properties.on',
      'context.app.name',
      'user_id',
      'properties.cart',
      'properties.list',
      'properties.constructor.name',
      'constructor',
      'nowhere',
    ]
    expect(paths.map((path) => fields.get(path))).toEqual([
      'Other',
      'US',
      false,
      5,
      false,
      'web',
      ...new Array(6).fill(undefined),
    ])
  })

  it('is flagged unplanned when the plan does not know it', () => {
    expect(rowOf(track('Other')).flags).toEqual(['unplanned'])
  })

  it.each(['page', 'screen', 'identify', 'group', 'alias'])('is never unplanned as a %s call', (type) => {
    expect(rowOf(pageCall({ type })).flags).toBeUndefined()
  })

  it('fills a typed column only with a value of its type', () => {
    const row = rowOf(track('Other', { revenue: 'much', order_id: 5, paid: 1, items: 1.5, tags: ['a', 1] }))
    expect(Object.keys(row).filter((name) => name.startsWith('properties_'))).toEqual([])
  })

  it('is named by its origin when it has no id', () => {
    const row = rowOf(pageCall({ messageId: undefined }))
    expect(row).toMatchObject({ event_id: originOfFirst, flags: ['synthetic_id'] })
  })

  it('belongs to its user, or to nobody, when it names no device', () => {
    expect(rowOf(pageCall({ anonymousId: null, userId: 'u' })).visitor).toBe('u:u')
    expect(rowOf(pageCall({ anonymousId: '' }))).toMatchObject({ visitor: 'o:m-1', flags: ['no_identity'] })
    expect(rowOf(pageCall({ anonymousId: '', messageId: '' })).visitor).toBe(`o:${originOfFirst}`)
  })

  it('keeps an id of 100 characters and hashes a longer one', () => {
    expect(rowOf(pageCall({ messageId: 'x'.repeat(100) })).event_id).toBe('x'.repeat(100))
    const [one, other] = ['a', 'b'].map((end) => rowOf(pageCall({ messageId: `${'x'.repeat(100)}${end}` })))
    expect(one).toMatchObject({
      event_id: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
      flags: ['long_id'],
    })
    expect(one?.event_id).not.toBe(other?.event_id)
  })

  it('may be JSON with an event and no type', () => {
    expect(rowOf({ event: 'Clicked', anonymousId: 'a' })).toMatchObject({ type: 'track', event: 'Clicked' })
  })

  it('may be of Pinpoint', () => {
    const row = rowOf({
      event_type: '_session.start',
      event_timestamp: arrivalMs - 1000,
      event_version: '3.0',
      client: { client_id: 'c', cognito_id: 'g' },
      device: { locale: { code: 'de_DE' }, platform: { name: 'ios' } },
      attributes: { plan: 'free' },
      metrics: { level: 3 },
    })
    expect(row).toMatchObject({
      event: '_session.start',
      anonymous_id: 'c',
      user_id: 'g',
      locale: 'de-DE',
      event_time: '2026-11-20 11:59:59.000',
      properties: '{"plan":"free","level":3}',
      context: '{"device":{},"os":{"name":"ios"},"locale":"de_DE"}',
    })
  })

  it('takes a page call as the plan’s Page Viewed', () => {
    const pageViewed = defineEvent({
      name: 'Page Viewed',
      version: '1.0.0',
      description: 'A page',
      properties: Type.Object({ status: Type.Integer() }),
    })
    const strict = createJudge({ plan: [pageViewed], countryOf })
    const record = rawRecord(pageCall({ properties: { status: 'ok' } }))
    const verdicts = decodeRecord(record).map((item) => item.kind === 'event' && strict(item, record).verdict)
    expect(verdicts).toEqual(['quarantined'])
  })
})

describe('a refused event', () => {
  it('names every property that breaks the plan', () => {
    const products = [{ price: 1 }, { price: 'x' }, {}]
    expect(reasonsOf(track('Order Completed', { revenue: 'x', products }))).toEqual([
      'bad_properties /properties/order_id',
      'bad_properties /properties/revenue',
      'bad_properties /properties/products/1/price',
      'bad_properties /properties/products/2/price',
    ])
  })

  it('names everything that is wrong with its envelope', () => {
    expect(reasonsOf({ type: 'trak', userId: {}, properties: 'none' })).toEqual([
      'bad_envelope /type',
      'bad_envelope /userId',
      'bad_envelope /properties',
    ])
  })

  it.each([
    ['no type', { messageId: 'm' }, ['bad_envelope /type']],
    ['nothing', {}, ['bad_envelope /type']],
    ['a track call without a name', { type: 'track' }, ['bad_envelope /event']],
    ['a track call with an empty name', { type: 'track', event: '' }, ['bad_envelope /event']],
    ['a name of 257 characters', { type: 'track', event: 'x'.repeat(257) }, ['bad_envelope /event']],
    ['a number too large', '{"type":"page","properties":{"a":[1e400]}}', ['bad_number /properties/a/0']],
    [
      'very deep JSON',
      `{"type":"page","properties":{"p":${'['.repeat(9999)}${']'.repeat(9999)}}}`,
      [`nested_too_deep /properties/p${'/0'.repeat(62)}`],
    ],
  ])('has its reasons: %s', (_, content, reasons) => {
    expect(reasonsOf(content)).toEqual(reasons)
  })

  it('may have 32 KB and not a byte more', () => {
    const sized = (bytes: number) => {
      const empty = JSON.stringify(pageCall({ traits: { filler: '' } })).length
      return pageCall({ traits: { filler: 'x'.repeat(bytes - empty) } })
    }
    expect(accepted(sized(maxEventBytes)).verdict).toBe('accepted')
    expect(reasonsOf(sized(maxEventBytes + 1))).toEqual(['too_large'])
  })

  it('is kept whole, with where and when it came', () => {
    const text = '{"type":"nope",  "x":1}'
    const row = JSON.parse(quarantined(text).row)
    expect({ ...row, reasons: JSON.parse(row.reasons) }).toEqual({
      origin: originOfFirst,
      received_at: '2026-11-20 12:00:00.000',
      reason: 'bad_envelope',
      reasons: [{ code: 'bad_envelope', path: '/type', message: expect.any(String) }],
      payload: text,
      payload_encoding: 'utf8',
      payload_bytes: text.length,
    })
  })

  it('is kept in base64 when it is no text', () => {
    const bytes = gzipSync('{}').subarray(0, 15)
    const row = JSON.parse(quarantined(bytes).row)
    expect(row).toMatchObject({
      payload: bytes.toString('base64'),
      payload_encoding: 'base64',
      payload_bytes: 15,
    })
  })
})

describe('bad input', () => {
  it('of 400 KB becomes a bad row that keeps all of it', () => {
    const huge = pageCall({ properties: { text: 'x'.repeat(400_000) } })
    expect(JSON.parse(quarantined(huge).row).payload).toBe(JSON.stringify(huge))
    expect(reasonsOf(huge)).toEqual(['too_large'])
  })

  it('with a user agent of 200 KB becomes a bad row, and with one of 20 KB has it cut', () => {
    const withAgent = (chars: number) => pageCall({ context: { userAgent: 'Mozilla '.repeat(chars / 8) } })
    expect(reasonsOf(withAgent(200_000))).toEqual(['too_large'])
    const row = rowOf(withAgent(20_000))
    expect(row.user_agent).toHaveLength(1024)
    expect(row.flags).toEqual(['long_user_agent'])
    expect(row.context).toBeUndefined()
  })

  it('with a time in the year 275760 is accepted without it', () => {
    const row = rowOf(pageCall({ timestamp: '+275760-09-13T00:00:00.000Z' }))
    expect(row).toMatchObject({
      event_time: '2026-11-20 12:00:00.000',
      flags: ['bad_timestamp', 'synthetic_time'],
    })
  })

  it('with lone surrogates is accepted and written without them', () => {
    const lone =
      '{"type":"track","event":"\\ud800!","anonymousId":"\\udc00","messageId":"m","properties":{"\\ud83d":"\\ud83d\\ude00 \\\\ud800"}}'
    const event = accepted(lone)
    const row = rowByColumn(event.row)
    expect(row).toMatchObject({ event: '\ufffd!', visitor: 'a:\ufffd', anonymous_id: '\ufffd' })
    expect(JSON.parse(row.properties)).toEqual({ '\ufffd': '\u{1f600} \\ud800' })
    expect(
      [event.row, row.properties, event.visitor, event.session.anonymousId].every((t) => t.isWellFormed()),
    ).toBe(true)
    expect(event.fields.get('event')).toBe('\ufffd!')
  })

  it('with __proto__ and constructor keys is accepted and changes nothing else', () => {
    const text =
      '{"type":"track","event":"constructor","messageId":"m","anonymousId":"a","__proto__":{"polluted":1},' +
      '"properties":{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}},"context":{"__proto__":{"ip":"8.8.8.8"}}}'
    const row = rowOf(text)
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false)
    expect(row.geo_country).toBeUndefined()
    expect(row.properties).toBe('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}')
  })

  it('nested 300,000 levels deep becomes a bad row with all its reasons', () => {
    const deep = `{"type":"page","properties":{"p":${'['.repeat(300_000)}${']'.repeat(300_000)}}}`
    expect(reasonsOf(deep).map((reason) => reason.split(' ')[0])).toEqual(['too_large', 'nested_too_deep'])
    expect(JSON.parse(quarantined(deep).row).payload).toBe(deep)
  })

  it.each([
    ['not JSON', 'hello', 'not_json'],
    ['a JSON number', '5', 'not_an_object'],
    ['truncated gzip', gzipSync('{}').subarray(0, 12), 'truncated_gzip'],
    ['a gzip bomb', gzipSync(Buffer.alloc(20_000_000, ' ')), 'gzip_bomb'],
    ['a log line', 'GET / 200', 'not_json'],
  ])('as %s becomes one bad row', (_, content, code) => {
    expect(judgeAll(content)).toHaveLength(1)
    expect(quarantined(content).bad.reasons[0].code).toBe(code)
  })
})
