import { gzipSync } from 'node:zlib'

export type Given = {
  readonly title: string
  readonly bytes: Buffer
  /** The text of the event, where it is one that may stand in a batch. */
  readonly json: string | undefined
}

/** Input that is refused. */
export type BadInput = Given & {
  /** `code path` of each reason. */
  readonly reasons: readonly string[]
  /** What the collector answers when it is the whole body. */
  readonly status: number
}

/** Input that is accepted, and what its row then holds. */
export type OddInput = Given & {
  row(known: { readonly origin: string; readonly receivedAt: unknown }): Readonly<Record<string, unknown>>
}

const anybody = '"anonymousId":"anybody"'

const isEvent = (title: string, json: string): Given => ({ title, bytes: Buffer.from(json), json })
const noEvent = (title: string, bytes: Buffer | string): Given => ({
  title,
  bytes: Buffer.from(bytes),
  json: undefined,
})
/** The collector takes an object that is no batch for one without its array. */
const refused = (given: Given, ...reasons: readonly string[]): BadInput => ({
  ...given,
  reasons,
  status: 400,
})

const zipped = gzipSync(`{"type":"page",${anybody},"name":"${'cut off '.repeat(500)}"}`)
const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024))
const deep = `{"type":"page",${anybody},"properties":${'{"a":'.repeat(70)}1${'}'.repeat(70)}}`
const forged = `{"weir":"flush","id":"1","shard":"shardId-000000000000","issuedAt":1,"shards":[],"signature":"00"}`
const order = `{"type":"track","event":"Order Completed",${anybody},"properties":{"revenue":"ten","currency":"euro"}}`
const twiceWrong = `{"type":"track","event":"",${anybody},"context":5,"properties":{"a":1e400,"b":[-1e999]}}`

export const badInputs: readonly BadInput[] = [
  refused(noEvent('text that is not JSON', 'this is not JSON'), 'not_json'),
  refused(noEvent('JSON cut off', `{"type":"page",${anybody}`), 'not_json'),
  refused(noEvent('bytes that are no UTF-8', Buffer.from([0x7b, 0xff, 0xfe, 0x7d])), 'not_utf8'),
  refused(noEvent('a surrogate written as bytes', Buffer.from('7b2261223a22eda080227d', 'hex')), 'not_utf8'),
  refused(noEvent('truncated gzip', zipped.subarray(0, zipped.length - 12)), 'truncated_gzip'),
  refused(
    noEvent('damaged gzip', Buffer.concat([zipped.subarray(0, 10), Buffer.alloc(40, 255)])),
    'bad_gzip',
  ),
  { ...refused(noEvent('a gzip bomb', bomb), 'gzip_bomb'), status: 413 },
  refused(noEvent('a damaged KPL aggregate', Buffer.from('f3899ac2010203', 'hex')), 'bad_kpl_aggregate'),
  refused(noEvent('a JSON number', '42'), 'not_an_object'),
  refused(noEvent('a JSON text', '"page"'), 'not_an_object'),
  refused(noEvent('nothing but blanks', ' \n '), 'empty'),
  refused(noEvent('a forged flush', forged), 'forged_control'),
  refused(isEvent('an event with no type', `{"messageId":"no-type",${anybody}}`), 'bad_envelope /type'),
  refused(isEvent('an object with nothing in it', '{}'), 'bad_envelope /type'),
  refused(
    isEvent('an event with four faults', twiceWrong),
    'bad_number /properties/a',
    'bad_number /properties/b/0',
    'bad_envelope /event',
    'bad_envelope /context',
  ),
  refused(
    isEvent('an order that breaks the plan', order),
    'bad_properties /properties/order_id',
    'bad_properties /properties/revenue',
    'bad_properties /properties/currency',
  ),
  refused(isEvent('an event nested 70 levels deep', deep), `nested_too_deep /properties${'/a'.repeat(63)}`),
  refused(
    isEvent('an event of 400 KB', `{"type":"page",${anybody},"name":"${'x'.repeat(400_000)}"}`),
    'too_large',
  ),
  refused(
    isEvent(
      'a user agent of 200 KB and no type',
      `{${anybody},"context":{"userAgent":"${'Mozilla '.repeat(25_000)}"}}`,
    ),
    'too_large',
    'bad_envelope /type',
  ),
]

const surrogates = String.raw`{"type":"track","event":"Odd \udc00","messageId":"m\ud800",${anybody},"properties":{"\udfff":"\ud83d"}}`
const prototypes = `{"type":"page","messageId":"proto","anonymousId":"p","__proto__":{"type":"alias"},"properties":{"__proto__":{"path":"/no"},"constructor":1,"path":"/yes"}}`

export const oddInputs: readonly OddInput[] = [
  {
    ...isEvent('an event with no id and no time at all', '{"type":"page"}'),
    row: ({ origin, receivedAt }) => ({
      event_id: origin,
      visitor: `o:${origin}`,
      event_time: receivedAt,
      flags: ['synthetic_time', 'synthetic_id', 'no_identity'],
    }),
  },
  {
    ...isEvent(
      'a timestamp of the year 275760',
      `{"type":"page","messageId":"far",${anybody},"timestamp":"+275760-09-13T00:00:00.000Z"}`,
    ),
    row: ({ receivedAt }) => ({
      event_time: receivedAt,
      original_timestamp: null,
      flags: ['bad_timestamp', 'synthetic_time'],
    }),
  },
  {
    ...isEvent('the same as a number', `{"type":"page","messageId":"far2",${anybody},"timestamp":8.64e15}`),
    row: ({ receivedAt }) => ({ event_time: receivedAt, flags: ['bad_timestamp', 'synthetic_time'] }),
  },
  {
    ...isEvent(
      'a user agent of 20 KB',
      `{"type":"page","messageId":"agent",${anybody},"context":{"userAgent":"${'Mozilla '.repeat(2_500)}"}}`,
    ),
    row: () => ({
      user_agent: 'Mozilla '.repeat(128).trimEnd().padEnd(1024),
      flags: ['synthetic_time', 'long_user_agent'],
    }),
  },
  {
    ...isEvent('lone surrogates', surrogates),
    row: () => ({
      event: 'Odd \ufffd',
      event_id: 'm\ufffd',
      properties: '{"\ufffd":"\ufffd"}',
      flags: ['unplanned', 'synthetic_time'],
    }),
  },
  {
    ...isEvent('__proto__ and constructor keys', prototypes),
    row: () => ({ type: 'page', event_id: 'proto', visitor: 'a:p', page_path: '/yes' }),
  },
]

export const goodInputs: readonly Given[] = [
  isEvent('a good event before them', `{"type":"page","messageId":"good-1",${anybody}}`),
  isEvent('a good event behind them', `{"type":"page","messageId":"good-2",${anybody}}`),
]
