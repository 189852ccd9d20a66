import { describe, expect, it } from 'vitest'
import { toMarkdown, toText } from '../../bench/table.ts'

const table = {
  columns: ['', 'µs/event'],
  rows: [
    ['judge', '24.16'],
    ['  row', '9.79'],
  ],
}

describe('a table', () => {
  it('stands in columns in a terminal, numbers at the right', () => {
    expect(toText(table)).toBe('       µs/event\njudge     24.16\n  row      9.79')
  })

  it('shows what is part of what in Markdown too', () => {
    expect(toMarkdown(table)).toBe(
      '|  | µs/event |\n| --- | ---: |\n| judge | 24.16 |\n| &nbsp;&nbsp;row | 9.79 |',
    )
  })
})
