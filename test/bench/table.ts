import type { Cost } from './measure.ts'
import type { Table } from './part.ts'

export const costRow = (name: string, { us, timesFloor, low, high }: Cost): readonly string[] => [
  name,
  us.toFixed(2),
  timesFloor.toFixed(2),
  `${low.toFixed(2)} to ${high.toFixed(2)}`,
]

/** In columns, for a terminal. */
export const toText = ({ columns, rows }: Table): string => {
  const lines = [columns, ...rows]
  const widths = columns.map((_, place) => Math.max(...lines.map((row) => row[place]?.length ?? 0)))
  return lines
    .map((row) =>
      row
        .map((cell, place) => (place === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[place] ?? 0)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** Indented first cells, which show what is part of what, are indented in Markdown too. */
export const toMarkdown = ({ columns, rows }: Table): string => {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  const rule = columns.map((_, place) => (place === 0 ? '---' : '---:'))
  const body = rows.map((row) => row.map((cell) => cell.replace(/^ +/, indented)))
  return [line(columns), line(rule), ...body.map(line)].join('\n')
}

const indented = (spaces: string): string => '&nbsp;'.repeat(spaces.length)
