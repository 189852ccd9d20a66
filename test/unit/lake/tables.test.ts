import { describe, expect, it } from 'vitest'
import { plan } from '../../../analytics/plan/plan.ts'
import { inNestedQuotes, inQuotes, jsonText } from '../../../shared/core/lake/json-text.ts'
import { readColumn } from '../../../shared/core/lake/read-column.ts'
import { eventColumns, eventsTable, lakeTables } from '../../../shared/core/lake/tables.ts'

describe('tables', () => {
  it.each(Object.values(lakeTables(plan)))(
    '$name has each column once, by a name that every database takes',
    (table) => {
      const names = table.columns.map(({ name }) => name)
      expect(new Set(names).size).toBe(names.length)
      expect(names.filter((name) => !/^[a-z][a-z0-9_]*$/.test(name))).toEqual([])
      expect(table.columns.filter(({ comment }) => comment === '')).toEqual([])
    },
  )

  it('adds the columns of the plan to events', () => {
    const { columns } = eventsTable(plan)
    expect(columns.slice(0, eventColumns.length)).toEqual(eventColumns)
    expect(columns).toContainEqual(expect.objectContaining({ name: 'properties_revenue', type: 'double' }))
  })

  it('has a column for everything the row of an event is written from, of a type that takes it', () => {
    const types = new Map<string, string>(eventColumns.map(({ name, type }) => [name, type]))
    const timestamps = ['event_time', 'received_at', 'sent_at', 'original_timestamp']
    for (const name of Object.keys(readColumn)) {
      const expected = name === 'is_bot' ? 'boolean' : timestamps.includes(name) ? 'timestamp' : 'string'
      expect([name, types.get(name)]).toEqual([name, expected])
    }
    const writtenOtherwise = ['session_id', 'flags', 'properties', 'traits', 'context', 'payload_key']
    const known = new Set([...Object.keys(readColumn), ...writtenOtherwise])
    expect(eventColumns.map(({ name }) => name).filter((name) => !known.has(name))).toEqual([])
  })
})

describe('inQuotes and inNestedQuotes', () => {
  it.each(['', 'plain', 'é €', 'a"b', 'a\\b', 'a\nb', '\u0000', '\u001f', '\u007f', '\u2028', '\u{1f600}'])(
    'write %j as JSON does, and as JSON in JSON',
    (text) => {
      expect(`"${inQuotes(text)}"`).toBe(JSON.stringify(text))
      expect(`"\\"${inNestedQuotes(text)}\\""`).toBe(JSON.stringify(JSON.stringify(text)))
    },
  )
})

describe('jsonText', () => {
  it.each([
    ['\ud800', '"\ufffd"'],
    ['a\udfffb', '"a\ufffdb"'],
    ['\u{1f600}', '"\u{1f600}"'],
    ['\\ud800', '"\\\\ud800"'],
    ['\\\ud800', '"\\\\\ufffd"'],
    ['\\\\ud800', '"\\\\\\\\ud800"'],
  ])('writes %j so that any database reads it', (text, json) => {
    expect(jsonText(text)).toBe(json)
  })
})
