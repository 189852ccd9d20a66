/** A value as commands print it: what JSON can hold. */
export type PrintedValue =
  | null
  | boolean
  | number
  | string
  | readonly PrintedValue[]
  | { readonly [key: string]: PrintedValue }

export type PrintedTable = {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly PrintedValue[])[]
}

const maxCellCharacters = 80

/** Aligned columns under a ruled header; numbers to the right, long texts cut, no line longer than it must be. */
export function textTable({ columns, rows }: PrintedTable): string {
  const texts = rows.map((row) => row.map(cellText))
  const layout = columns.map((name, index) => ({
    width: Math.max(length(name), ...texts.map((row) => length(row[index] ?? ''))),
    isNumeric: rows.length > 0 && rows.every((row) => row[index] === null || typeof row[index] === 'number'),
  }))
  const line = (cells: readonly string[]) =>
    layout
      .map(({ width, isNumeric }, index) => {
        const cell = cells[index] ?? ''
        const blanks = ' '.repeat(width - length(cell))
        return isNumeric ? blanks + cell : cell + blanks
      })
      .join('  ')
      .trimEnd()
  const rule = layout
    .map(({ width }) => '─'.repeat(width))
    .join('  ')
    .trimEnd()
  return [line(columns), rule, ...texts.map(line)].join('\n')
}

/** RFC 4180: a header, CRLF, quotes where they are needed; NULL is empty. */
export function csv({ columns, rows }: PrintedTable): string {
  const quoted = (text: string) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)
  const field = (value: PrintedValue) => (value === null ? '' : quoted(plainText(value)))
  return [columns.map(quoted), ...rows.map((row) => row.map(field))]
    .map((fields) => `${fields.join(',')}\r\n`)
    .join('')
}

/** An array of row objects, one a line, so that a diff of two of them can be read. */
export function jsonRows({ columns, rows }: PrintedTable): string {
  const objects = rows.map((row) =>
    JSON.stringify(Object.fromEntries(columns.map((name, index) => [name, row[index]]))),
  )
  return objects.length === 0 ? '[]' : `[\n${objects.join(',\n')}\n]`
}

const plainText = (value: PrintedValue): string =>
  typeof value === 'string' ? value : (JSON.stringify(value) ?? '')

function cellText(value: PrintedValue): string {
  if (value === null) return 'NULL'
  // A line break or an escape sequence in an event must not disturb the terminal.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
  const text = plainText(value).replace(/[\u0000-\u001f\u007f-\u009f]/g, '·')
  const characters = [...text]
  return characters.length > maxCellCharacters
    ? `${characters.slice(0, maxCellCharacters - 1).join('')}…`
    : text
}

const length = (text: string): number => [...text].length
