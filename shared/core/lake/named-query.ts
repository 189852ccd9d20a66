import { literal, type Parameter, parseParameter } from './query-parameter.ts'

/**
 * A file of analytics/queries. Its header, comments of SQL, has one line for each of these:
 *   -- question: Which pages are seen most?
 *   -- parameter: limit integer 20 | how many pages          (name, type, default; in the text `:limit`)
 *   -- column: views bigint | how often it was seen
 */
export type NamedQuery = {
  readonly name: string
  readonly question: string
  readonly parameters: readonly Parameter[]
  readonly columns: readonly { readonly name: string; readonly type: string; readonly comment: string }[]
  readonly sql: string
}

/** `file` is the name without its folder: `top-pages.sql`. */
export function parseNamedQuery(file: string, text: string): NamedQuery {
  const fail = (problem: string): never => {
    throw new Error(`analytics/queries/${file}: ${problem}`)
  }
  const entries = Array.from(text.matchAll(/^-- (question|parameter|column): (.+)$/gm), ([, key, value]) => ({
    key,
    value: value ?? '',
  }))
  const valuesOf = (wanted: string) =>
    entries.filter(({ key }) => key === wanted).map(({ value }) => value.trim())
  const columns = valuesOf('column').map((line) => {
    const [, name = '', type = '', comment = ''] =
      /^(\w+) (\S+) \| (.+)$/.exec(line) ??
      fail(`cannot read "column: ${line}"; it goes "-- column: name type | comment"`)
    return { name, type, comment }
  })
  const question = valuesOf('question')[0] ?? fail('its header has no line "-- question: …"')
  const parameters = valuesOf('parameter').map((line) => parseParameter(line, fail))
  const query = { name: file.replace(/\.sql$/, ''), question, parameters, columns, sql: text }
  const unused = parameters.find(({ name }) => !parameterOrder(query).includes(name))
  if (unused) fail(`nothing uses its parameter "${unused.name}"; take the line out, or write :${unused.name}`)
  return query
}

/** The SQL with literals in place of `:name`: what is given, else the default. Throws for a value that does not fit. */
export function bindParameters(
  query: NamedQuery,
  given: Readonly<Record<string, string | undefined>> = {},
): string {
  const unknown = Object.keys(given).find((name) => query.parameters.every((known) => known.name !== name))
  if (unknown !== undefined)
    throw new Error(`${query.name} has no parameter "${unknown}"; it has ${namesOf(query) || 'none'}`)
  return replaceParameters(query, (parameter) =>
    literal(parameter, given[parameter.name] ?? parameter.defaultText),
  )
}

/** The SQL with a `?` for each occurrence of a parameter, for PREPARE. */
export const positionalSql = (query: NamedQuery): string => replaceParameters(query, () => '?')

/** Names of the parameters in the order in which they occur, each as often as it does. */
export function parameterOrder(query: NamedQuery): readonly string[] {
  const names: string[] = []
  replaceParameters(query, ({ name }) => {
    names.push(name)
    return '?'
  })
  return names
}

// Texts, quoted names and comments come first, so that what stands in them is left alone.
const tokens = /'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\/|::|:([a-z_]\w*)/g

function replaceParameters(query: NamedQuery, replacement: (parameter: Parameter) => string): string {
  return query.sql.replace(tokens, (found, name: string | undefined) => {
    if (name === undefined) return found
    const parameter = query.parameters.find((known) => known.name === name)
    if (parameter === undefined)
      throw new Error(
        `analytics/queries/${query.name}.sql: ":${name}" has no line "-- parameter: ${name} type default | comment"`,
      )
    return replacement(parameter)
  })
}

const namesOf = (query: NamedQuery): string => query.parameters.map(({ name }) => name).join(', ')
