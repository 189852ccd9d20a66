import { macro, own } from './macro.ts'
import { normalCdf } from './normal-cdf.ts'

/** With a NULL among the arguments Athena answers NULL; DuckDB leaves it out. */
const extreme = (name: string): string =>
  macro(
    name,
    ...Array.from({ length: 5 }, (_, i) => 'abcdef'.slice(0, i + 2).split('')).map(
      (names) =>
        `(${names.join(', ')}) AS CASE WHEN ${names.map((n) => `${n} IS NOT NULL`).join(' AND ')} THEN ${own(name)}(${names.join(', ')}) END`,
    ),
  )

export const numbers: readonly string[] = [
  extreme('greatest'),
  extreme('least'),
  macro('truncate', '(x) AS trunc(x)', '(x, n) AS trunc(x * power(1e1, n)) / power(1e1, n)'),
  macro('infinity', "() AS CAST('Infinity' AS double)"),
  macro('nan', "() AS CAST('NaN' AS double)"),
  macro('is_nan', '(x) AS isnan(x)'),
  macro('is_finite', '(x) AS isfinite(x)'),
  macro('is_infinite', '(x) AS isinf(x)'),
  // Below the first bucket 0, from the bound up n + 1.
  macro(
    'width_bucket',
    `(x, low, high, n) AS CAST(CASE WHEN x < low THEN 0 WHEN x >= high THEN n + 1
       ELSE floor((CAST(x AS double) - low) / (CAST(high AS double) - low) * n) + 1 END AS bigint)`,
    '(x, bounds) AS CAST(len(list_filter(bounds, lambda bound: bound <= x)) AS bigint)',
  ),
  macro('normal_cdf', `(mean, sd, v) AS ${normalCdf('((v - mean) / sd)')}`),
  macro('wilson_interval_lower', `(successes, trials, z) AS ${wilson('-')}`),
  macro('wilson_interval_upper', `(successes, trials, z) AS ${wilson('+')}`),
  macro('bitwise_and', '(a, b) AS a & b'),
  macro('bitwise_or', '(a, b) AS a | b'),
  macro('bitwise_xor', '(a, b) AS xor(a, b)'),
]

function wilson(sign: '+' | '-'): string {
  const [p, n] = ['(CAST(successes AS double) / trials)', 'CAST(trials AS double)']
  return `(${p} + z * z / (2e0 * ${n}) ${sign} z * sqrt(${p} * (1e0 - ${p}) / ${n} + z * z / (4e0 * ${n} * ${n}))) / (1e0 + z * z / ${n})`
}
