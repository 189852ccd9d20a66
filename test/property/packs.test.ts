import { randomBytes } from 'node:crypto'
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { JudgedEvent } from '../../shared/core/event/outcome.ts'
import { eventKeys } from '../../shared/core/lake/event-columns.ts'
import {
  decodePack,
  encodePack,
  type LanePack,
  maxPackBytes,
  packVersion,
} from '../../shared/core/lane/pack.ts'
import { maxRowBytes, Packer } from '../../shared/core/lane/packer.ts'
import { type Delta, decodeSegment, encodeSegment } from '../../shared/core/lane/segment.ts'
import {
  accepted,
  clicks,
  dawn,
  eventsPack,
  flushPack,
  markPack,
  noFacts,
  quarantined,
  rawShard,
  sequence,
} from '../support/lane-events.ts'
import { encodeOldPack } from '../support/old-packs.ts'
import { type OriginText, originList, originTextsByShard } from '../support/origin-texts.ts'

const text = fc.string({ unit: 'grapheme', maxLength: 20 })
const row = text.map((value) => Buffer.from(JSON.stringify({ value })))

const packed: fc.Arbitrary<LanePack> = fc
  .array(
    fc.record({
      isBad: fc.boolean(),
      // Few, so that some come again.
      anonymousId: fc.oneof(text, fc.constantFrom('anna', 'bert')),
      visitor: fc.option(text, { nil: undefined }),
      page: fc.oneof(text, fc.constantFrom('/', '/p')),
      row,
      value: fc.double({ noNaN: true }),
      index: fc.nat(9),
    }),
    { maxLength: 20 },
  )
  .map((list) =>
    eventsPack(
      list.map(({ isBad, anonymousId, visitor = `a:${anonymousId}`, page, row: line, value, index }, n) =>
        isBad
          ? { ...quarantined(n), row: line }
          : accepted(Math.floor(n / 2), {
              visitor,
              index,
              row: line,
              facts: {
                ...noFacts,
                anonymousId,
                pagePath: page,
                isBot: index % 2 === 0,
                isPageView: index % 3 === 0,
              },
              revenue: String(index),
              contributions: [
                {
                  metric: index % 3,
                  value: Number.isFinite(value) && !Object.is(value, -0) ? value : 'f00d',
                  dims: index % 2 === 0 ? [page] : [page, visitor],
                },
                { metric: 3, value: index < 8 ? `hash of ${visitor}` : page, dims: [] },
              ],
            }),
      ),
    ),
  )

/** A pack of one quarantined event, but for what is given. */
const packText = (given: object, ...rows: string[]): Buffer => {
  const header = { kind: 'events', lanes: 1, lane: 0, metrics: [], cells: [], keys: [], ...given }
  const counts = {
    v: packVersion,
    events: 1,
    integers: 4,
    floats: 0,
    records: [[rawShard, '1', dawn]],
    texts: ['x'],
  }
  const integers = Buffer.from(Int32Array.from([0, 0, 0, 0]).buffer)
  const head = Buffer.from(`${JSON.stringify({ ...counts, ...header })}\n`)
  return Buffer.concat([head, integers, ...rows.map((line) => Buffer.from(`\n${line}`))])
}

