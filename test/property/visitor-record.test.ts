import { zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sessionsOf, visitorOf } from '../../shared/core/lane/record-reader.ts'
import { RecordWriter } from '../../shared/core/lane/record-writer.ts'
import {
  type Delta,
  decodeSegment,
  emptyDelta,
  encodeSegment,
  mergeDeltas,
} from '../../shared/core/lane/segment.ts'
import { places, recordsOf, timesOf, versionOf } from '../../shared/core/lane/visitor-record.ts'
import type { OpenSession } from '../../shared/core/session/session.ts'
import { latestChange } from '../support/latest-changes.ts'
import { oldSegment, segmentOfFormat3, type VisitorSessions } from '../support/old-segment.ts'
import { type OriginText, originList, originTextsByShard } from '../support/origin-texts.ts'

/** What lengths, widths or separators could trip over. */
const odd = fc.constantFrom(
  '',
  '\t',
  '\n',
  '\r\n',
  ',',
  ';',
  '\\',
  '\\u00e9',
  '"',
  '0',
  '__proto__',
  '\u2028',
  '\ufeff',
)
const text = fc.oneof(
  odd,
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.string({ unit: 'grapheme', maxLength: 12 }),
)
const time = fc.integer({ min: 0, max: 253_402_300_799_999 })
/** Few, so that events of one time have two keys, and events of one key two times. */
const mark = { time: fc.constantFrom(0, 1, 1_795_176_000_000), key: fc.constantFrom('', 'a', 'b\t') }
const textOfEvent = fc.option(fc.record({ ...mark, text }))

const session: fc.Arbitrary<OpenSession> = fc.record({
  id: text,
  order: fc.nat(),
  start: time,
  end: time,
  lastArrival: time,
  closesAfter: time,
  events: fc.nat(),
  pageViews: fc.nat(),
  revenue: fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }).map(String),
  isBot: fc.boolean(),
  late: fc.boolean(),
  first: fc.record({
    ...mark,
    facts: fc.record({
      referrerHost: text,
      channel: text,
      utmSource: text,
      utmMedium: text,
      utmCampaign: text,
      country: text,
      deviceClass: text,
      browser: text,
      os: text,
    }),
  }),
  anonymousId: textOfEvent,
  userId: textOfEvent,
  entryPage: textOfEvent,
  exitPage: textOfEvent,
  absorbedIds: fc.array(text, { maxLength: 3 }),
})

const visitorSessions: fc.Arbitrary<VisitorSessions> = fc.record({
  visitor: text,
  version: fc.nat(),
  sessions: fc.array(session, { minLength: 1, maxLength: 3 }),
})

const visitors = fc.array(visitorSessions, { maxLength: 6 })

const written = (list: readonly VisitorSessions[], writer = new RecordWriter()): Uint8Array => {
  for (const { visitor, version, sessions } of list) writer.add(visitor, version, sessions)
  return new Uint8Array(writer.take())
}

const read = (bytes: Uint8Array): VisitorSessions[] => {
  const records = recordsOf(bytes)
  return Array.from(places(records), (at) => ({
    visitor: visitorOf(records, at),
    version: versionOf(records, at),
    sessions: sessionsOf(records, at),
  }))
}

describe('records of visitors', () => {
  it('come back as they were', () => {
    fc.assert(
      fc.property(visitors, (list) => {
        expect(read(written(list))).toEqual(list)
      }),
    )
  })

  it('tell the times of sessions that are not read', () => {
    fc.assert(
      fc.property(visitors, (list) => {
        const records = recordsOf(written(list))
        expect(Array.from(places(records), (at) => timesOf(records, at))).toEqual(
          list.map(({ sessions }) => sessions.map(({ start, closesAfter }) => ({ start, closesAfter }))),
        )
      }),
    )
  })

  it('are the same bytes, whatever was written in their place before', () => {
    fc.assert(
      fc.property(visitors, visitors, (before, list) => {
        const writer = new RecordWriter()
        written(before, writer)
        expect(written(list, writer)).toEqual(written(list))
      }),
    )
  })

  it('are copied as they are', () => {
    fc.assert(
      fc.property(visitors, (list) => {
        const records = recordsOf(written(list))
        const writer = new RecordWriter()
        for (const at of places(records)) writer.copy(records, at)
        expect(new Uint8Array(writer.take())).toEqual(written(list))
      }),
    )
  })

  it.each([
    ['cut within a number', (bytes: Uint8Array) => bytes.subarray(0, bytes.length - 1)],
    ['cut between two', (bytes: Uint8Array) => bytes.subarray(0, bytes.length - 8)],
    ['with zeros behind', (bytes: Uint8Array) => Buffer.concat([bytes, Buffer.alloc(8)])],
  ])('%s are refused', (_, damage) => {
    const [one] = fc.sample(visitorSessions, { numRuns: 1, seed: 1 })
    expect(() => recordsOf(damage(written(one === undefined ? [] : [one])))).toThrow(
      /records? of (a )?visitor/,
    )
  })
})

