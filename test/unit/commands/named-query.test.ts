import { describe, expect, it } from 'vitest'
import { bindParameters, parseNamedQuery } from '../../../commands/query/named-query.ts'

const query = parseNamedQuery(
  'late-pages.sql',
  `-- question: Which pages were seen late?
-- parameter: from timestamp 1970-01-01 | from here on
-- parameter: limit integer 20 | how many
-- parameter: name text Page Viewed | which event
-- column: page varchar | its path

SELECT page, ':from' AS quoted -- not :limit
FROM t WHERE at >= :from AND name = :name AND x = CAST(y AS int)::text LIMIT :limit`,
)
const bodyOf = (sql: string) => sql.split('\n').slice(6).join('\n')

describe('parseNamedQuery', () => {
  it('reads the header', () => {
    expect(query.name).toBe('late-pages')
    expect(query.question).toBe('Which pages were seen late?')
    expect(query.parameters[2]).toEqual({
      name: 'name',
      type: 'text',
      defaultText: 'Page Viewed',
      comment: 'which event',
    })
    expect(query.columns).toEqual([{ name: 'page', type: 'varchar', comment: 'its path' }])
  })

  it('names the file and the line that it cannot read', () => {
    expect(() => parseNamedQuery('x.sql', '-- question: q\n-- parameter: from date 1 | c')).toThrow(
      'analytics/queries/x.sql: cannot read "parameter: from date 1 | c"',
    )
    expect(() => parseNamedQuery('x.sql', 'SELECT 1')).toThrow(
      'x.sql: its header has no line "-- question: …"',
    )
  })
})

describe('bindParameters', () => {
  it('puts defaults in, and leaves quotes, comments and casts alone', () => {
    expect(bodyOf(bindParameters(query, {}))).toBe(
      `SELECT page, ':from' AS quoted -- not :limit
FROM t WHERE at >= TIMESTAMP '1970-01-01 00:00:00.000' AND name = 'Page Viewed' AND x = CAST(y AS int)::text LIMIT 20`,
    )
  })

  it('takes values, in UTC, and keeps a quote from ending the text', () => {
    const sql = bindParameters(query, { from: '2026-11-21T08:30', name: "O'Hara'; DROP", limit: '5' })
    expect(sql).toContain("at >= TIMESTAMP '2026-11-21 08:30:00.000'")
    expect(sql).toContain("name = 'O''Hara''; DROP'")
    expect(sql).toContain('LIMIT 5')
  })

  it.each([
    [{ limit: '5; DROP TABLE x' }, '--limit takes a whole number, not "5; DROP TABLE x"'],
    [{ limit: '1e3' }, '--limit takes a whole number, not "1e3"'],
    [{ from: 'yesterday' }, '--from takes a UTC time such as'],
    [{ from: '2026-13-01' }, '--from takes a UTC time such as'],
    [{ from: "2026-01-01'" }, '--from takes a UTC time such as'],
  ])('refuses %j in one line', (given, message) => {
    expect(() => bindParameters(query, given)).toThrow(message)
  })

  it('names a parameter that the header does not have', () => {
    const other = parseNamedQuery('x.sql', '-- question: q\nSELECT :what')
    expect(() => bindParameters(other, {})).toThrow('":what" has no line "-- parameter: what …"')
  })
})
