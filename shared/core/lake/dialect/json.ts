import { macro } from './macro.ts'

export const json: readonly string[] = [
  macro('json_parse', '(s) AS CAST(s AS json)'),
  macro('json_format', '(j) AS CAST(j AS varchar)'),
  // In Athena an object or a list is no scalar, and a text that is no JSON holds nothing.
  macro(
    'json_extract_scalar',
    `(j, path) AS CASE WHEN json_valid(CAST(j AS varchar)) AND json_type(j, path) NOT IN ('OBJECT', 'ARRAY')
       THEN json_extract_string(j, path) END`,
  ),
]