describe('a pack', () => {
  it('of events comes back as it was', () => {
    fc.assert(
      fc.property(packed, (pack) => {
        expect(decodePack(encodePack(pack))).toEqual(pack)
      }),
    )
  })

  it('of more events than its lists begin with room for comes back as it was', () => {
    const events = Array.from({ length: 1_500 }, (_, n) =>
      accepted(n, {
        eventTime: dawn + n,
        contributions: [{ metric: 0, value: n / 8 + 0.1, dims: [`${n % 7}`] }],
      }),
    )
    expect(decodePack(encodePack(eventsPack(events)))).toEqual(eventsPack(events))
  })

  it.each([
    ['mark', markPack({ n: 1, arrival: dawn })],
    ['flush', flushPack(1)],
  ] as const)('of a %s comes back as it was', (_, pack) => {
    expect(decodePack(encodePack(pack))).toMatchObject(pack)
  })

  it('that version 0.1.0 wrote is read as what it was', () => {
    fc.assert(
      fc.property(packed, (pack) => {
        expect(decodePack(encodeOldPack(pack))).toEqual(pack)
      }),
    )
  })

  it('that version 0.1.0 wrote keeps what it says of latest values', () => {
    const change = { table: 'stock', key: 'p-1', version: '3', order: '3', eventTime: dawn, deleted: false }
    const latest = [{ ...change, values: { left: 2 }, leftOut: [] }]
    const pack = eventsPack([accepted(1, { latest }), accepted(2), quarantined(3)])
    expect(decodePack(encodeOldPack(pack))).toEqual(pack)
  })

  it.each([
    [3, '{"event":"Click","geo_country":"FR","properties_price":1}'],
    [4, `{"${eventKeys.event}":"Click","${eventKeys.geo_country}":"FR","properties_price":1}`],
  ])(
    'of version %i, whose rows have names of columns, is read with their keys, where rows have keys',
    (version, text) => {
      const named = Buffer.from(text)
      const written = encodePack(eventsPack([accepted(1, { row: named }), { ...quarantined(2), row: named }]))
      const before = zstdDecompressSync(written)
        .toString('latin1')
        .replace(`"v":${packVersion}`, `"v":${version}`)
      const pack = decodePack(zstdCompressSync(Buffer.from(before, 'latin1')))
      const rows = pack.kind === 'events' ? pack.events.map((event) => JSON.parse(String(event.row))) : []
      expect(rows).toEqual([
        { [eventKeys.event]: 'Click', [eventKeys.geo_country]: 'FR', _price: 1 },
        JSON.parse(String(named)),
      ])
    },
  )

  it.each([
    ['mark', markPack({ n: 1, arrival: dawn })],
    ['flush', flushPack(1)],
  ] as const)('of a %s that version 0.1.0 wrote is read as what it was', (_, pack) => {
    expect(decodePack(encodeOldPack(pack))).toMatchObject(pack)
  })

  it.each([
    ['rows that are missing', (text: string) => text.slice(0, text.lastIndexOf('\n'))],
    ['an event of no record', (text: string) => text.replace(/"records":\[\[.*?\]\]/, '"records":[]')],
    ['no list of events', (text: string) => text.replace('"events":[', '"other":[')],
  ])('of version 0.1.0 with %s is refused', (_, spoil) => {
    const bytes = encodeOldPack(eventsPack([accepted(1), accepted(2)]))
    const text = zstdDecompressSync(bytes).toString()
    expect(spoil(text)).not.toBe(text)
    expect(() => decodePack(zstdCompressSync(spoil(text)))).toThrow()
  })

  it('that is damaged anywhere is refused', () => {
    const bytes = encodePack(eventsPack([accepted(1), quarantined(2)]))
    for (let at = 0; at < bytes.length; at++) {
      const damaged = Uint8Array.from(bytes)
      damaged[at] = (damaged[at] ?? 0) ^ 0x55
      expect(() => decodePack(damaged)).toThrow()
      expect(() => decodePack(bytes.subarray(0, at))).toThrow()
    }
  })

  it('is read when nothing of it is amiss', () => {
    expect(decodePack(zstdCompressSync(packText({}, '{}')))).toMatchObject({ events: [{ reason: 'x' }] })
  })

  it.each([
    ['of another version', packText({ v: packVersion + 1 }, '{}')],
    ['with too few rows', packText({})],
    ['with too many rows', packText({}, '{}', '{}')],
    ['with an event of no record', packText({ records: [] }, '{}')],
    ['with an event of no reason', packText({ texts: [] }, '{}')],
    ['with fewer numbers than it says', packText({ integers: 400 }, '{}')],
    ['with fewer numbers than its events need', packText({ integers: 3 }, '{}')],
    ['with a number of events that is none', packText({ events: -1 }, '{}')],
    ['that is no object', Buffer.from('null')],
  ])('%s is refused', (_, text) => {
    expect(() => decodePack(zstdCompressSync(text))).toThrow()
  })

  // It would be folded as lane `undefined`, throw there, and block the shard in place of being skipped and counted.
  it('of a kind that is not known is refused', () => {
    expect(() =>
      decodePack(zstdCompressSync(`{"v":${packVersion},"kind":"other","lanes":1,"lane":0}`)),
    ).toThrow()
  })
})

