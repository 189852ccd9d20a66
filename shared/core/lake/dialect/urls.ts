import { macro } from './macro.ts'

/** RFC 3986, appendix B: 2 is the scheme, 4 the authority, 5 the path, 7 the query, 9 the fragment. */
const parts = '^(([^:/?#]+):)?(//([^/?#]*))?([^?#]*)([?]([^#]*))?(#(.*))?'
const part = (group: number): string => `system.main.regexp_extract(url, '${parts}', ${group})`

/** What the address does not have is NULL, but the path, which then is ''. */
const authority = `system.main.regexp_extract(${part(4)}, '^([^@]*@)?([^:]*|\\[[^]]*\\])(:([0-9]+))?$', `
const parameter = `system.main.regexp_extract('&' || ${part(7)}, '&' || name || '(=([^&]*))?(&|$)', `

export const urls: readonly string[] = [
  macro('url_extract_protocol', `(url) AS nullif(${part(2)}, '')`),
  macro('url_extract_host', `(url) AS nullif(${authority}2), '')`),
  macro('url_extract_port', `(url) AS TRY_CAST(${authority}4) AS bigint)`),
  macro('url_extract_path', `(url) AS ${part(5)}`),
  macro('url_extract_query', `(url) AS nullif(${part(7)}, '')`),
  macro('url_extract_fragment', `(url) AS nullif(${part(9)}, '')`),
  macro(
    'url_extract_parameter',
    `(url, name) AS CASE WHEN ${parameter}0) <> '' THEN url_decode(replace(${parameter}2), '+', ' ')) END`,
  ),
]
