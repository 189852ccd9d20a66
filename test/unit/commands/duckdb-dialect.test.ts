import { DuckDBInstance } from '@duckdb/node-api'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { printedValue } from '../../../commands/lake/printed-value.ts'
import { duckdbDialect } from '../../../shared/core/lake/duckdb-dialect.ts'

let instance: DuckDBInstance
let answer: (expression: string) => Promise<unknown>

beforeAll(async () => {
  instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  for (const statement of duckdbDialect) await connection.run(statement)
  answer = async (expression) => {
    const reader = await connection.runAndReadAll(`SELECT ${expression}`)
    return printedValue(reader.getRows()[0]?.[0] ?? null)
  }
})
afterAll(() => instance.closeSync())

const time = "TIMESTAMP '2026-01-02 13:04:05.678'"
const url = "'https://u:p@a.example:8080/c/d?e=1&f=a%20b+c&g#h'"

/** What Trino answers by its documentation, https://trino.io/docs/current/functions.html, or by its source where that is silent. */
const cases: Readonly<Record<string, readonly (readonly [expression: string, expected: unknown])[]>> = {
  numbers: [
    ['7 / 2', 3],
    ['-7 / 2', -3],
    ['mod(-5, 3)', -2],
    ['CAST(7 AS double) / 2', 3.5],
    ['7e0 / 2', 3.5],
    ['greatest(1, 3, 2)', 3],
    ['greatest(1, NULL, 2)', null],
    ["least('b', 'a')", 'a'],
    ['least(1, NULL)', null],
    ['truncate(-1.7e0)', -1],
    ['truncate(1.789e0, 1)', 1.7],
    ['round(2.5e0)', 3],
    ['round(-2.5e0)', -3],
    ['log(2, 8)', 3],
    ['log10(1000)', 3],
    ['ln(1)', 0],
    ['pow(2, 3)', 8],
    ['width_bucket(-1e0, 0e0, 10e0, 5)', 0],
    ['width_bucket(0e0, 0e0, 10e0, 5)', 1],
    ['width_bucket(5e0, 0e0, 10e0, 5)', 3],
    ['width_bucket(10e0, 0e0, 10e0, 5)', 6],
    ['width_bucket(5, ARRAY[1, 5, 10])', 2],
    ['round(normal_cdf(0, 1, 1.96e0), 12)', 0.975002104852],
    ['round(normal_cdf(10, 2, 10), 12)', 0.5],
    // The example of the documentation: 1,250 of 1,310 at 95 %.
    ['round(wilson_interval_lower(1250, 1310, 1.96e0), 12)', 0.94148837254],
    ['round(wilson_interval_upper(1250, 1310, 1.96e0), 12)', 0.964252471714],
    ['is_nan(nan())', true],
    ['is_finite(infinity())', false],
    ['bitwise_xor(1, 3)', 2],
  ],
  texts: [
    ["concat('a', NULL)", null],
    ["concat('a', 'b', 'c')", 'abc'],
    ["concat('a', 'b', 'c', 'd', 'e', 'f', 'g')", 'abcdefg'],
    ["'a' || NULL", null],
    ["concat_ws(',', 'a', NULL, 'b')", 'a,b'],
    ["split_part('a:b', ':', 2)", 'b'],
    ["split_part('a:b', ':', 3)", null],
    ["split('a,b', ',')", ['a', 'b']],
    ["strpos('abc', 'x')", 0],
    ["substr('abc', -2)", 'bc'],
    ["length('é€')", 2],
    ["regexp_like('abc', 'b.')", true],
    ["regexp_extract('abc', 'x')", null],
    ["regexp_extract('abc', 'b(c)', 1)", 'c'],
    ["regexp_extract_all('a1b2', '[0-9]')", ['1', '2']],
    ["regexp_replace('aXbX', 'X', '-')", 'a-b-'],
    ["regexp_replace('ab', '(a)(b)', '$2$1')", 'ba'],
    ["regexp_replace('a1b2', '[0-9]')", 'ab'],
    ["regexp_count('a1b2', '[0-9]')", 2],
    ["codepoint('a')", 97],
    ["levenshtein_distance('ab', 'ac')", 1],
    ["to_hex(md5(to_utf8('a')))", '0CC175B9C0F1B6A831C399E269772661'],
    ["substr(to_hex(sha256(to_utf8(''))), 1, 8)", 'E3B0C442'],
    ["from_utf8(from_base64('YQ=='))", 'a'],
    ["to_base64(to_utf8('a'))", 'YQ=='],
  ],
  'addresses of the web': [
    [`url_extract_protocol(${url})`, 'https'],
    [`url_extract_host(${url})`, 'a.example'],
    [`url_extract_port(${url})`, 8080],
    [`url_extract_path(${url})`, '/c/d'],
    [`url_extract_query(${url})`, 'e=1&f=a%20b+c&g'],
    [`url_extract_fragment(${url})`, 'h'],
    [`url_extract_parameter(${url}, 'e')`, '1'],
    [`url_extract_parameter(${url}, 'f')`, 'a b c'],
    [`url_extract_parameter(${url}, 'g')`, ''],
    [`url_extract_parameter(${url}, 'x')`, null],
    ["url_extract_query('https://a.example/')", null],
    ["url_extract_host('/c/d')", null],
    ["url_decode('a%20b')", 'a b'],
  ],
  times: [
    ["date_diff('hour', TIMESTAMP '2026-01-01 00:59:00', TIMESTAMP '2026-01-01 01:01:00')", 0],
    ["date_diff('day', TIMESTAMP '2026-01-01 00:00:00', TIMESTAMP '2026-01-03 12:00:00')", 2],
    ["date_diff('day', TIMESTAMP '2026-01-03 12:00:00', TIMESTAMP '2026-01-01 00:00:00')", -2],
    ["date_diff('week', DATE '2026-01-01', DATE '2026-01-14')", 1],
    ["date_add('day', 1, TIMESTAMP '2026-01-31 01:00:00')", '2026-02-01T01:00:00.000Z'],
    ["date_add('month', 1, TIMESTAMP '2026-01-31 00:00:00')", '2026-02-28T00:00:00.000Z'],
    ["date_add('quarter', 1, TIMESTAMP '2026-01-31 00:00:00')", '2026-04-30T00:00:00.000Z'],
    ["date_trunc('week', TIMESTAMP '2026-11-22 10:00:00')", '2026-11-16T00:00:00.000Z'],
    ["date_trunc('quarter', TIMESTAMP '2026-11-22 10:00:00')", '2026-10-01T00:00:00.000Z'],
    [`typeof(date_trunc('day', ${time}))`, 'TIMESTAMP'],
    [`date_format(${time}, '%Y-%m-%d %H:%i:%s')`, '2026-01-02 13:04:05'],
    [`date_format(${time}, '%W %a %M %b %e %c %y %j')`, 'Friday Fri January Jan 2 1 26 002'],
    [`date_format(${time}, '%k %l %h %p %T | %r | %f')`, '13 1 01 PM 13:04:05 | 01:04:05 PM | 678000'],
    ["date_format(DATE '2027-01-01', '%x-%v')", '2026-53'],
    ["to_unixtime(TIMESTAMP '1970-01-02 00:00:00')", 86_400],
    ['from_unixtime(86400)', '1970-01-02T00:00:00.000Z'],
    ["to_unixtime(from_iso8601_timestamp('1970-01-01T01:00:00+01:00'))", 0],
    ["day_of_week(DATE '2026-11-22')", 7],
    ["day_of_month(DATE '2026-11-22')", 22],
    ["day_of_year(DATE '2026-02-01')", 32],
    ["week(DATE '2027-01-01')", 53],
    ["year_of_week(DATE '2027-01-01')", 2026],
    ["last_day_of_month(DATE '2026-02-09')", '2026-02-28'],
    [`millisecond(${time})`, 678],
    [`second(${time})`, 5],
    [
      "CAST(at_timezone(with_timezone(TIMESTAMP '2026-07-01 09:00:00', 'Europe/Berlin'), 'UTC') AS timestamp)",
      '2026-07-01T07:00:00.000Z',
    ],
  ],
  arrays: [
    ['element_at(ARRAY[1, 2], 2)', 2],
    ['element_at(ARRAY[1, 2], 3)', null],
    ['element_at(ARRAY[1, 2], -1)', 2],
    ["element_at(MAP(ARRAY['a'], ARRAY[1]), 'a')", 1],
    ["element_at(MAP(ARRAY['a'], ARRAY[1]), 'b')", null],
    ['cardinality(ARRAY[1, 2])', 2],
    ["cardinality(MAP(ARRAY['a'], ARRAY[1]))", 1],
    ['cardinality(NULL)', null],
    ["contains(ARRAY['a', NULL], 'a')", true],
    ["contains(ARRAY['a', NULL], 'b')", null],
    ["contains(ARRAY['a'], 'b')", false],
    ["array_position(ARRAY['a', 'b'], 'b')", 2],
    ["array_position(ARRAY['a', 'b'], 'c')", 0],
    ['array_max(ARRAY[1, 3])', 3],
    ['array_max(ARRAY[1, NULL])', null],
    ['array_distinct(ARRAY[3, NULL, 1, 3, NULL])', [3, null, 1]],
    ['array_union(ARRAY[2, 1], ARRAY[3, 2])', [2, 1, 3]],
    ['array_except(ARRAY[3, 1, 3], ARRAY[1])', [3]],
    ['array_remove(ARRAY[1, 2, 1], 1)', [2]],
    ['array_sort(ARRAY[3, NULL, 1])', [1, 3, null]],
    ["array_join(ARRAY['a', NULL, 'b'], '-')", 'a-b'],
    ["array_join(ARRAY['a', NULL, 'b'], '-', '?')", 'a-?-b'],
    ['slice(ARRAY[1, 2, 3], 2, 2)', [2, 3]],
    ['sequence(1, 3)', [1, 2, 3]],
    ['sequence(3, 1)', [3, 2, 1]],
    ['sequence(1, NULL)', null],
    ['cardinality(sequence(1, 10000))', 10_000],
    ['sequence(10, 1, -3)', [10, 7, 4, 1]],
    ['concat(ARRAY[1], ARRAY[2])', [1, 2]],
    ['filter(ARRAY[5, -6, NULL], x -> x > 0)', [5]],
    ['flatten(ARRAY[ARRAY[1], ARRAY[2]])', [1, 2]],
  ],
  'rows and conditions': [
    ['if(false, 1, 2)', 2],
    ["TRY(CAST('x' AS integer))", null],
    ["TRY_CAST('x' AS integer)", null],
    ["ROW(1, 'a') < ROW(1, 'b')", true],
    ['(1, 2) IN ((1, 2), (3, 4))', true],
    ['NULL IN (1)', null],
    ['1 NOT IN (2, NULL)', null],
  ],
  JSON: [
    [`json_extract_scalar('{"a": {"b": "c"}}', '$.a.b')`, 'c'],
    [`json_extract_scalar('{"a": {"b": "c"}}', '$.a')`, null],
    [`json_extract_scalar('{"a": true}', '$.a')`, 'true'],
    [`json_extract_scalar('{"a": null}', '$.a')`, null],
    [`json_extract_scalar('{"a": ["x", "y"]}', '$.a[1]')`, 'y'],
    [`json_extract_scalar('{bad', '$.a')`, null],
    [`json_extract_scalar(json_parse('{"a": "x"}'), '$.a')`, 'x'],
    [`json_format(json_extract('{"a": [1, 2]}', '$.a'))`, '[1,2]'],
  ],
  aggregates: [
    ["max_by(x, y) FROM (VALUES ('a', 1), (NULL, 2)) AS t (x, y)", null],
    ["min_by(x, y) FROM (VALUES (NULL, 1), ('b', 2)) AS t (x, y)", null],
    ["max_by(x, y) FROM (VALUES ('a', 1), ('b', NULL)) AS t (x, y)", 'a'],
    ["max_by(x, ROW(y, z)) FROM (VALUES ('a', 1, 'p'), ('b', 1, 'q')) AS t (x, y, z)", 'b'],
    ["max_by(x, y, 2) FROM (VALUES ('a', 1), ('b', 3), ('c', 2)) AS t (x, y)", ['b', 'c']],
    ['arbitrary(x) FROM (VALUES (NULL), (1)) AS t (x)', 1],
    ['count_if(x) FROM (VALUES (true), (false), (NULL)) AS t (x)', 1],
    ['bool_and(x) FROM (VALUES (true), (NULL)) AS t (x)', true],
    ['every(x) FROM (VALUES (true), (false)) AS t (x)', false],
    ['stddev(x) FROM (VALUES (1e0), (3e0)) AS t (x)', Math.SQRT2],
    ['stddev_pop(x) FROM (VALUES (1e0), (3e0)) AS t (x)', 1],
    ['sum(x) FROM (VALUES (1)) AS t (x) WHERE false', null],
    ['array_agg(x) FROM (VALUES (1)) AS t (x) WHERE false', null],
    ['array_agg(x ORDER BY x) FROM (VALUES (3), (NULL), (1)) AS t (x)', [1, 3, null]],
    ['array_agg(x ORDER BY x DESC) FROM (VALUES (3), (NULL), (1)) AS t (x)', [3, 1, null]],
    ["map_agg(x, y) FROM (VALUES ('a', 1)) AS t (x, y)", { a: 1 }],
    ['map_agg(x, y) FROM (VALUES (1, 1)) AS t (x, y) WHERE false', null],
    ['approx_distinct(x) FROM (VALUES (1), (1), (2)) AS t (x)', 2],
    ['approx_percentile(x, 0.5) FROM (VALUES (1), (2), (3)) AS t (x)', 2],
    ['count(*) FILTER (WHERE x > 1) FROM (VALUES (1), (2)) AS t (x)', 1],
  ],
  'order and frames': [
    ['x FROM (VALUES (1), (NULL), (2)) AS t (x) ORDER BY x DESC LIMIT 1', 2],
    ['x FROM (VALUES (NULL), (2)) AS t (x) ORDER BY x LIMIT 1', 2],
    [
      'row_number() OVER (ORDER BY x DESC) FROM (VALUES (1), (NULL)) AS t (x) ORDER BY x NULLS FIRST LIMIT 1',
      2,
    ],
    ['lag(x, 1, 0) OVER (ORDER BY x) FROM (VALUES (5)) AS t (x)', 0],
    ["o FROM UNNEST(ARRAY['a', 'b']) WITH ORDINALITY AS t (x, o) WHERE x = 'b'", 2],
    ['sum(n) FROM UNNEST(sequence(1, 4)) AS t (n)', 10],
  ],
}

