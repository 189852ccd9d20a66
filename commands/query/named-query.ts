import { readdir, readFile } from 'node:fs/promises'
import { UserError } from '../command-line/user-error.ts'

export type ParameterType = 'timestamp' | 'integer' | 'text'

export type Parameter = {
  readonly name: string
  readonly type: ParameterType
  readonly defaultText: string
  readonly comment: string
}

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

const queriesFolder = new URL('../../analytics/queries/', import.meta.url)

export async function namedQueries(): Promise<NamedQuery[]> {
  const files = (await readdir(queriesFolder)).filter((file) => file.endsWith('.sql')).sort()
  return Promise.all(
    files.map(async (file) => parseNamedQuery(file, await readFile(new URL(file, queriesFolder), 'utf8'))),
  )
}

export function parseNamedQuery(file: string, text: string): NamedQuery {
  const fail = (problem: string): never => {
    throw new UserError(`analytics/queries/${file}: ${problem}`)
  }
  const header = text.split('\n').flatMap((line) => /^-- (\w+): (.+)$/.exec(line)?.slice(1, 3) ?? [])
  const entries = Array.from({ length: header.length / 2 }, (_, i) => [
    header[2 * i],
    header[2 * i + 1] ?? '',
  ])
  const valuesOf = (key: string) => entries.filter(([name]) => name === key).map(([, value]) => value ?? '')
  const parameters = valuesOf('parameter').map((line): Parameter => {
    const [, name = '', type = '', defaultText = '', comment = ''] =
      /^(\w+) (timestamp|integer|text) (.*?) ?\| (.+)$/.exec(line) ?? fail(`cannot read "parameter: ${line}"`)
    return { name, type: isParameterType(type) ? type : 'text', defaultText, comment }
  })
  const columns = valuesOf('column').map((line) => {
    const [, name = '', type = '', comment = ''] =
      /^(\w+) (\S+) \| (.+)$/.exec(line) ?? fail(`cannot read "column: ${line}"`)
    return { name, type, comment }
  })
  const question = valuesOf('question')[0] ?? fail('its header has no line "-- question: …"')
  return { name: file.replace(/\.sql$/, ''), question, parameters, columns, sql: text }
}

/** The SQL with literals in place of `:name`. Whatever stands in quotes or comments is left alone. */
export function bindParameters(
  query: NamedQuery,
  given: Readonly<Record<string, string | boolean | undefined>>,
): string {
  const literals = new Map(
    query.parameters.map((parameter) => [
      parameter.name,
      literal(parameter, String(given[parameter.name] ?? parameter.defaultText)),
    ]),
  )
  return query.sql.replace(/'(?:[^']|'')*'|--[^\n]*|::|:([a-z_]\w*)/g, (found, name: string | undefined) => {
    if (name === undefined) return found
    const value = literals.get(name)
    if (value === undefined)
      throw new UserError(
        `analytics/queries/${query.name}.sql: ":${name}" has no line "-- parameter: ${name} …"`,
      )
    return value
  })
}

function literal({ name, type }: Parameter, text: string): string {
  switch (type) {
    case 'integer':
      if (!/^-?\d{1,18}$/.test(text))
        throw new UserError(`--${name} takes a whole number, not ${quote(text)}`)
      return text
    case 'timestamp': {
      const time = /^\d{4}-\d\d-\d\d(?:[ T]\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?Z?)?$/.test(text)
        ? new Date(text.length === 10 || text.endsWith('Z') ? text : `${text}Z`)
        : undefined
      if (!time || Number.isNaN(time.getTime()))
        throw new UserError(
          `--${name} takes a UTC time such as 2026-11-21 or 2026-11-21T08:30, not ${quote(text)}`,
        )
      return `TIMESTAMP '${time.toISOString().replace('T', ' ').replace('Z', '')}'`
    }
    case 'text':
      return `'${text.replaceAll("'", "''")}'`
  }
}

const isParameterType = (type: string): type is ParameterType =>
  type === 'timestamp' || type === 'integer' || type === 'text'

const quote = (text: string): string => JSON.stringify(text)
