import { aggregates } from './dialect/aggregates.ts'
import { arrays } from './dialect/arrays.ts'
import { json } from './dialect/json.ts'
import { numbers } from './dialect/numbers.ts'
import { texts } from './dialect/texts.ts'
import { times } from './dialect/times.ts'
import { urls } from './dialect/urls.ts'

const statements: readonly string[] = [
  // 7 / 2 is 3.
  'SET integer_division = true',
  "SET TimeZone = 'UTC'",
  "SET default_null_order = 'NULLS LAST'",
  ...times,
  ...texts,
  ...urls,
  ...arrays,
  ...numbers,
  ...json,
  ...aggregates,
]

/**
 * What makes DuckDB read the SQL that Athena reads: settings for what differs in silence, macros for functions of
 * other names. Run each statement once on a new connection, before any query. They are one text, since DuckDB takes that
 * in half the time.
 */
export const duckdbDialect: readonly string[] = [statements.join(';\n')]
