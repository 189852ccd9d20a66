import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { plan } from '../../analytics/plan/plan.ts'
import { formatTimestamp } from '../../shared/core/event/timestamp.ts'
import { jsonText } from '../../shared/core/lake/json-text.ts'
import { eventRowByColumn, eventRowByKey } from '../../shared/core/lake/row-keys.ts'
import { withShortKeys } from '../../shared/core/lake/short-keys.ts'
import { eventsTable } from '../../shared/core/lake/tables.ts'

const { columns } = eventsTable(plan)

/** Any value a column may hold, texts that look like rows among them. */
const value = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('{"origin":"x"}', '"event_id":', 'origin', '\\', '"', '\u2028', '\u0000'),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.maxSafeInteger(),
  fc.boolean(),
  fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 3 }),
)

/** As rows have it that have names. */
const time = fc.integer({ min: Date.UTC(1990, 0), max: Date.UTC(2200, 0) }).map((ms) => formatTimestamp(ms))

/** A row by the names of its columns, in any order. */
const row = fc
  .shuffledSubarray([...columns])
  .chain((some) =>
    fc.tuple(
      ...some.map(({ name, type }) => fc.tuple(fc.constant(name), type === 'timestamp' ? time : value)),
    ),
  )
  .map((entries) => Object.fromEntries(entries))

const line = (of: object): Buffer => Buffer.from(jsonText(of))

describe('withShortKeys', () => {
  it('gives each column its key and leaves order and values to the last byte', () => {
    fc.assert(
      fc.property(row, (named) => {
        const byKey = withShortKeys(line(named))
        expect(String(byKey)).toBe(String(line(eventRowByKey(named))))
        expect(Object.keys(JSON.parse(String(byKey)))).toEqual(
          Object.keys(named).map((name) => columns.find((column) => column.name === name)?.key ?? name),
        )
        expect(Object.values(JSON.parse(String(byKey)))).toEqual(Object.values(JSON.parse(jsonText(named))))
      }),
    )
  })

  it('answers a row that has its keys as it is', () => {
    fc.assert(
      fc.property(row, (named) => {
        const byKey = line(eventRowByKey(named))
        expect(withShortKeys(byKey)).toBe(byKey)
      }),
    )
  })

  it('is undone by the names of the columns', () => {
    fc.assert(
      fc.property(row, (named) => {
        const back = eventRowByColumn(JSON.parse(String(withShortKeys(line(named)))))
        expect(jsonText(back)).toBe(String(line(named)))
      }),
    )
  })

  it('is undone for people: a time that stands in milliseconds is told as text', () => {
    const ms = Date.UTC(2026, 10, 21, 4, 5, 6, 789)
    expect(eventRowByColumn(eventRowByKey({ event_time: ms, sent_at: '1999-12-31 00:00:00.000' }))).toEqual({
      event_time: '2026-11-21 04:05:06.789',
      sent_at: '1999-12-31 00:00:00.000',
    })
  })

  it.each(['', 'no JSON', '{"origin":', 'null', '12', '["origin"]', '{}'])('answers %j as it is', (text) => {
    const bytes = Buffer.from(text)
    expect(withShortKeys(bytes)).toBe(bytes)
  })
})
