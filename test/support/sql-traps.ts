import { groupedByAlias } from './sql-aliases.ts'
import { isDecimal, isNeverZero, operandAfter, type Positive, positiveNames } from './sql-divisors.ts'
import { argumentsAt, each, endOfBrackets, type SqlToken, sqlTokens, textOf } from './sql-tokens.ts'

type Trap = {
  readonly name: string
  /** Indices of tokens where it stands. */
  readonly at: (tokens: readonly SqlToken[], positive: Positive) => number[]
  readonly instead: string
}

/**
 * What Trino and DuckDB both parse and then read differently, or what only one of them has, found by its tokens. No
 * types are known here: what hangs on them (see docs/tables.md) is for the author to mind.
 */
export const sqlTraps = (sql: string): string[] => {
  const tokens = sqlTokens(sql)
  const positive = positiveNames(sql)
  return traps.flatMap(({ name, at, instead }) =>
    at(tokens, positive).map((index) => `line ${tokens[index]?.line}: ${name}; ${instead}`),
  )
}

/** Stands there as a function of that name. */
const isCall = (tokens: readonly SqlToken[], index: number, ...names: readonly string[]): boolean =>
  tokens[index]?.kind === 'word' && names.includes(tokens[index].text) && tokens[index + 1]?.text === '('

const calls =
  (...names: readonly string[]): Trap['at'] =>
  (tokens) =>
    each(tokens, (i) => isCall(tokens, i, ...names))

/** These words one after another. */
const phrase =
  (...words: readonly string[]): Trap['at'] =>
  (tokens) =>
    each(tokens, (i) => words.every((word, offset) => tokens[i + offset]?.text === word))

const callsWhere =
  (
    names: readonly string[],
    test: (args: SqlToken[][], index: number, tokens: readonly SqlToken[]) => boolean,
  ): Trap['at'] =>
  (tokens) =>
    each(tokens, (i) => isCall(tokens, i, ...names) && test(argumentsAt(tokens, i + 1), i, tokens))

const wholeTypes = ['bigint', 'integer', 'int', 'smallint', 'tinyint']
const roundings = ['floor', 'ceil', 'ceiling', 'round', 'truncate', 'count', 'date_diff']

/** `CAST(x AS t)`: x and t. */
const castParts = (args: SqlToken[][]): readonly [value: SqlToken[], type: string] => {
  const inside = args.flatMap((arg, index) =>
    index === 0 ? arg : [{ kind: 'sign' as const, text: ',', line: 0 }, ...arg],
  )
  const as = inside.findLastIndex(({ text }) => text === 'as')
  return [inside.slice(0, as), textOf(inside.slice(as + 1))]
}

