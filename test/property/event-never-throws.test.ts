import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { plan } from '../../analytics/plan/plan.ts'
import { parseAccessLogLine } from '../../shared/core/event/access-log.ts'
import { decodeRecord } from '../../shared/core/event/decode.ts'
import type { JsonObject } from '../../shared/core/event/json.ts'
import { createJudge } from '../../shared/core/event/judge.ts'
import { decodeKplAggregate } from '../../shared/core/event/kpl.ts'
import { earliestMs, formatTimestamp, parseTimestamp } from '../../shared/core/event/timestamp.ts'
import { jsonText } from '../../shared/core/lake/json-text.ts'
import { RowText } from '../../shared/core/lake/row-text.ts'
import { kplAggregate, rawRecord } from '../support/raw-records.ts'
import { rowByColumn } from '../support/row-by-column.ts'

const judge = createJudge({ plan, countryOf: () => '' })

/** Every item judged; each row read again as a database would. */
const judgeAll = (data: Uint8Array) => {
  const record = rawRecord(data)
  return decodeRecord(record).map((item, at) => {
    expect(item.index).toBe(at)
    if (item.kind === 'control') return 'control'
    const judged = judge(item, record)
    expect(judged.row.isWellFormed()).toBe(true)
    expect(judged.row).not.toContain('\n')
    // Whoever writes a row again, by other names or without what is too long, changes nothing else of it.
    expect(JSON.stringify(JSON.parse(judged.row))).toBe(judged.row)
    const row: Record<string, unknown> = rowByColumn(judged.row)
    expect(Object.values(row).every((value) => typeof value !== 'string' || value.isWellFormed())).toBe(true)
    return judged.verdict
  })
}

const anyText = fc.string({ unit: 'binary' })
const lone = fc.constantFrom('\ud800', '\udfff', '__proto__', 'constructor')
const key = fc.oneof(
  lone,
  fc.constantFrom('path', 'url', 'page', 'ip', 'userAgent', 'campaign', 'locale'),
  anyText,
)
const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.double(),
    lone,
    anyText,
    fc.constant(null),
    tie('object'),
    fc.array(tie('value')),
  ),
  object: fc.dictionary(key, tie('value')),
}))
const event = fc.record(
  {
    type: fc.oneof(fc.constantFrom('track', 'page', 'screen', 'identify', 'group', 'alias'), json.value),
    event: fc.oneof(fc.constantFrom('Order Completed', 'Page Viewed', 'Other'), anyText, json.value),
    messageId: fc.oneof(anyText, fc.double(), json.value),
    anonymousId: fc.oneof(anyText, fc.double(), json.value),
    userId: fc.oneof(anyText, json.value),
    timestamp: fc.oneof(fc.date().map(String), fc.double(), json.value),
    sentAt: fc.oneof(
      fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
      json.value,
    ),
    properties: fc.oneof(json.object, json.value),
    context: fc.oneof(json.object, json.value),
    name: json.value,
  },
  { requiredKeys: [] },
)
const text = fc.oneof(
  event.map((value) => JSON.stringify(value)),
  fc.array(event).map((value) => JSON.stringify(value)),
  fc.array(event).map((values) => values.map((value) => JSON.stringify(value)).join('\n')),
  fc
    .record({ batch: fc.array(event), context: json.object, sentAt: anyText })
    .map((value) => JSON.stringify(value)),
)
const whole = fc.oneof(
  text.map((content) => Buffer.from(content)),
  text.map((content) => gzipSync(content)),
  fc.array(text).map((contents) => kplAggregate(contents.map((content) => Buffer.from(content)))),
)

describe('decode and judge', () => {
  it('take any bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => judgeAll(bytes).length > 0))
  })

  it('take any bytes that begin like a gzip or a KPL aggregate', () => {
    const starts = fc.constantFrom([0x1f, 0x8b], [0x1f, 0x8b, 8, 0], [0xf3, 0x89, 0x9a, 0xc2])
    fc.assert(
      fc.property(
        starts,
        fc.uint8Array(),
        (start, bytes) => judgeAll(Buffer.from([...start, ...bytes])).length > 0,
      ),
    )
  })

  it('take any event, however odd, alone or among others, plain, gzipped or aggregated', () => {
    fc.assert(
      fc.property(whole, (bytes) => {
        judgeAll(bytes)
      }),
      { numRuns: 300 },
    )
  })

  it('take any beginning of a good record, and give something for it', () => {
    fc.assert(
      fc.property(whole, fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), (bytes, part) => {
        const cut = bytes.subarray(0, Math.floor(bytes.length * part))
        return judgeAll(cut).length > 0
      }),
      { numRuns: 300 },
    )
  })

  it('give the same answer for the same bytes', () => {
    fc.assert(
      fc.property(whole, (bytes) => {
        expect(judgeAll(bytes)).toEqual(judgeAll(bytes))
      }),
    )
  })

  it('lose no line of NDJSON to a bad neighbour', () => {
    const good = '{"type":"page","messageId":"m","anonymousId":"a"}'
    const bad = anyText.map((line) => `x${line.replaceAll('\n', ' ')}`)
    const lines = fc.array(fc.oneof(fc.constant(good), bad), { minLength: 1 })
    fc.assert(
      fc.property(lines, (all) => {
        const verdicts = judgeAll(Buffer.from([good, ...all].join('\n')))
        const expected = [good, ...all].map((line) => (line === good ? 'accepted' : 'quarantined'))
        expect(verdicts).toEqual(expected)
      }),
    )
  })
})