describe('a segment', () => {
  it('comes back as it was', () => {
    const keys = fc
      .uint8Array({ minLength: 16, maxLength: 80 })
      .map((bytes) => bytes.slice(0, bytes.length & ~15))
    const ids = fc.array(fc.tuple(fc.nat(), keys))
    fc.assert(
      fc.property(ids, (minutes) => {
        const origins: OriginText[] = [
          [sequence(1), 0],
          [sequence(1), 2],
        ]
        const delta: Delta = {
          visitors: new Uint8Array(0),
          panes: new Map(),
          ids: new Map(minutes),
          origins: new Map([[rawShard, originList(origins)]]),
          latest: new Map(),
        }
        const { ids: read, origins: readOrigins, ...rest } = decodeSegment(encodeSegment(delta).bytes)
        expect(rest).toEqual({
          visitors: delta.visitors,
          panes: delta.panes,
          latest: new Map(),
        })
        expect(originTextsByShard(readOrigins)).toEqual([[rawShard, origins]])
        const hex = (minute: number, bytes: Uint8Array) => [minute, Buffer.from(bytes).toString('hex')]
        expect(Array.from(read, ([at, bytes]) => hex(at, bytes))).toEqual(
          Array.from(delta.ids, ([at, bytes]) => hex(at, bytes)),
        )
      }),
    )
  })

  it('that is damaged is refused', () => {
    const { bytes } = encodeSegment({
      visitors: new Uint8Array(0),
      panes: new Map(),
      ids: new Map(),
      origins: new Map(),
      latest: new Map(),
    })
    expect(() => decodeSegment(bytes.subarray(0, bytes.length - 1))).toThrow()
  })
})

const judged = (n: number, incompressible: number): JudgedEvent => ({
  verdict: 'quarantined',
  visitor: '',
  origin: { shardId: rawShard, sequenceNumber: sequence(1), index: n },
  receivedAt: dawn,
  bad: { reasons: [{ code: 'not_json', path: '', message: '' }] },
  row: JSON.stringify({ payload: randomBytes(incompressible).toString('base64') }),
})

describe('the packer', () => {
  it('never makes a record larger than a lane takes, and keeps every event in its order', () => {
    const packer = new Packer({ lanes: 8, metrics: [clicks], measure: () => [] })
    for (let n = 0; n < 40; n++) packer.add(judged(n, 60_000))
    const records = packer.takeRecords()
    expect(Math.max(...records.map(({ data }) => data.length))).toBeLessThanOrEqual(maxPackBytes)
    const packs = records.map(({ data }) => decodePack(data))
    const indexes = packs
      .flatMap((pack) => (pack.kind === 'events' ? pack.events : []))
      .map(({ origin }) => origin.index)
    expect(indexes).toEqual(Array.from({ length: 40 }, (_, n) => n))
    expect(packer.takeRecords()).toEqual([])
  })

  it('keeps to other limits when it is given some, and sends the settings of the lanes along', () => {
    const limits = { maxRowBytes: 1_000, targetRowBytes: 2_000, maxPackBytes: 1_000 }
    const settings = { gapMs: 1, latenessMs: 2, horizonMs: 3, unknown: 4 }
    const packer = new Packer({ lanes: 1, metrics: [], measure: () => [], limits, settings })
    for (let n = 0; n < 10; n++) packer.add(judged(n, 300))
    const packs = packer.takeRecords().map(({ data }) => ({ bytes: data.length, pack: decodePack(data) }))
    expect(packs.length).toBeGreaterThan(3)
    for (const { bytes, pack } of packs) {
      expect(pack.kind === 'events' && (bytes <= 1_000 || pack.events.length === 1)).toBe(true)
      expect(pack.settings).toEqual({ gapMs: 1, latenessMs: 2, horizonMs: 3 })
    }
  })

  it('has room for the longest row that is not put aside', () => {
    const packer = new Packer({ lanes: 1, metrics: [clicks], measure: () => [] })
    packer.add({ ...judged(0, 0), row: `"${randomBytes(maxRowBytes / 2 - 1).toString('hex')}"` })
    expect(packer.takeRecords()[0]?.data.length).toBeLessThanOrEqual(maxPackBytes)
  })
})
