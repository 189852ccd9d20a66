import { macro } from './macro.ts'

/** MySQL's letters, which Trino takes, to those of C. In this order: what is put in must not be taken for one of the next. */
const letters: readonly (readonly [mysql: string, c: string])[] = [
  ['%M', '%B'],
  ['%i', '%M'],
  ['%W', '%A'],
  ['%s', '%S'],
  ['%h', '%I'],
  ['%k', '%-H'],
  ['%l', '%-I'],
  ['%c', '%-m'],
  ['%e', '%-d'],
  ['%v', '%V'],
  ['%x', '%G'],
  ['%T', '%H:%M:%S'],
  ['%r', '%I:%M:%S %p'],
]
const inC = letters.reduce((format, [mysql, c]) => `replace(${format}, '${mysql}', '${c}')`, 'format')

export const times: readonly string[] = [
  // DuckDB's own date_diff counts the boundaries crossed, Athena's the whole units passed.
  macro('date_diff', '(unit, a, b) AS date_sub(unit, a, b)'),
  macro(
    'date_add',
    `(unit, n, t) AS CASE unit
       WHEN 'millisecond' THEN t + to_milliseconds(n) WHEN 'second' THEN t + to_seconds(n)
       WHEN 'minute' THEN t + to_minutes(n) WHEN 'hour' THEN t + to_hours(n) WHEN 'day' THEN t + to_days(n)
       WHEN 'week' THEN t + to_weeks(n) WHEN 'month' THEN t + to_months(n) WHEN 'quarter' THEN t + to_months(3 * n)
       WHEN 'year' THEN t + to_years(n)
       ELSE error('date_add: unknown unit ' || unit) END`,
  ),
  macro('from_unixtime', "(s) AS CAST(to_timestamp(s) AT TIME ZONE 'UTC' AS timestamp)"),
  macro('to_unixtime', '(t) AS epoch(t)'),
  macro('from_iso8601_timestamp', '(s) AS CAST(s AS timestamptz)'),
  macro('from_iso8601_date', '(s) AS CAST(s AS date)'),
  macro('date_format', `(t, format) AS strftime(t, ${inC})`),
  macro('day_of_week', '(t) AS isodow(t)'),
  macro('day_of_month', '(t) AS day(t)'),
  macro('day_of_year', '(t) AS dayofyear(t)'),
  macro('week_of_year', '(t) AS week(t)'),
  macro('year_of_week', '(t) AS isoyear(t)'),
  macro('last_day_of_month', '(t) AS last_day(t)'),
  // DuckDB's own counts from the start of the minute.
  macro('millisecond', '(t) AS system.main.millisecond(t) % 1000'),
  // Trino's are times with a zone, here plain ones: alike once the result is cast to timestamp.
  macro('with_timezone', '(t, zone) AS t AT TIME ZONE zone'),
  macro('at_timezone', '(t, zone) AS t AT TIME ZONE zone'),
]
