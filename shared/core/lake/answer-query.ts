import { athenaValue } from './athena-value.ts'
import { bindParameters, type NamedQuery } from './named-query.ts'
import { type ParameterType, parameterFlag, refusal } from './query-parameter.ts'
import { type SqlEngine, SqlLimitError, type SqlResult } from './sql-engine.ts'

type Value = ReturnType<typeof athenaValue>
type Given = Readonly<Record<string, string>>

export type QueryEntry = {
  readonly name: string
  readonly question: string
  readonly parameters: readonly {
    readonly name: string
    readonly type: ParameterType
    /** Of a choice: what may be chosen. */
    readonly choices?: readonly string[]
    readonly default: string
    readonly comment: string
  }[]
  readonly columns: NamedQuery['columns']
}

export type QueryAnswer = {
  readonly name: string
  readonly columns: SqlResult['columns']
  readonly rows: readonly (readonly Value[])[]
  /** There are more rows than fit into an answer. */
  readonly truncated: boolean
  readonly scannedBytes: number
  readonly elapsedMs: number
}

export type AskAnswer =
  | { readonly status: 200; readonly body: { readonly queries: readonly QueryEntry[] } | QueryAnswer }
  | { readonly status: 400 | 404 | 504; readonly body: { readonly error: string } }

export type AskLimits = {
  readonly timeoutMs: number
  readonly maxScannedBytes: number
  readonly maxRows: number
  /** Of the rows as JSON. */
  readonly maxRowBytes: number
}

export type AskSettings = {
  readonly queries: readonly NamedQuery[]
  readonly stage: string
  readonly limits: AskLimits
}

/** `GET /v1/queries` (the catalogue) and `GET /v1/queries/{name}?parameter=…`, which runs one. */
export async function answerQuery(
  { path, parameters }: { readonly path: string; readonly parameters: Given },
  { queries, stage, limits }: AskSettings,
  engine: SqlEngine,
): Promise<AskAnswer> {
  const route = /^\/v1\/queries(?:\/([^/]*))?\/?$/.exec(path)
  if (route === null) return refuse(404, `no ${path}; there are /v1/queries and /v1/queries/{name}`)
  const name = route[1] ?? ''
  if (name === '') return { status: 200, body: { queries: queries.map(entryOf) } }
  const query = queries.find((known) => known.name === name)
  if (query === undefined)
    return refuse(404, `no query "${name}"; there are ${queries.map((known) => known.name).join(', ')}`)
  const problem = problemOf(query, parameters)
  if (problem !== undefined) return refuse(400, problem)
  try {
    // One row more than is answered tells whether there are more.
    const asked = { ...limits, maxRows: limits.maxRows + 1 }
    const result = await engine.run(bindParameters(query, parameters), asked)
    return { status: 200, body: { name, ...cutTo(limits, result) } }
  } catch (error) {
    if (!(error instanceof SqlLimitError)) throw error
    const command = commandLine(name, parameters, stage)
    return error.limit === 'time'
      ? refuse(504, `stopped after ${limits.timeoutMs / 1000} s; without that limit: ${command}`)
      : refuse(400, `reads more than ${limits.maxScannedBytes / 1e9} GB; without that limit: ${command}`)
  }
}

const refuse = (status: 400 | 404 | 504, error: string): AskAnswer => ({ status, body: { error } })

const entryOf = ({ name, question, parameters, columns }: NamedQuery): QueryEntry => ({
  name,
  question,
  parameters: parameters.map(({ name, type, choices, defaultText, comment }) => ({
    name,
    type,
    ...(choices.length > 0 && { choices }),
    default: defaultText,
    comment,
  })),
  columns,
})

/** What is wrong with the parameters that are given; the first of it. */
function problemOf(query: NamedQuery, given: Given): string | undefined {
  for (const [name, text] of Object.entries(given)) {
    const parameter = query.parameters.find((known) => known.name === name)
    const names = query.parameters.map((known) => known.name).join(', ') || 'none'
    if (parameter === undefined) return `${query.name} has no parameter "${name}"; it has ${names}`
    const wanted = refusal(parameter, text)
    if (wanted !== undefined) return `${name} takes ${wanted}`
  }
  return undefined
}

/** The rows that one answer can carry, as values. */
function cutTo({ maxRows, maxRowBytes }: AskLimits, result: SqlResult): Omit<QueryAnswer, 'name'> {
  const { columns, scannedBytes, elapsedMs } = result
  const rows: Value[][] = []
  let bytes = 0
  for (const texts of result.rows.slice(0, maxRows)) {
    const row = texts.map((text, index) => athenaValue(text, columns[index]?.type ?? ''))
    bytes += Buffer.byteLength(JSON.stringify(row)) + 1
    if (bytes > maxRowBytes) break
    rows.push(row)
  }
  return { columns, rows, truncated: rows.length < result.rows.length, scannedBytes, elapsedMs }
}

function commandLine(name: string, given: Given, stage: string): string {
  const flags = Object.entries(given).map(([name, text]) => `${parameterFlag(name)} ${shellWord(text)}`)
  return ['npm run query --', name, ...flags, '--stage', stage].join(' ')
}

const shellWord = (text: string): string =>
  /^[\w.,:/@-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
