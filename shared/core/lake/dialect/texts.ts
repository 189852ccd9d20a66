import { macro, own } from './macro.ts'

/** Two to ten arguments, as none of DuckDB's macros takes any number. */
const joined = Array.from({ length: 9 }, (_, i) => 'abcdefghij'.slice(0, i + 2).split('')).map(
  (names) => `(${names.join(', ')}) AS ${names.join(' || ')}`,
)

export const texts: readonly string[] = [
  // In DuckDB a NULL argument counts as ''. Lists are joined by the same sign.
  macro('concat', ...joined),
  // Beyond the last part Athena answers NULL, DuckDB ''.
  macro(
    'split_part',
    `(s, separator, n) AS CASE WHEN n <= len(string_split(s, separator)) THEN ${own('split_part')}(s, separator, n) END`,
  ),
  macro('codepoint', '(s) AS unicode(s)'),
  macro('levenshtein_distance', '(a, b) AS levenshtein(a, b)'),
  macro('regexp_like', '(s, pattern) AS regexp_matches(s, pattern)'),
  // Without a match Athena answers NULL, DuckDB ''.
  macro(
    'regexp_extract',
    `(s, pattern) AS CASE WHEN regexp_matches(s, pattern) THEN ${own('regexp_extract')}(s, pattern) END`,
    `(s, pattern, g) AS CASE WHEN regexp_matches(s, pattern) THEN ${own('regexp_extract')}(s, pattern, g) END`,
  ),
  // Athena replaces every match and calls a group $1, DuckDB the first and \1.
  macro(
    'regexp_replace',
    `(s, pattern) AS ${own('regexp_replace')}(s, pattern, '', 'g')`,
    `(s, pattern, replacement) AS ${own('regexp_replace')}(s, pattern,
       ${own('regexp_replace')}(replacement, '[$]([0-9])', '\\\\\\1', 'g'), 'g')`,
  ),
  macro('regexp_count', '(s, pattern) AS len(regexp_extract_all(s, pattern))'),
  macro('regexp_split', '(s, pattern) AS string_split_regex(s, pattern)'),
  // Athena's hashes take bytes and answer bytes.
  macro('to_utf8', '(s) AS encode(s)'),
  macro('from_utf8', '(b) AS decode(b)'),
  macro('md5', `(b) AS unhex(${own('md5')}(b))`),
  macro('sha1', `(b) AS unhex(${own('sha1')}(b))`),
  macro('sha256', `(b) AS unhex(${own('sha256')}(b))`),
  macro('to_hex', '(b) AS hex(b)'),
]
