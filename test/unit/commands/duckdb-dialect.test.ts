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

describe('DuckDB with the dialect answers as Athena does', () => {
  it.each([
    ['7 / 2', 3],
    ['CAST(7 AS double) / 2', 3.5],
    ["date_diff('hour', TIMESTAMP '2026-01-01 00:59:00', TIMESTAMP '2026-01-01 01:01:00')", 0],
    ["date_diff('day', TIMESTAMP '2026-01-01 00:00:00', TIMESTAMP '2026-01-03 12:00:00')", 2],
    ["date_add('day', 1, TIMESTAMP '2026-01-31 01:00:00')", '2026-02-01T01:00:00.000Z'],
    ["date_add('month', 1, TIMESTAMP '2026-01-31 00:00:00')", '2026-02-28T00:00:00.000Z'],
    ["regexp_extract('abc', 'x')", null],
    ["regexp_extract('abc', 'b(c)', 1)", 'c'],
    ["regexp_like('abc', 'b.')", true],
    ["concat('a', NULL)", null],
    ["concat('a', 'b', 'c')", 'abc'],
    ["element_at(MAP{'a': 1}, 'a')", 1],
    ["element_at(MAP{'a': 1}, 'b')", null],
    ['cardinality([1, 2])', 2],
    ["cardinality(MAP{'a': 1})", 1],
    ['cardinality(NULL)', null],
    [`json_extract_scalar('{"a": {"b": "c"}}', '$.a.b')`, 'c'],
    ["date_format(TIMESTAMP '2026-01-02 03:04:05', '%Y-%m-%d %H:%i:%s')", '2026-01-02 03:04:05'],
    ["to_unixtime(TIMESTAMP '1970-01-02 00:00:00')", 86_400],
    ['from_unixtime(86400)', '1970-01-02T00:00:00.000Z'],
    ["day_of_week(DATE '2026-11-22')", 7],
    ["array_join(['a', 'b'], '-')", 'a-b'],
    ['slice([1, 2, 3], 2, 2)', [2, 3]],
    ['sequence(1, 3)', [1, 2, 3]],
  ])('%s', async (expression, expected) => {
    expect(await answer(expression)).toEqual(expected)
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
