import { plan } from '../../../analytics/plan/plan.ts'
import type { Column } from '../../../shared/core/lake/column.ts'
import { lakeTables, partitionColumns, type Table, type TableName } from '../../../shared/core/lake/tables.ts'
import { viewColumns } from '../../../shared/core/lake/views.ts'
import { closing, onViews, opening } from './prose.ts'

const cell = (text: string): string => text.replaceAll('|', '\\|')
const code = (text: string): string => `\`${cell(text)}\``

const columnTable = (columns: readonly Column[]): string =>
  [
    '| column | type | meaning | unit | source | example |',
    '|---|---|---|---|---|---|',
    ...columns.map(
      ({ name, type, comment, unit, source, example }) =>
        `| ${[code(name), type, cell(comment), cell(unit), cell(source), code(example)].join(' | ')} |`,
    ),
  ].join('\n')

const tableSection = (table: Table): string =>
  [
    `### ${table.name}`,
    `${table.comment}. ${formats[table.format]} under \`${table.prefix}\`.`,
    ...(sameAs[table.name] === undefined
      ? [columnTable([...table.columns, ...partitionColumns(table)])]
      : [`The columns of ${sameAs[table.name]}, and`, columnTable(partitionColumns(table))]),
  ].join('\n\n')

const formats = { parquet: 'Parquet', json: 'JSON lines, gzipped,' }
const sameAs: Partial<Record<TableName, string>> = {
  events_daily: '[events](#events)',
  sessions_daily: '[sessions](#sessions)',
}

/** The text of docs/tables.md. */
export const tablesPage = (): string => {
  const tables = lakeTables(plan)
  const columns = viewColumns(tables)
  const added = (name: 'events_once' | 'sessions_final', base: readonly Column[]): string => {
    const known = new Set(base.map((column) => column.name))
    return `The columns of [${name === 'events_once' ? 'events](#events' : 'sessions](#sessions'}) without \`dt\` and \`hour\`, and\n\n${columnTable(
      columns[name].filter((column) => !known.has(column.name)),
    )}`
  }
  const sections = [
    opening,
    '## Views',
    `### events_once\n\n${onViews.events_once}\n\n${added('events_once', tables.events.columns)}`,
    `### sessions_final\n\n${onViews.sessions_final}\n\n${added('sessions_final', tables.sessions.columns)}`,
    `### visitors\n\n${onViews.visitors}\n\n${columnTable(columns.visitors)}`,
    '## Tables',
    ...Object.values(tables).map(tableSection),
    closing,
  ]
  return `${sections.join('\n\n')}\n`
}
