import { bindParameters, type NamedQuery } from '../shared/core/lake/named-query.ts'
import { parameterFlag, typeText } from '../shared/core/lake/query-parameter.ts'
import { parseArguments } from './command-line/parse-arguments.ts'
import { runCommand } from './command-line/run-command.ts'
import { csv, jsonRows, textTable } from './command-line/text-table.ts'
import { UserError } from './command-line/user-error.ts'
import { type LakeAnswer, lakeFolder } from './lake/duckdb-lake.ts'
import { askFolder, askStage } from './query/ask.ts'
import { costLine } from './query/cost-line.ts'
import { namedQueries } from './query/named-query.ts'

const usage = `Asks the lake: with DuckDB over the files in .weir/lake, or Athena of a stage.

usage: npm run query -- NAME [--PARAMETER VALUE …]   a query of analytics/queries
       npm run query -- "SELECT …"                   SQL over raw, events, sessions, bad_events,
                                                     events_once, sessions_final, visitors
       npm run query                                 lists the named queries
options:
  --json        an array of row objects, and nothing else on stdout
  --csv         comma separated values with a header
  --lake DIR    another folder (default: WEIR_LAKE, or .weir/lake)
  --stage NAME  the lake of a stage, with Athena; local: of the running stack
examples:
  npm run query -- top-pages --limit 5 --from 2015-05-18
  npm run query -- "SELECT event, count(*) AS n FROM events_once GROUP BY event" --json
`

const ownOptions = {
  json: { type: 'boolean' },
  csv: { type: 'boolean' },
  lake: { type: 'string' },
  stage: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const

/** What follows these is no name of a query. */
const valued = ['--lake', '--stage']

/** SQL has blanks; a single word is a name. */
const isSql = (asked: string): boolean => /\s/.test(asked.trim())

function adHoc(asked: string, queries: readonly NamedQuery[]): string {
  if (isSql(asked)) return asked
  const names = queries.map(({ name }) => name).join(', ')
  throw new UserError(`no query is named ${JSON.stringify(asked)}; there are ${names}, or give SQL in quotes`)
}

const readable = (answer: LakeAnswer): string => `${textTable(answer)}\n${costLine(answer)}\n`

function list(queries: readonly NamedQuery[]): string {
  const width = Math.max(...queries.map(({ name }) => name.length))
  return `named queries:\n${queries.map(({ name, question }) => `  ${name.padEnd(width)}  ${question}\n`).join('')}`
}

function describe({ name, question, parameters, columns }: NamedQuery): string {
  const lines = [question, '', `usage: npm run query -- ${name} [options]`, 'parameters:']
  for (const parameter of parameters)
    lines.push(
      `  ${`${parameterFlag(parameter.name)} ${typeText(parameter)}`.padEnd(18)}  ${parameter.comment} (default ${parameter.defaultText || 'none'})`,
    )
  lines.push(
    'columns:',
    ...columns.map(({ name: column, type, comment }) => `  ${`${column} ${type}`.padEnd(24)}  ${comment}`),
  )
  return `${lines.join('\n')}\n`
}

function print(text: string): number {
  process.stdout.write(text)
  return 0
}

await runCommand(async (args) => {
  const asked = args.find((arg, index) => !arg.startsWith('-') && !valued.includes(args[index - 1] ?? ''))
  // A named query with a fault in it must not stand in the way of SQL.
  const queries = asked !== undefined && isSql(asked) ? [] : await namedQueries()
  const named = queries.find(({ name }) => name === asked)
  const flags = named?.parameters.map(({ name }) => ({ name, flag: parameterFlag(name).slice(2) })) ?? []
  const options = Object.fromEntries(flags.map(({ flag }) => [flag, { type: 'string' } as const]))
  const { values, positionals } = parseArguments(args, { ...options, ...ownOptions })
  if (values.help) return print(named ? describe(named) : usage + list(queries))
  if (asked === undefined) return print(list(queries))
  if (positionals.length > 1)
    throw new UserError(
      `one query at a time: put the SQL in quotes (not understood: ${positionals.slice(1).join(' ')})`,
    )
  if (values.json && values.csv) throw new UserError('--json or --csv, not both')
  if (values.lake && values.stage) throw new UserError('--lake or --stage, not both')

  const texts = new Map<string, unknown>(Object.entries(values))
  const given = flags.flatMap(({ name, flag }) => (texts.has(flag) ? [[name, String(texts.get(flag))]] : []))
  const sql = named ? bindParameters(named, Object.fromEntries(given)) : adHoc(asked, queries)
  const answer = values.stage
    ? await askStage(values.stage, sql)
    : await askFolder(values.lake ?? lakeFolder(), sql)
  return print(values.json ? `${jsonRows(answer)}\n` : values.csv ? csv(answer) : readable(answer))
})
