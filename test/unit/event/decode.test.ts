import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { type DecodedItem, decodeRecord, defaultLimits } from '../../../shared/core/event/decode.ts'
import { kplAggregate, rawRecord } from '../../support/raw-records.ts'

const decode = (content: unknown) => decodeRecord(rawRecord(content))

/** Events as their value, bad items as their first code. */
const brief = (items: readonly DecodedItem[]) =>
  items.map((item) => (item.kind === 'bad' ? item.reasons[0].code : item.value))

const payloadText = (item: DecodedItem | undefined) =>
  Buffer.from(item?.kind === 'bad' ? item.payload : (item?.payload() ?? [])).toString()

describe('decodeRecord', () => {
  it.each([
    ['one event', '{"a":1}', [{ a: 1 }]],
    ['an event with a byte order mark and blank lines around it', '\ufeff\r\n {"a":1} \n\n', [{ a: 1 }]],
    ['an event over several lines', '{\n  "a": 1\n}', [{ a: 1 }]],
    ['an array', '[{"a":1},{"a":2}]', [{ a: 1 }, { a: 2 }]],
    ['an array over several lines', '[\n{"a":1},\n{"a":2}\n]', [{ a: 1 }, { a: 2 }]],
    ['NDJSON', '{"a":1}\n{"a":2}\n', [{ a: 1 }, { a: 2 }]],
    ['NDJSON with Windows line ends and blank lines', '{"a":1}\r\n\r\n{"a":2}\r\n', [{ a: 1 }, { a: 2 }]],
    ['NDJSON of arrays', '[{"a":1}]\n[{"a":2},{"a":3}]', [{ a: 1 }, { a: 2 }, { a: 3 }]],
    ['a batch', '{"batch":[{"a":1},{"a":2}]}', [{ a: 1 }, { a: 2 }]],
    ['an empty array', '[]', []],
  ])('reads %s', (_, text, events) => {
    expect(brief(decode(text))).toEqual(events)
  })

  it('reads the same things gzipped', () => {
    expect(brief(decode(gzipSync('{"a":1}\n{"a":2}')))).toEqual([{ a: 1 }, { a: 2 }])
  })

  it('reads two gzip members one after the other as one text', () => {
    expect(brief(decode(Buffer.concat([gzipSync('{"a":1}\n'), gzipSync('{"a":2}\n')])))).toEqual([
      { a: 1 },
      { a: 2 },
    ])
  })

  it('numbers the events of a KPL aggregate through, whatever its user records hold', () => {
    const items = decode(
      kplAggregate([Buffer.from('{"a":1}'), gzipSync('[{"a":2},{"a":3}]'), Buffer.from('?')]),
    )
    expect(brief(items)).toEqual([{ a: 1 }, { a: 2 }, { a: 3 }, 'not_json'])
    expect(items.map(({ index }) => index)).toEqual([0, 1, 2, 3])
  })

  it.each([
    ['{"a":"é 冬 😀"}', true],
    ['{"a":"b\\"c"}', false],
    ['{"a":"\\ud800"}', false],
    ['[{"a":1},{"a\\n":2}]', false],
    ['{"batch":[{"a":1}],"context":{"b":"\\/"}}', false],
    ['{"a":1}\n{"a":2}', true],
  ])('says of %s whether there is an escape in it', (text, escapeFree) => {
    const items = decode(text)
    expect(items.length).toBeGreaterThan(0)
    for (const item of items) expect(item).toMatchObject({ kind: 'event', escapeFree })
  })

  it('gives the context and sentAt of a batch to its events, which may say otherwise', () => {
    const batch = {
      batch: [{ a: 1 }, { context: { ip: '2.2.2.2' }, sentAt: 'then' }],
      context: { ip: '1.1.1.1', library: 'x' },
      sentAt: 'now',
    }
    expect(brief(decode(batch))).toEqual([
      { a: 1, context: { ip: '1.1.1.1', library: 'x' }, sentAt: 'now' },
      { context: { ip: '2.2.2.2', library: 'x' }, sentAt: 'then' },
    ])
  })

  it.each([
    ['nothing at all', '', 'empty'],
    ['blanks', ' \n\n', 'empty'],
    ['text', 'hello', 'not_json'],
    [
      'a line of an access log',
      '1.2.3.4 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 1',
      'not_json',
    ],
    ['several lines of which none is JSON', 'a\nb\nc', 'not_json'],
    ['a number', '42', 'not_an_object'],
    ['null', 'null', 'not_an_object'],
    ['a text that is JSON', '"x"', 'not_an_object'],
    ['cut off JSON', '{"a":', 'not_json'],
    ['bytes that are no UTF-8', Buffer.from([0x7b, 0xff, 0x7d]), 'not_utf8'],
    ['a cut off gzip', gzipSync('{"a":1}').subarray(0, 20), 'truncated_gzip'],
    ['the first bytes of a gzip', Buffer.from([0x1f, 0x8b]), 'truncated_gzip'],
    ['a gzip with a wrong byte', gzipSync('{"a":1}').fill(0xff, 10, 12), 'bad_gzip'],
    ['a gzip of nothing', gzipSync(''), 'empty'],
    ['a cut off KPL aggregate', kplAggregate([Buffer.from('{}')]).subarray(0, -1), 'bad_kpl_aggregate'],
    ['the magic of a KPL aggregate alone', kplAggregate([]).subarray(0, 4), 'bad_kpl_aggregate'],
  ])('makes one bad item of %s and keeps its bytes', (_, content, code) => {
    const items = decode(content)
    expect(brief(items)).toEqual([code])
  })

  it('keeps the neighbours of a bad line', () => {
    const items = decode('{"a":1}\nnope\n{"a":2}')
    expect(brief(items)).toEqual([{ a: 1 }, 'not_json', { a: 2 }])
    expect(payloadText(items[1])).toBe('nope')
  })

  it('keeps the neighbours of a line with a byte that is no UTF-8', () => {
    const text = Buffer.concat([
      Buffer.from('{"a":"é"}\n{"b":"'),
      Buffer.from([0xe9]),
      Buffer.from('"}\n{"a":2}'),
    ])
    expect(brief(decode(text))).toEqual([{ a: 'é' }, 'not_utf8', { a: 2 }])
  })

  it('takes a replacement character that was sent as one for what it is', () => {
    expect(brief(decode('{"a":"\ufffd"}'))).toEqual([{ a: '\ufffd' }])
  })

  it('keeps the neighbours of a bad element', () => {
    const items = decode('[{"a":1},7,[{}],null,{"a":2}]')
    expect(brief(items)).toEqual([{ a: 1 }, 'not_an_object', 'not_an_object', 'not_an_object', { a: 2 }])
    expect(payloadText(items[1])).toBe('7')
  })

  it('keeps a bad record whole', () => {
    expect(payloadText(decode('a\nb')[0])).toBe('a\nb')
  })

  it('unzips exactly as much as it may', () => {
    const text = '{"a":1}'
    const limits = { ...defaultLimits, maxUnzippedBytes: text.length }
    expect(brief(decodeRecord(rawRecord(gzipSync(text)), limits))).toEqual([{ a: 1 }])
    expect(brief(decodeRecord(rawRecord(gzipSync(`${text} `)), limits))).toEqual(['gzip_bomb'])
  })

  it('refuses a gzip bomb without unzipping it', () => {
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024))
    expect(brief(decode(bomb))).toEqual(['gzip_bomb'])
  })

  it('lets all gzips of one aggregate together unzip no more than the limit', () => {
    const limits = { ...defaultLimits, maxUnzippedBytes: 10 }
    const zipped = gzipSync('{"a":1}')
    expect(brief(decodeRecord(rawRecord(kplAggregate([zipped, zipped])), limits))).toEqual([
      { a: 1 },
      'gzip_bomb',
    ])
  })

  it('refuses what is wrapped in itself too often', () => {
    const onion = [1, 2, 3, 4, 5].reduce((bytes) => gzipSync(bytes), Buffer.from('{}'))
    expect(brief(decode(onion))).toEqual(['nested_too_deep'])
  })

  it('makes one bad item of a record with more events than it may have', () => {
    const limits = { ...defaultLimits, maxItems: 3 }
    expect(brief(decodeRecord(rawRecord('[{},{},{}]'), limits))).toHaveLength(3)
    expect(brief(decodeRecord(rawRecord('[{},{},{},{}]'), limits))).toEqual(['too_many_events'])
  })

  it.each([
    ['empty objects', `[${'{},'.repeat(1_500_000)}{}]`],
    ['brackets', '['.repeat(4_500_000)],
  ])('refuses a gzip of more %s than its events could need before it parses them', (_, text) => {
    const [item] = decode(gzipSync(text))
    const message = 'more objects and arrays in one record than its events could need'
    expect(item).toMatchObject({ kind: 'bad', reasons: [{ code: 'too_many_events', message }] })
  })

  it('makes one bad item of a batch whose context would be too much for each of its events', () => {
    const batch = (events: number) => ({
      batch: new Array(events).fill({}),
      context: { text: 'x'.repeat(1000) },
    })
    const limits = { ...defaultLimits, maxUnzippedBytes: 10_300 }
    expect(decodeRecord(rawRecord(batch(10)), limits)).toHaveLength(10)
    expect(brief(decodeRecord(rawRecord(batch(11)), limits))).toEqual(['too_large'])
  })

  it('makes one bad item of an array with an element nested too deep to be written alone', () => {
    const deep = '['.repeat(100_000) + ']'.repeat(100_000)
    expect(brief(decode(`[{"a":1},${deep}]`))).toEqual(['nested_too_deep'])
  })

  it('reads any depth of an event alone in its record', () => {
    const [item] = decode(`{"a":${'['.repeat(300_000)}${']'.repeat(300_000)}}`)
    expect(item?.kind).toBe('event')
  })

  it('measures an event only where it could be too large', () => {
    const large = { a: 'x'.repeat(40_000) }
    const sizes = decode([{ a: 1 }, large]).map((item) => (item.kind === 'event' ? item.jsonBytes : -1))
    expect(sizes).toEqual([7, 40_008])
  })

  it('takes an object whose first key is weir, alone in its record, for a control record', () => {
    expect(decode('{"weir":"flush","id":"1"}')[0]?.kind).toBe('control')
    expect(decode('{"id":"1","weir":"flush"}')[0]?.kind).toBe('event')
    expect(decode('[{"weir":"flush"}]')[0]?.kind).toBe('event')
    expect(decode(gzipSync('{"weir":"flush"}'))[0]?.kind).toBe('event')
  })
})
