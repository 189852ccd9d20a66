import { describe, expect, it } from 'vitest'
import { csv, jsonRows, textTable } from '../../../commands/command-line/text-table.ts'

describe('textTable', () => {
  it('aligns texts to the left and numbers to the right', () => {
    const table = {
      columns: ['page', 'views'],
      rows: [
        ['/', 12],
        ['/about', 3],
      ],
    }
    expect(textTable(table)).toBe(
      ['page    views', '──────  ─────', '/          12', '/about      3'].join('\n'),
    )
  })

  it('shows NULL, cuts long texts, and lets no control character through', () => {
    const table = { columns: ['text'], rows: [[null], ['x'.repeat(200)], ['a\n\u001b[31mb']] }
    const lines = textTable(table).split('\n')
    expect(lines[2]).toBe('NULL')
    expect(lines[3]).toBe(`${'x'.repeat(79)}…`)
    expect(lines[4]).toBe('a··[31mb')
    expect(lines).toHaveLength(5)
  })

  it('counts a character beyond 16 bits as one', () => {
    expect(
      textTable({
        columns: ['t', 'n'],
        rows: [
          ['😀', 1],
          ['ab', 2],
        ],
      }).split('\n')[2],
    ).toBe('😀   1')
  })

  it('shows the columns of an empty result', () => {
    expect(textTable({ columns: ['a', 'bc'], rows: [] })).toBe('a  bc\n─  ──')
  })
})

describe('csv', () => {
  it('quotes what needs it and leaves NULL empty', () => {
    const table = {
      columns: ['a', 'b,c'],
      rows: [
        ['say "hi"', null],
        ['two\nlines', ['x', 1]],
      ],
    }
    expect(csv(table)).toBe('a,"b,c"\r\n"say ""hi""",\r\n"two\nlines","[""x"",1]"\r\n')
  })
})

describe('jsonRows', () => {
  it('is an array of row objects, empty when there are none', () => {
    const table = {
      columns: ['a', 'b'],
      rows: [
        [1, null],
        ['x', [true]],
      ],
    }
    expect(JSON.parse(jsonRows(table))).toEqual([
      { a: 1, b: null },
      { a: 'x', b: [true] },
    ])
    expect(jsonRows({ columns: ['a'], rows: [] })).toBe('[]')
  })
})