const traps: readonly Trap[] = [
  { name: '::', at: phrase('::'), instead: 'write CAST(x AS type)' },
  { name: 'QUALIFY', at: phrase('qualify'), instead: 'filter in a query around it' },
  { name: 'ILIKE', at: phrase('ilike'), instead: 'write lower(x) LIKE' },
  { name: 'GROUP BY ALL', at: phrase('group', 'by', 'all'), instead: 'name the columns' },
  { name: 'ORDER BY ALL', at: phrase('order', 'by', 'all'), instead: 'name the columns' },
  {
    name: 'LIMIT before OFFSET',
    at: (tokens) => each(tokens, (i) => tokens[i]?.text === 'limit' && tokens[i + 2]?.text === 'offset'),
    instead: 'Trino takes OFFSET first',
  },
  { name: 'MATCH_RECOGNIZE', at: phrase('match_recognize'), instead: 'DuckDB has none' },
  {
    name: 'AT TIME ZONE',
    at: phrase('at', 'time', 'zone'),
    instead:
      'Trino shows an instant elsewhere, DuckDB takes the time for that of the zone: at_timezone(with_timezone(…), …), cast to timestamp',
  },
  {
    name: 'FILTER of a window',
    at: (tokens) =>
      each(
        tokens,
        (i) =>
          isCall(tokens, i, 'filter') &&
          tokens[i - 1]?.text === ')' &&
          tokens[endOfBrackets(tokens, i + 1)]?.text === 'over',
      ),
    instead: 'Trino has none; put a CASE into the function',
  },
  {
    name: 'IGNORE NULLS',
    at: phrase('ignore', 'nulls'),
    instead: 'they write it in different places; put a CASE into the function',
  },
  {
    name: 'a list without ARRAY',
    at: (tokens) =>
      each(
        tokens,
        (i) =>
          tokens[i]?.text === '[' &&
          !['array', ']', ')'].includes(tokens[i - 1]?.text ?? '') &&
          tokens[i - 1]?.kind !== 'word' &&
          tokens[i - 1]?.kind !== 'quoted',
      ),
    instead: 'write ARRAY[…]',
  },
  {
    name: 'a subscript',
    at: (tokens) =>
      each(
        tokens,
        (i) =>
          tokens[i]?.text === '[' &&
          (tokens[i - 1]?.text === ')' ||
            tokens[i - 1]?.text === ']' ||
            tokens[i - 1]?.kind === 'quoted' ||
            (tokens[i - 1]?.kind === 'word' && tokens[i - 1]?.text !== 'array')),
      ),
    instead: 'beyond the end Trino fails, DuckDB answers NULL: element_at(x, n)',
  },
  { name: 'a struct or map in braces', at: phrase('{'), instead: 'write ROW(…) or MAP(ARRAY[…], ARRAY[…])' },
  {
    name: 'an INTERVAL without unit or quotes',
    at: (tokens) =>
      each(
        tokens,
        (i) =>
          tokens[i]?.text === 'interval' &&
          !(
            /^'-?\d+'$/.test(tokens[i + 1]?.text ?? '') &&
            /^(second|minute|hour|day|month|year)$/.test(tokens[i + 2]?.text ?? '')
          ),
      ),
    instead: "write INTERVAL '1' DAY",
  },
  {
    name: 'UNNEST of two lists',
    at: callsWhere(['unnest'], (args) => args.length > 1),
    instead: 'DuckDB takes one: join them by WITH ORDINALITY',
  },
  {
    name: 'UNNEST of a map',
    at: callsWhere(['unnest'], (args, i, tokens) => {
      const end = endOfBrackets(tokens, i + 1)
      return (
        args.length === 1 &&
        tokens[end]?.text === 'as' &&
        tokens[end + 2]?.text === '(' &&
        argumentsAt(tokens, end + 2).length > 1
      )
    }),
    instead: 'DuckDB takes no map: UNNEST(map_keys(x)), then element_at',
  },
  {
    name: 'UNNEST outside of FROM',
    at: (tokens) =>
      each(
        tokens,
        (i) => isCall(tokens, i, 'unnest') && !['from', 'join', ','].includes(tokens[i - 1]?.text ?? ''),
      ),
    instead: 'write CROSS JOIN UNNEST(x) AS t (y)',
  },
  {
    name: 'date_parse, parse_datetime',
    at: calls('date_parse', 'parse_datetime', 'format_datetime', 'to_char', 'strftime', 'strptime'),
    instead: 'CAST(x AS timestamp), from_iso8601_timestamp or date_format',
  },
  {
    name: 'date_format with a format that is no literal',
    at: callsWhere(['date_format'], (args) => args[1]?.length !== 1 || args[1][0]?.kind !== 'text'),
    instead: 'its letters are known only then',
  },
  {
    name: 'a unit that is no literal',
    at: callsWhere(
      ['date_add', 'date_diff', 'date_trunc'],
      (args) => args[0]?.length !== 1 || args[0][0]?.kind !== 'text',
    ),
    instead: "write 'day'",
  },
  {
    name: 'listagg',
    at: calls('listagg', 'string_agg', 'group_concat'),
    instead: 'array_join(array_agg(x ORDER BY x), s)',
  },
  {
    name: 'a function of DuckDB',
    at: calls(
      'list',
      'len',
      'epoch_ms',
      'epoch',
      'arg_max',
      'arg_min',
      'any_value',
      'first',
      'last',
      'struct_pack',
      'list_transform',
      'list_filter',
      'list_contains',
      'read_parquet',
      'ifnull',
      'median',
      'quantile_cont',
      'mode',
      'generate_series',
      'range',
      'regexp_matches',
      'json_extract_string',
      'datediff',
      'isodow',
      'string_split',
      'argmax',
    ),
    instead: 'Athena has none of that name',
  },
  {
    name: 'a function that takes a function',
    at: calls(
      'transform',
      'reduce',
      'any_match',
      'all_match',
      'none_match',
      'zip_with',
      'map_filter',
      'transform_values',
      'transform_keys',
      'reduce_agg',
    ),
    instead: 'DuckDB has none of that name, and no macro can be given one: filter(x, y -> …), or UNNEST',
  },
  {
    name: 'if without ELSE',
    at: callsWhere(['if'], (args) => args.length < 3),
    instead: 'write CASE WHEN … THEN … END',
  },
  {
    name: 'CAST to array, map or row',
    at: callsWhere(['cast', 'try_cast'], (args) => /^(array|map|row) /.test(castParts(args)[1])),
    instead: 'DuckDB does not know the type by that name',
  },
  {
    name: 'CAST to json',
    at: callsWhere(['cast', 'try_cast'], (args) => castParts(args)[1] === 'json'),
    instead: 'Trino makes a JSON text of it, DuckDB parses it: json_parse(x)',
  },
  {
    name: 'CAST of a quotient or a double to a whole number',
    at: callsWhere(['cast', 'try_cast'], (args) => {
      const [value, type] = castParts(args)
      return (
        wholeTypes.includes(type) &&
        !roundings.includes(value[0]?.text ?? '') &&
        value.some(({ text }) => text === '/')
      )
    }),
    instead: 'Trino rounds halves up, DuckDB to even: floor, round or ceil first',
  },
  {
    name: 'CAST of a time to text',
    at: callsWhere(['cast', 'try_cast'], (args, i, tokens) => {
      const [value, type] = castParts(args)
      return (
        type.startsWith('varchar') &&
        value.length === 1 &&
        /(_at|_time|timestamp|last_arrival)$/.test(value[0]?.text ?? '') &&
        !isCall(tokens, i - 2, 'substr')
      )
    }),
    instead: 'Trino writes milliseconds, DuckDB not always: date_format, or substr of it',
  },
  {
    name: 'a division of a decimal',
    at: (tokens) =>
      each(tokens, (i) => tokens[i]?.text === '/' && (isDecimal(tokens[i - 1]) || isDecimal(tokens[i + 1]))),
    instead: 'Trino keeps its digits, DuckDB makes a double of it: write 7e0',
  },
  {
    name: 'a divisor that may be 0',
    at: (tokens, positive) =>
      each(
        tokens,
        (i) =>
          ['/', '%'].includes(tokens[i]?.text ?? '') && !isNeverZero(operandAfter(tokens, i + 1), positive),
      ),
    instead:
      'Trino fails or answers Infinity, DuckDB NULL: nullif(x, 0), or say why it is not: -- never 0: x',
  },
  {
    name: 'mod by what may be 0',
    at: callsWhere(['mod'], (args) => !isNeverZero(args[1] ?? [], new Set())),
    instead: 'nullif(x, 0)',
  },
  {
    name: 'substr from 0',
    at: callsWhere(['substr', 'substring'], (args) => textOf(args[1] ?? []) === '0'),
    instead: 'Trino answers an empty text, DuckDB all of it',
  },
  {
    name: 'a look-around or back reference in a pattern',
    at: callsWhere(
      [
        'regexp_like',
        'regexp_extract',
        'regexp_replace',
        'regexp_extract_all',
        'regexp_count',
        'regexp_split',
      ],
      (args) => /\(\?<?[=!]|\\[1-9]/.test(args[1]?.[0]?.text ?? ''),
    ),
    instead: 'DuckDB’s patterns have none',
  },
  {
    name: 'EXCLUDE, REPLACE or COLUMNS of a star',
    at: (tokens) =>
      each(
        tokens,
        (i) =>
          (tokens[i]?.text === '*' &&
            ['exclude', 'replace', 'except'].includes(tokens[i + 1]?.text ?? '') &&
            tokens[i + 2]?.text === '(') ||
          isCall(tokens, i, 'columns'),
      ),
    instead: 'name the columns',
  },
  {
    name: 'GROUP BY of a name given in the same SELECT',
    at: groupedByAlias,
    instead:
      'Trino takes it for a column, and DuckDB when there is none for the expression: write the expression again',
  },
]