describe('a segment', () => {
  it('brings all visitors back, whatever they are called', () => {
    fc.assert(
      fc.property(visitors, (list) => {
        const delta = { ...emptyDelta(), visitors: written(list) }
        expect(decodeSegment(encodeSegment(delta).bytes)).toEqual(delta)
      }),
    )
  })

  const ids = new Map([[7, Buffer.alloc(32, 255)]])
  const origins = new Map([['shard', new Map([['12', [0, 2]]])]])
  const originsRead = [
    [
      'shard',
      [
        ['12', 0],
        ['12', 2],
      ],
    ],
  ]
  const latest = fc.constantFrom<Delta['latest']>(new Map(), new Map([['listings#A', latestChange('A', 1)]]))

  it('of code that wrote visitors as lines is read', () => {
    fc.assert(
      fc.property(visitors, latest, (list, changes) => {
        const delta = { ...emptyDelta(), ids, origins, latest: changes }
        const decoded = decodeSegment(oldSegment(delta, list))
        expect({
          ...decoded,
          visitors: read(decoded.visitors),
          origins: originTextsByShard(decoded.origins),
        }).toEqual({ ...delta, visitors: list, origins: originsRead })
      }),
    )
  })

  it('of code that wrote origins as text is read', () => {
    fc.assert(
      fc.property(visitors, latest, (list, changes) => {
        const delta = { ...emptyDelta(), ids, origins, latest: changes }
        const decoded = decodeSegment(segmentOfFormat3(delta, written(list)))
        const idsRead = Array.from(decoded.ids, ([minute, keys]) => [minute, Buffer.from(keys)] as const)
        expect({
          ...decoded,
          ids: new Map(idsRead),
          visitors: read(decoded.visitors),
          origins: originTextsByShard(decoded.origins),
        }).toEqual({ ...delta, visitors: list, origins: originsRead })
      }),
    )
  })

  it('of newer code is refused', () => {
    const newer = zstdCompressSync('{"format":5,"panes":[],"ids":[],"origins":[]}\n')
    expect(() => decodeSegment(newer)).toThrow('segment of format 5; this code reads up to 4')
  })

  it('merged out of several holds the origins that may come again, each once', () => {
    const delta = (...lists: [string, OriginText[]][]): Delta => ({
      ...emptyDelta(),
      origins: new Map(lists.map(([shard, origins]) => [shard, originList(origins)])),
    })
    const wide = '9'.repeat(70)
    const parts = [
      delta(
        [
          'a',
          [
            ['3', 0],
            ['12', 0],
            ['12', 2],
          ],
        ],
        ['gone', [['7', 0]]],
      ),
      delta(['b', [['5', 0]]]),
      delta([
        'a',
        [
          ['7', 1],
          ['12', 1],
          [wide, 0],
        ],
      ]),
    ]
    // As read: what was encoded, too.
    const decoded = parts.map((part) => decodeSegment(encodeSegment(part).bytes))
    const merged = mergeDeltas(decoded, {
      visitor: () => true,
      pane: () => true,
      minute: () => true,
      forgetThrough: (shard, origins) => {
        if (shard === 'a') origins.forgetThrough('3')
        if (shard === 'gone') origins.clear()
      },
    })
    const expected = [
      [
        'a',
        [
          ['7', 1],
          ['12', 0],
          ['12', 1],
          ['12', 2],
          [wide, 0],
        ],
      ],
      ['b', [['5', 0]]],
    ]
    expect(originTextsByShard(merged.origins)).toEqual(expected)
    expect(originTextsByShard(decodeSegment(encodeSegment(merged).bytes).origins)).toEqual(expected)
  })

  it('merged out of several holds the last word on each visitor that is alive', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uniqueArray(fc.nat(5), { minLength: 1 }), { minLength: 2, maxLength: 5 }),
        (commits) => {
          const [{ sessions } = { sessions: [] }] = fc.sample(visitorSessions, { numRuns: 1, seed: 1 })
          const lists = commits.map((names, version) =>
            names.map((name) => ({ visitor: `a:${name}`, version, sessions })),
          )
          const last = new Map(lists.flat().map((of) => [of.visitor, of]))
          // Has closed.
          last.delete('a:0')
          const merged = mergeDeltas(
            lists.map((list) => ({ ...emptyDelta(), visitors: written(list) })),
            {
              visitor: (visitor, version) => last.get(visitor)?.version === version,
              pane: () => true,
              minute: () => true,
              forgetThrough: () => {},
            },
          )
          const byName = (a: VisitorSessions, b: VisitorSessions) => (a.visitor < b.visitor ? -1 : 1)
          expect(read(merged.visitors).toSorted(byName)).toEqual([...last.values()].toSorted(byName))
        },
      ),
    )
  })
})
