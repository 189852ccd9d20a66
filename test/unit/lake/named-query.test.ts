import { describe, expect, it } from 'vitest'
import {
  bindParameters,
  parameterOrder,
  parseNamedQuery,
  positionalSql,
} from '../../../shared/core/lake/named-query.ts'

const header = `-- question: Which pages were seen late?
-- parameter: from timestamp 1970-01-01 | from here on
-- parameter: limit integer 20 | how many
-- parameter: name text Page Viewed | which event
-- column: page varchar | its path
`
const body = `
SELECT page, ':from' AS quoted, ":limit" /* :name */ -- not :limit
FROM t WHERE at >= :from AND name = :name AND x = CAST(y AS int)::text AND z <> :name LIMIT :limit`
const query = parseNamedQuery('late-pages.sql', header + body)

/** A query of one parameter `p_q`, bound to a value. */
const bound = (type: string, value: string): string =>
  bindParameters(parseNamedQuery('x.sql', `-- question: q\n-- parameter: p_q ${type} | c\nSELECT 1 -:p_q`), {
    p_q: value,
  })
    .split('\n')
    .slice(2)
    .join('\n')

describe('parseNamedQuery', () => {
  it('reads the header', () => {
    expect(query.name).toBe('late-pages')
    expect(query.question).toBe('Which pages were seen late?')
    expect(query.parameters[2]).toEqual({
      name: 'name',
      type: 'text',
      choices: [],
      range: undefined,
      defaultText: 'Page Viewed',
      comment: 'which event',
    })
    expect(query.columns).toEqual([{ name: 'page', type: 'varchar', comment: 'its path' }])
  })

  it('reads choices, ranges, and defaults that are empty', () => {
    const { parameters } = parseNamedQuery(
      'x.sql',
      `-- question: q
-- parameter: o choice(a|b c) b c | one
-- parameter: l list | some
-- parameter: n integer(1..9) 3 | few
SELECT :o, :l, :n`,
    )
    expect(parameters).toEqual([
      {
        name: 'o',
        type: 'choice',
        choices: ['a', 'b c'],
        range: undefined,
        defaultText: 'b c',
        comment: 'one',
      },
      { name: 'l', type: 'list', choices: [], range: undefined, defaultText: '', comment: 'some' },
      {
        name: 'n',
        type: 'integer',
        choices: [],
        range: { from: 1, to: 9 },
        defaultText: '3',
        comment: 'few',
      },
    ])
  })

  it.each([
    ['parameter: from', 'cannot read "parameter: from"'],
    [
      'parameter: from date 1 | c',
      'parameter "from" has the unknown type "date"; there are timestamp, integer',
    ],
    ['parameter: n integer x | c', 'default of parameter "n": it takes a whole number, not "x"'],
    ['parameter: o choice(a|b) c | c', 'default of parameter "o": it takes one of a, b, not "c"'],
    ['parameter: o choice a | c', 'parameter "o": it takes choice(a|b), integer(1..9)'],
    ['parameter: o text(a|b) a | c', 'parameter "o": it takes choice(a|b), integer(1..9)'],
    ['parameter: n integer(1-9) 3 | c', 'parameter "n": it takes choice(a|b), integer(1..9)'],
    [
      'parameter: n integer(1..9) 10 | c',
      'default of parameter "n": it takes a whole number from 1 to 9, not "10"',
    ],
    ['parameter: n integer 1 | c', 'nothing uses its parameter "n"'],
    ['column: x | c', 'cannot read "column: x | c"'],
  ])('names the file and what is wrong with "%s"', (line, message) => {
    expect(() => parseNamedQuery('x.sql', `-- question: q\n-- ${line}\nSELECT 1`)).toThrow(
      `analytics/queries/x.sql: ${message}`,
    )
  })

  it('refuses a query without a question', () => {
    expect(() => parseNamedQuery('x.sql', 'SELECT 1')).toThrow('its header has no line "-- question: …"')
  })

  it('names a parameter that the header does not have', () => {
    expect(() => bindParameters(parseNamedQuery('x.sql', '-- question: q\nSELECT :what'))).toThrow(
      'analytics/queries/x.sql: ":what" has no line "-- parameter: what type default | comment"',
    )
  })
})

