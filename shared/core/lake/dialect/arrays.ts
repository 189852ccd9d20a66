import { macro } from './macro.ts'

const withoutNull = 'len(items) = list_count(items)'

const mostEntries = 10_000
const tooManyEntries = `error('result of sequence function must not have more than ${mostEntries} entries')`

/** In the order of their first places. */
const distinct = (items: string): string =>
  `list_filter(${items}, lambda item, place: place = CASE
     WHEN item IS NULL THEN list_position(list_transform(${items}, lambda other: other IS NULL), true)
     ELSE list_position(${items}, item) END)`

export const arrays: readonly string[] = [
  // `filter(items, x -> x > 1)`: DuckDB calls its arrow old. It is the one function over functions that both have: no
  // macro can be given one.
  "SET lambda_syntax = 'ENABLE_SINGLE_ARROW'",
  macro('element_at', '(items, key) AS items[key]'),
  macro(
    'cardinality',
    `(items) AS CAST(CASE json_type(to_json(items)) WHEN 'ARRAY' THEN json_array_length(to_json(items))
       WHEN 'OBJECT' THEN len(json_keys(to_json(items))) END AS bigint)`,
  ),
  macro(
    'array_join',
    '(items, separator) AS array_to_string(items, separator)',
    `(items, separator, absent) AS array_to_string(list_transform(items, lambda i: coalesce(CAST(i AS varchar), absent)), separator)`,
  ),
  macro('slice', '(items, start, n) AS list_slice(items, start, start + n - 1)'),
  // Downwards where it must, and refused where it is too long, as Trino does.
  macro(
    'sequence',
    `(a, b) AS CASE WHEN abs(b - a) >= ${mostEntries} THEN ${tooManyEntries}
       ELSE generate_series(a, b, CASE WHEN a <= b THEN 1 ELSE -1 END) END`,
    `(a, b, step) AS CASE WHEN len(generate_series(a, b, step)) > ${mostEntries} THEN ${tooManyEntries}
       ELSE generate_series(a, b, step) END`,
  ),
  // What is not there stands at 0, where DuckDB answers NULL.
  macro(
    'array_position',
    '(items, item) AS CASE WHEN items IS NOT NULL AND item IS NOT NULL THEN coalesce(list_position(items, item), 0) END',
  ),
  macro('array_max', `(items) AS CASE WHEN ${withoutNull} THEN list_max(items) END`),
  macro('array_min', `(items) AS CASE WHEN ${withoutNull} THEN list_min(items) END`),
  // DuckDB leaves NULL out, and the order to chance.
  macro('array_distinct', `(items) AS ${distinct('items')}`),
  macro('array_remove', '(items, item) AS list_filter(items, lambda i: i <> item)'),
  macro('array_union', `(a, b) AS ${distinct('list_concat(a, b)')}`),
  macro('array_except', `(a, b) AS ${distinct('list_filter(a, lambda i: NOT list_contains(b, i))')}`),
  macro('arrays_overlap', '(a, b) AS list_has_any(a, b)'),
  // NULL when the item is not there and a NULL is.
  macro(
    'contains',
    `(items, item) AS CASE WHEN list_contains(items, item) THEN true
       WHEN ${withoutNull} AND item IS NOT NULL THEN false END`,
  ),
]
