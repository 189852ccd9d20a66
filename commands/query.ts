import { parseArguments } from './command-line/parse-arguments.ts'
import { runCommand } from './command-line/run-command.ts'
import { csv, jsonRows, type PrintedTable, textTable } from './command-line/text-table.ts'
import { UserError } from './command-line/user-error.ts'
import { lakeFolder, openLake } from './lake/duckdb-lake.ts'
import { bindParameters, type NamedQuery, namedQueries } from './query/named-query.ts'

const usage = `Asks the lake, with DuckDB over the files in .weir/lake.

usage: npm run query -- NAME [--PARAMETER VALUE …]   a query of analytics/queries
       npm run query -- "SELECT …"                   SQL over raw, events, sessions, bad_events,
                                                     events_once, sessions_final
       npm run query                                 lists the named queries
options:
  --json       an array of row objects, and nothing else on stdout
  --csv        comma separated values with a header
  --lake DIR   another folder (default: WEIR_LAKE, or .weir/lake)
examples:
  npm run query -- top-pages --limit 5 --from 2015-05-18
  npm run query -- "SELECT event, count(*) AS n FROM events_once GROUP BY event" --json
`

const ownOptions = {
  json: { type: 'boolean' },
  csv: { type: 'boolean' },
  lake: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const

/** SQL has blanks; a single word is a name that was mistyped. */
function adHoc(asked: string, queries: readonly NamedQuery[]): string {
  if (/\s/.test(asked.trim())) return asked
  const names = queries.map(({ name }) => name).join(', ')
  throw new UserError(`no query is named ${JSON.stringify(asked)}; there are ${names}, or give SQL in quotes`)
}

const readable = (table: PrintedTable): string =>
  `${textTable(table)}\n(${table.rows.length} ${table.rows.length === 1 ? 'row' : 'rows'})\n`

function list(queries: readonly NamedQuery[]): string {
  const width = Math.max(...queries.map(({ name }) => name.length))
  return `named queries:\n${queries.map(({ name, question }) => `  ${name.padEnd(width)}  ${question}\n`).join('')}`
}

function describe({ name, question, parameters, columns }: NamedQuery): string {
  const lines = [question, '', `usage: npm run query -- ${name} [options]`, 'parameters:']
  for (const { name: parameter, type, defaultText, comment } of parameters)
    lines.push(`  ${`--${parameter} ${type.toUpperCase()}`.padEnd(18)}  ${comment} (default ${defaultText})`)
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
  const queries = await namedQueries()
  const asked = args.find((arg, index) => !arg.startsWith('-') && args[index - 1] !== '--lake')
  const named = queries.find(({ name }) => name === asked)
  const parameters = Object.fromEntries(named?.parameters.map(({ name }) => [name, { type: 'string' }]) ?? [])
  const { values, positionals } = parseArguments(args, { ...parameters, ...ownOptions })
  if (values.help) return print(named ? describe(named) : usage + list(queries))
  if (asked === undefined) return print(list(queries))
  if (positionals.length > 1)
    throw new UserError(
      `one query at a time: put the SQL in quotes (not understood: ${positionals.slice(1).join(' ')})`,
    )
  if (values.json && values.csv) throw new UserError('--json or --csv, not both')

  const sql = named ? bindParameters(named, values) : adHoc(asked, queries)
  const lake = await openLake(values.lake ?? lakeFolder())
  try {
    const table = await lake.query(sql)
    return print(values.json ? `${jsonRows(table)}\n` : values.csv ? csv(table) : readable(table))
  } finally {
    lake.close()
  }
})