describe('the small readers', () => {
  it('KPL: what was aggregated comes out again', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 400 })), (records) => {
        const decoded = decodeKplAggregate(kplAggregate(records.map((record) => Buffer.from(record))))
        expect(decoded?.map((bytes) => [...bytes])).toEqual(records.map((bytes) => [...bytes]))
      }),
    )
  })

  it('time: what is written as ISO is read as the same instant, and written in a row as the same digits', () => {
    const date = fc.date({ min: new Date('1990-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
    fc.assert(
      fc.property(date, (when) => {
        expect(parseTimestamp(when.toISOString())).toBe(when.getTime())
        expect(formatTimestamp(when.getTime())).toBe(when.toISOString().replace('T', ' ').replace('Z', ''))
      }),
    )
  })

  it('time: a text is read as what the calendar and the clock make of it, or not at all', () => {
    const part = (from: number, to: number, digits: number) =>
      fc.integer({ min: from, max: to }).map((n) => String(n).padStart(digits, '0'))
    const parts = fc.tuple(
      part(1989, 2101, 4),
      part(0, 13, 2),
      part(0, 32, 2),
      part(0, 25, 2),
      part(0, 61, 2),
      part(0, 61, 2),
      fc.oneof({ weight: 9, arbitrary: part(0, 999, 3) }, fc.constantFrom('٣٣٣', '1 2', '-12', '12x')),
    )
    fc.assert(
      fc.property(parts, ([year, month, day, hour, minute, second, fraction]) => {
        const text = `${year}-${month}-${day}T${hour}:${minute}:${second}.${fraction}Z`
        const date = new Date(text)
        // Date reads 24:00 and, by some engines, February 30: what it writes again is what it was given, else it is no time.
        const isTime = !Number.isNaN(date.getTime()) && date.toISOString() === text
        const expected = isTime && date.getTime() >= earliestMs ? date.getTime() : undefined
        expect(parseTimestamp(text)).toBe(expected)
      }),
      { numRuns: 2_000 },
    )
  })

  it('JSON in a row: an object is written as it would be twice over, whether or not it holds an escape', () => {
    const written = (object: JsonObject, escapeFree: boolean): string => {
      const row = new RowText({ escapeFree })
      row.nested('{', object)
      return row.text
    }
    fc.assert(
      fc.property(json.object, (value) => {
        const object: JsonObject = JSON.parse(JSON.stringify(value))
        const escapeFree = !JSON.stringify(object).includes('\\')
        const twice = Object.keys(object).length === 0 ? '' : JSON.stringify(jsonText(object)).slice(1)
        expect([written(object, false), written(object, escapeFree)]).toEqual([twice, twice])
      }),
      { numRuns: 300 },
    )
  })

  it('JSON in a row: a text is written as any JSON is, whether or not it holds an escape', () => {
    const written = (text: string, escapeFree: boolean): string => {
      const row = new RowText({ escapeFree })
      row.sentWhole('"', text)
      return row.text
    }
    fc.assert(
      fc.property(fc.oneof(lone, anyText), (text) => {
        const escapeFree = !JSON.stringify(text).includes('\\')
        expect([written(text, false), written(text, escapeFree)]).toEqual([jsonText(text), jsonText(text)])
      }),
      { numRuns: 300 },
    )
  })

  it('access log: any bytes', () => {
    const lineLike = fc.array(
      fc.oneof(anyText, fc.constantFrom('"', '\\', '[', ']', ' ', '1.2.3.4 - - [', '200')),
    )
    fc.assert(
      fc.property(lineLike, (parts) => {
        parseAccessLogLine(Buffer.from(parts.join('')), 0)
      }),
    )
  })

  it('JSON text: any value is read again as itself, its lone surrogates replaced', () => {
    const clean = fc.jsonValue({ stringUnit: 'grapheme' })
    fc.assert(
      fc.property(clean, (value) => {
        expect(JSON.parse(jsonText(value))).toEqual(JSON.parse(JSON.stringify(value)))
      }),
    )
    const odd = fc.oneof(lone, fc.constantFrom('\\', 'ud800', '"', 'a'))
    fc.assert(
      fc.property(
        fc.array(odd).map((parts) => parts.join('')),
        (value) => {
          expect(JSON.parse(jsonText(value))).toBe(value.toWellFormed())
        },
      ),
    )
  })
})
