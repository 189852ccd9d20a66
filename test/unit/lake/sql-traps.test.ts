import { describe, expect, it } from 'vitest'
import { sqlTraps } from '../../support/sql-traps.ts'

const namesOf = (sql: string): string[] =>
  sqlTraps(sql).map((trap) => /^line \d+: (.+?);/.exec(trap)?.[1] ?? trap)

describe('a trap is found', () => {
  it.each([
    ['::', 'SELECT a::int FROM t'],
    ['QUALIFY', 'SELECT a FROM t QUALIFY row_number() OVER (ORDER BY a) = 1'],
    ['ILIKE', "SELECT a FROM t WHERE a ILIKE 'x'"],
    ['GROUP BY ALL', 'SELECT a, count(*) FROM t GROUP BY ALL'],
    ['ORDER BY ALL', 'SELECT a FROM t ORDER BY ALL'],
    ['LIMIT before OFFSET', 'SELECT a FROM t LIMIT 1 OFFSET 2'],
    ['MATCH_RECOGNIZE', 'SELECT * FROM t MATCH_RECOGNIZE (PATTERN (a))'],
    ['AT TIME ZONE', "SELECT a AT TIME ZONE 'UTC' FROM t"],
    ['FILTER of a window', 'SELECT sum(a) FILTER (WHERE b) OVER (PARTITION BY c) FROM t'],
    ['IGNORE NULLS', 'SELECT first_value(a) IGNORE NULLS OVER (ORDER BY b) FROM t'],
    ['a list without ARRAY', 'SELECT cardinality([1, 2])'],
    ['a subscript', "SELECT split(a, ',')[1] FROM t"],
    ['a subscript', 'SELECT a[1] FROM t'],
    ['a struct or map in braces', "SELECT {'a': 1}"],
    ['an INTERVAL without unit or quotes', 'SELECT a + INTERVAL 1 DAY FROM t'],
    ['an INTERVAL without unit or quotes', "SELECT a + INTERVAL '1 day' FROM t"],
    ['UNNEST of two lists', 'SELECT x FROM t CROSS JOIN UNNEST(a, b) AS u (x, y)'],
    ['UNNEST of a map', 'SELECT k FROM t CROSS JOIN UNNEST(a) AS u (k, v)'],
    ['UNNEST outside of FROM', 'SELECT UNNEST(a) FROM t'],
    ['date_parse, parse_datetime', "SELECT date_parse(a, '%Y') FROM t"],
    ['date_format with a format that is no literal', 'SELECT date_format(a, b) FROM t'],
    ['a unit that is no literal', 'SELECT date_trunc(b, a) FROM t'],
    ['listagg', "SELECT listagg(a, ',') WITHIN GROUP (ORDER BY a) FROM t"],
    ['a function of DuckDB', 'SELECT arg_max(a, b) FROM t'],
    ['a function that takes a function', 'SELECT transform(a, x -> x + 1) FROM t'],
    ['if without ELSE', 'SELECT if(a, 1) FROM t'],
    ['CAST to array, map or row', 'SELECT CAST(a AS array(bigint)) FROM t'],
    ['CAST to json', 'SELECT CAST(a AS json) FROM t'],
    ['CAST of a quotient or a double to a whole number', 'SELECT CAST(a / 2 AS bigint) FROM t'],
    ['CAST of a time to text', 'SELECT CAST(event_time AS varchar) FROM t'],
    ['a division of a decimal', 'SELECT a / 2.5 FROM t'],
    ['a divisor that may be 0', 'SELECT CAST(a AS double) / b FROM t'],
    ['a divisor that may be 0', 'SELECT a / 0 FROM t'],
    ['a divisor that may be 0', 'SELECT a % b FROM t'],
    ['a divisor that may be 0', '-- never 0: b, c\nSELECT a / (b - c) FROM t'],
    ['a divisor that may be 0', "SELECT a / BIGINT '0' FROM t"],
    ['mod by what may be 0', 'SELECT mod(a, b) FROM t'],
    ['substr from 0', 'SELECT substr(a, 0, 3) FROM t'],
    ['a look-around or back reference in a pattern', "SELECT regexp_like(a, 'x(?!y)') FROM t"],
    ['EXCLUDE, REPLACE or COLUMNS of a star', 'SELECT * EXCLUDE (a) FROM t'],
    ['GROUP BY of a name given in the same SELECT', 'SELECT lower(a) AS b, count(*) FROM t GROUP BY b'],
    [
      'GROUP BY of a name given in the same SELECT',
      'SELECT 1 FROM (SELECT lower(a) AS b, count(*) AS n FROM t WHERE c IN (1) GROUP BY c, b ORDER BY n) AS u',
    ],
  ])('%s: %s', (name, sql) => {
    expect(namesOf(sql)).toEqual([name])
  })
})

describe('what both read alike is let through', () => {
  it.each([
    'SELECT \'a::int ILIKE x[1]\', "QUALIFY" FROM t -- a::int\n/* QUALIFY */',
    'SELECT CAST(a AS double) / nullif(b, 0), a / 2, a / 1e3, a % 2, mod(a, 7) FROM t',
    '-- never 0: b, n\nSELECT a / (2 * n), a / t.b, a / sum(CAST(b AS double)) FROM t',
    "SELECT a / BIGINT '5', a / nullif(b + c, 0) FROM t",
    '-- never 0: b, c - 2\nSELECT a / (b + coalesce(d, 0)), a / (c - 2) FROM t',
    'SELECT CAST(day AS date) AS day, count(*) FROM t GROUP BY day ORDER BY day',
    'SELECT a + b AS a, count(*) FROM t GROUP BY a + b',
    'SELECT CAST(floor(a / 2) AS bigint), CAST(round(a / 3) AS integer) FROM t',
    "SELECT event_time + INTERVAL '1' DAY, date_add('day', 1, a), date_trunc('hour', a) FROM t",
    'SELECT substr(CAST(event_time AS varchar), 1, 10), CAST(CAST(event_time AS date) AS varchar) FROM t',
    'SELECT element_at(ARRAY[1, 2], 1), ARRAY[ARRAY[1]], filter(a, x -> x > 1) FROM t',
    'SELECT x FROM t CROSS JOIN UNNEST(a) WITH ORDINALITY AS u (x, n)',
    'SELECT x FROM t, UNNEST(sequence(1, 3)) AS u (x)',
    'SELECT count(*) FILTER (WHERE a) FROM t',
    'SELECT lower(a) AS b, count(*) FROM t GROUP BY lower(a) ORDER BY b',
    'SELECT t.a AS a, count(*) FROM t GROUP BY a',
    'SELECT b FROM (SELECT lower(a) AS b FROM t) AS u GROUP BY b',
    'SELECT a FROM t ORDER BY a OFFSET 2 LIMIT 1',
  ])('%s', (sql) => {
    expect(sqlTraps(sql)).toEqual([])
  })
})

it('names the line, and what to write instead', () => {
  expect(sqlTraps('SELECT\n  a,\n  b::int\nFROM t')).toEqual(['line 3: ::; write CAST(x AS type)'])
})
