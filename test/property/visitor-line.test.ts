import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeSegment, encodeSegment } from '../../shared/core/lane/segment.ts'
import {
  asciiJson,
  decodeVisitor,
  encodeVisitor,
  timesOf,
  type VisitorSessions,
  versionOf,
} from '../../shared/core/lane/visitor-line.ts'
import type { OpenSession } from '../../shared/core/session/session.ts'

/** What the separators of a line or its escapes could trip over, and what `Object` keys could. */
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
  version: fc.nat(),
  sessions: fc.array(session, { minLength: 1, maxLength: 3 }),
})

describe('the line of a visitor', () => {
  it('comes back as it was', () => {
    fc.assert(
      fc.property(visitorSessions, (sessions) => {
        expect(decodeVisitor(encodeVisitor(sessions))).toEqual(sessions)
      }),
    )
  })

  it('tells version and times without being parsed', () => {
    fc.assert(
      fc.property(visitorSessions, (sessions) => {
        const line = encodeVisitor(sessions)
        expect(versionOf(line)).toBe(sessions.version)
        expect(timesOf(line)).toEqual(
          sessions.sessions.map(({ start, closesAfter }) => ({ start, closesAfter })),
        )
      }),
    )
  })

  it('is one line of ASCII', () => {
    fc.assert(
      fc.property(visitorSessions, (sessions) => {
        expect(encodeVisitor(sessions)).toMatch(/^[\t\x20-\x7f]*$/)
      }),
    )
  })

  it('of a session that names an event it does not have is refused', () => {
    const scalars = ['s-1', 1, 0, 0, 0, 0, 1, 0, '0', false, false]
    const wire = [scalars, [[0, 'key']], 1, [], [0, 0, 0, 0], []]
    expect(() => decodeVisitor(`1\t0,0\t${JSON.stringify([wire])}`)).toThrow(
      'a session of 1 events names event 1',
    )
  })
})

describe('asciiJson', () => {
  it('is ASCII, and reads as what it was given', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
        const json = asciiJson(value)
        expect(json).toMatch(/^[\x20-\x7f]*$/)
        expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify(value)))
      }),
    )
  })
})

describe('a segment', () => {
  it('brings the lines of all visitors back, whatever they are called', () => {
    const visitors = fc.array(fc.tuple(text, visitorSessions.map(encodeVisitor)), { maxLength: 8 })
    fc.assert(
      fc.property(visitors, (entries) => {
        const delta = {
          visitors: new Map(entries),
          panes: new Map(),
          ids: new Map(),
          origins: new Map(),
          latest: new Map(),
        }
        expect(decodeSegment(encodeSegment(delta).bytes)).toEqual(delta)
      }),
    )
  })
})