describe('bindParameters', () => {
  it('puts defaults in, and leaves quotes, comments and casts alone', () => {
    expect(bindParameters(query)).toBe(`${header}
SELECT page, ':from' AS quoted, ":limit" /* :name */ -- not :limit
FROM t WHERE at >= TIMESTAMP '1970-01-01 00:00:00.000' AND name = 'Page Viewed' AND x = CAST(y AS int)::text AND z <> 'Page Viewed' LIMIT 20`)
  })

  it('names a parameter that the query does not have, and those that it has', () => {
    expect(() => bindParameters(query, { form: '2026-11-21' })).toThrow(
      'late-pages has no parameter "form"; it has from, limit, name',
    )
  })

  it.each([
    ['timestamp 1970-01-01', '2026-11-21T08:30', "TIMESTAMP '2026-11-21 08:30:00.000'"],
    ['timestamp 1970-01-01', '2026-11-21 08:30:01.5Z', "TIMESTAMP '2026-11-21 08:30:01.500'"],
    ['integer 1', '-5', '(-5)'],
    ['integer(1..9) 1', '9', '9'],
    ['list(2..3) a,b', 'a,b,c', "'a,b,c'"],
    ['number 1', '2', '2e0'],
    ['number 1', '0.95', '0.95e0'],
    ['number 1', '1E-3', '1E-3'],
    ['number 1', '-0.5', '(-0.5e0)'],
    ['text a', "O'Hara'; DROP :p_q --", "'O''Hara''; DROP :p_q --'"],
    ['list a', "Product Viewed , Don't, c", "'Product Viewed,Don''t,c'"],
    ['list a', '', "''"],
    ['choice(a|b) a', 'b', "'b'"],
    ['duration 1d', '1d', "BIGINT '86400000'"],
    ['duration 1d', '36h', "BIGINT '129600000'"],
    ['duration 1d', '30m', "BIGINT '1800000'"],
    ['duration 1d', '90s', "BIGINT '90000'"],
    ['duration 1d', '1500ms', "BIGINT '1500'"],
    ['duration 1d', '2w', "BIGINT '1209600000'"],
  ])('writes %s given %j as %s', (type, value, expected) => {
    expect(bound(type, value)).toBe(`SELECT 1 -${expected}`)
  })

  it.each([
    ['integer 1', '5; DROP TABLE x', 'a whole number, not "5; DROP TABLE x"'],
    ['integer 1', '1e3', 'a whole number'],
    ['number 1', '1e999', 'a number'],
    ['number 1', 'NaN', 'a number'],
    ['timestamp 1970-01-01', 'yesterday', 'a UTC time such as'],
    ['timestamp 1970-01-01', '2026-13-01', 'a UTC time such as'],
    ['timestamp 1970-01-01', "2026-01-01'", 'a UTC time such as'],
    ['integer(1..9) 1', '0', 'a whole number from 1 to 9, not "0"'],
    ['integer(1..9) 1', '10', 'a whole number from 1 to 9'],
    ['list(2..3) a,b', 'a', '2 to 3 values with commas between them, not "a"'],
    ['list(2..3) a,b', 'a,b,c,d', '2 to 3 values'],
    ['list(2..3) a,b', '', '2 to 3 values'],
    ['list a', 'a,,b', 'values with commas between them, not "a,,b"'],
    ['duration 1d', '1 day', 'a duration such as 7d, 36h, 30m, 90s or 500ms, not "1 day"'],
    ['duration 1d', '1.5h', 'a duration such as'],
    ['duration 1d', '-1h', 'a duration such as'],
    ['choice(a|b) a', 'c', 'one of a, b, not "c"'],
  ])('refuses %s given %j, naming the flag', (type, value, message) => {
    expect(() => bound(type, value)).toThrow(`--p-q takes ${message}`)
  })
})

describe('a prepared statement', () => {
  it('has a question mark for each occurrence, in an order that can be told', () => {
    expect(positionalSql(query)).toContain(
      'WHERE at >= ? AND name = ? AND x = CAST(y AS int)::text AND z <> ? LIMIT ?',
    )
    expect(parameterOrder(query)).toEqual(['from', 'name', 'name', 'limit'])
  })
})
