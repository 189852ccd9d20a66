import { macro } from './macro.ts'

export const aggregates: readonly string[] = [
  // DuckDB's own leave out rows whose first argument is NULL.
  macro('max_by', '(x, y) AS arg_max_null(x, y)', '(x, y, n) AS arg_max(x, y, n)'),
  macro('min_by', '(x, y) AS arg_min_null(x, y)', '(x, y, n) AS arg_min(x, y, n)'),
  // DuckDB's own may answer a NULL.
  macro('arbitrary', '(x) AS any_value(x)'),
  macro('every', '(x) AS bool_and(x)'),
  macro('map_agg', '(k, v) AS map_from_entries(list((k, v)))'),
  macro('approx_distinct', '(x) AS approx_count_distinct(x)', '(x, e) AS approx_count_distinct(x)'),
  macro('approx_percentile', '(x, p) AS approx_quantile(x, p)'),
  macro('geometric_mean', '(x) AS geomean(x)'),
]
