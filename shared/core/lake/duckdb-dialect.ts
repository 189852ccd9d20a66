/**
 * What makes DuckDB read the SQL that Athena reads: settings for what differs in silence, macros for functions of
 * other names. Run each statement once on a new connection, before any query.
 */
export const duckdbDialect: readonly string[] = [
  // 7 / 2 is 3.
  'SET integer_division = true',
  "SET TimeZone = 'UTC'",
  // DuckDB's own date_diff counts the boundaries crossed, Athena's the whole units passed.
  macro('date_diff', '(unit, a, b) AS date_sub(unit, a, b)'),
  macro(
    'date_add',
    `(unit, n, t) AS CASE unit
       WHEN 'millisecond' THEN t + to_milliseconds(n) WHEN 'second' THEN t + to_seconds(n)
       WHEN 'minute' THEN t + to_minutes(n) WHEN 'hour' THEN t + to_hours(n) WHEN 'day' THEN t + to_days(n)
       WHEN 'week' THEN t + to_weeks(n) WHEN 'month' THEN t + to_months(n) WHEN 'year' THEN t + to_years(n)
       ELSE error('date_add: unknown unit ' || unit) END`,
  ),
  // Without a match Athena answers NULL, DuckDB ''.
  macro(
    'regexp_extract',
    `(s, pattern) AS CASE WHEN regexp_matches(s, pattern) THEN system.main.regexp_extract(s, pattern) END,
     (s, pattern, g) AS CASE WHEN regexp_matches(s, pattern) THEN system.main.regexp_extract(s, pattern, g) END`,
  ),
  macro('regexp_like', '(s, pattern) AS regexp_matches(s, pattern)'),
  // In DuckDB a NULL argument counts as ''.
  macro(
    'concat',
    `(a, b) AS a || b, (a, b, c) AS a || b || c, (a, b, c, d) AS a || b || c || d,
     (a, b, c, d, e) AS a || b || c || d || e`,
  ),
  macro('element_at', '(items, key) AS items[key]'),
  macro(
    'cardinality',
    `(items) AS CAST(CASE json_type(to_json(items)) WHEN 'ARRAY' THEN json_array_length(to_json(items))
       WHEN 'OBJECT' THEN len(json_keys(to_json(items))) END AS bigint)`,
  ),
  macro('approx_distinct', '(x) AS approx_count_distinct(x)'),
  macro('approx_percentile', '(x, p) AS approx_quantile(x, p)'),
  macro('json_parse', '(s) AS CAST(s AS json)'),
  macro('json_format', '(j) AS CAST(j AS varchar)'),
  macro('json_extract_scalar', '(j, path) AS json_extract_string(j, path)'),
  macro('from_unixtime', "(s) AS CAST(to_timestamp(s) AT TIME ZONE 'UTC' AS timestamp)"),
  macro('to_unixtime', '(t) AS epoch(t)'),
  // MySQL's letters: M is the name of the month, i the minute, s the second.
  macro(
    'date_format',
    "(t, format) AS strftime(t, replace(replace(replace(format, '%M', '%B'), '%i', '%M'), '%s', '%S'))",
  ),
  macro('day_of_week', '(t) AS isodow(t)'),
  macro('day_of_year', '(t) AS dayofyear(t)'),
  macro('array_join', '(items, separator) AS array_to_string(items, separator)'),
  macro('slice', '(items, start, n) AS list_slice(items, start, start + n - 1)'),
  macro('sequence', '(a, b) AS generate_series(a, b)'),
  macro('bitwise_and', '(a, b) AS a & b'),
  macro('bitwise_or', '(a, b) AS a | b'),
]

function macro(name: string, definition: string): string {
  return `CREATE OR REPLACE MACRO ${name}${definition}`
}