describe.each(Object.entries(cases))(
  'DuckDB with the dialect answers as Athena does: %s',
  (_name, expressions) => {
    it.each(expressions)('%s', async (expression, expected) => {
      expect(await answer(expression)).toEqual(expected)
    })
  },
)

describe('a sequence of more than 10,000 members is refused', () => {
  it.each([
    'sequence(0, 10000)',
    'sequence(10000, 0)',
    'sequence(1, 20001, 2)',
    "sequence(DATE '1990-01-01', DATE '2026-01-01', INTERVAL '1' DAY)",
    'sum(n) FROM UNNEST(sequence(1, 10001)) AS t (n)',
    'sum(n) FROM (VALUES (10001)) AS s (x) CROSS JOIN UNNEST(sequence(1, x)) AS t (n)',
  ])('%s', async (expression) => {
    await expect(answer(expression)).rejects.toThrow(
      'result of sequence function must not have more than 10000 entries',
    )
  })
})

describe('printedValue', () => {
  it.each([
    ['CAST(9007199254740991 AS bigint)', 9_007_199_254_740_991],
    ['CAST(9007199254740992 AS bigint)', '9007199254740992'],
    ["CAST('Infinity' AS double)", null],
    ["CAST('NaN' AS double)", null],
    ['CAST(1.5 AS decimal(10, 2))', 1.5],
    ["DATE '2026-11-21'", '2026-11-21'],
    ["TIMESTAMP '2026-11-21 01:02:03.004'", '2026-11-21T01:02:03.004Z'],
    ["{'a': [1, NULL], 'b': MAP{'k': true}}", { a: [1, null], b: { k: true } }],
    ["CAST('ab' AS blob)", 'YWI='],
  ])('%s', async (expression, expected) => {
    expect(await answer(expression)).toEqual(expected)
  })
})
