import { describe, expect, it } from 'vitest'
import { formatBytes, formatNumber } from '../../../local/page/format.js'
import { lakeTimeText } from '../../../local/page/moments.js'
import { givenIn } from '../../../local/page/query-form.js'
import { chartOf, csvOf, jsonOf, measuresOf } from '../../../local/page/result.js'

type Value = null | boolean | number | string

const hourMs = 3_600_000
const dayMs = 24 * hourMs

/** `day date,views bigint` and rows of it. */
const result = (columns: string, rows: Value[][]) => ({
  name: 'any',
  columns: columns.split(',').map((column) => {
    const [name = '', type = ''] = column.split(' ')
    return { name, type }
  }),
  rows,
  truncated: false,
  scannedBytes: 0,
  elapsedMs: 0,
})

const byDay = result('day date,sessions bigint,seconds double', [
  ['1970-01-03', 7, 1.5],
  ['1970-01-01', 5, null],
])
const byHourAndEvent = result('hour timestamp,event varchar,events bigint', [
  ['1970-01-01T00:00:00.000Z', 'a', 1],
  ['1970-01-01T00:00:00.000Z', 'b', 5],
  ['1970-01-01T01:00:00.000Z', 'a', 2],
])
const retention = result('cohort date,people bigint,period bigint,share double', [
  ['1970-01-01', 4, 0, 1],
  ['1970-01-01', 4, 1, 0.5],
  ['1970-01-08', 2, 0, 1],
])
const funnel = result('segment varchar,step bigint,event varchar,people bigint', [
  ['', 1, 'Seen', 8],
  ['', 2, 'Bought', 2],
])
const topPages = result('page varchar,views bigint', [
  ['/', 8],
  ['/b', 2],
  ['/c', null],
])

describe('a chart of a result', () => {
  it('is a line over time when the first column is a time, whatever the order of the rows', () => {
    expect(measuresOf(byDay)).toEqual(['sessions', 'seconds'])
    expect(chartOf(byDay, 'seconds')).toEqual({
      kind: 'lines',
      frame: {
        starts: [0, 2 * dayMs],
        open: [false, false],
        stepMs: 2 * dayMs,
        series: [{ label: 'seconds', values: [null, 1.5] }],
      },
    })
  })

  it('has a line for each value of the column that tells rows of one time apart, the largest first', () => {
    expect(chartOf(byHourAndEvent, 'events')).toMatchObject({
      frame: {
        stepMs: hourMs,
        series: [
          { label: 'b', values: [5, null] },
          { label: 'a', values: [1, 2] },
        ],
      },
    })
  })

  it('tells them apart by a number when no text does, and does not draw that number', () => {
    expect(measuresOf(retention)).toEqual(['people', 'share'])
    expect(chartOf(retention, 'share')).toMatchObject({
      frame: {
        series: [
          { label: '0', values: [1, 1] },
          { label: '1', values: [0.5, null] },
        ],
      },
    })
  })

  it('draws no more than five lines', () => {
    const rows = Array.from({ length: 14 }, (_, n): Value[] => [
      `1970-01-0${1 + Math.floor(n / 7)}`,
      `event ${n % 7}`,
      n,
    ])
    const chart = chartOf(result('day date,event varchar,n bigint', rows), 'n')
    expect(chart).toMatchObject({ frame: { series: { length: 5, 0: { label: 'event 6' } } } })
  })

  it('is bars in the order of the rows when the first column is no time', () => {
    expect(measuresOf(topPages)).toEqual(['views'])
    expect(chartOf(topPages, 'views')).toEqual({
      kind: 'bars',
      bars: [
        { name: '/', value: 8, part: 1 },
        { name: '/b', value: 2, part: 0.25 },
        { name: '/c', value: null, part: 0 },
      ],
    })
  })

  it('is bars when there is one time only', () => {
    const rows = byHourAndEvent.rows.slice(0, 2)
    expect(chartOf({ ...byHourAndEvent, rows }, 'events')).toMatchObject({
      bars: [{ name: '1970-01-01 00:00:00 · a' }, { name: '1970-01-01 00:00:00 · b' }],
    })
  })

  it('names bars by as many columns as tell them apart', () => {
    expect(measuresOf(funnel)).toEqual(['people'])
    expect(chartOf(funnel, 'people')).toMatchObject({
      bars: [{ name: '(none) · Seen' }, { name: '(none) · Bought' }],
    })
  })

  it('is none when there are no rows or no numbers', () => {
    expect(measuresOf(result('day date,n bigint', []))).toEqual([])
    expect(measuresOf(result('page varchar,is_bot boolean', [['/', true]]))).toEqual([])
  })

  it('is none when rows of one time cannot be told apart', () => {
    const twice: Value[][] = [
      ['1970-01-01', 'a', true],
      ['1970-01-01', 'a', false],
    ]
    expect(measuresOf(result('day date,event varchar,is_bot boolean', twice))).toEqual([])
    const counted = twice.map((row): Value[] => [...row, 1])
    expect(measuresOf(result('day date,event varchar,is_bot boolean,n bigint', counted))).toEqual([])
  })

  it('has no bar longer than its place, below zero neither', () => {
    const chart = chartOf(
      result('variation varchar,lift double', [
        ['a', 0],
        ['b', -0.5],
      ]),
      'lift',
    )
    expect(chart).toMatchObject({ bars: [{ part: 0 }, { part: 1 }] })
  })
})

describe('a result as a file', () => {
  const awkward = result('page varchar,views bigint,is_bot boolean', [
    ['a,"b"\n', 1.5, false],
    [null, null, true],
  ])

  it('is CSV with quotes where they are needed', () => {
    expect(csvOf(awkward)).toBe('page,views,is_bot\r\n"a,""b""\n",1.5,false\r\n,,true\r\n')
  })

  it('is JSON of row objects', () => {
    expect(JSON.parse(jsonOf(awkward))).toEqual([
      { page: 'a,"b"\n', views: 1.5, is_bot: false },
      { page: null, views: null, is_bot: true },
    ])
  })
})

describe('a form', () => {
  const parameters = [
    { name: 'from', type: 'timestamp', default: '1970-01-01', comment: '' },
    { name: 'title', type: 'text', default: 'all', comment: '' },
  ]
  const filledIn = (fields: Record<string, string>) => {
    const form = new FormData()
    for (const [name, text] of Object.entries(fields)) form.set(name, text)
    return givenIn({ name: 'any', question: '', parameters, columns: [] }, form)
  }

  it('gives what differs from the default, emptied fields too', () => {
    expect(filledIn({ from: '1970-01-01', title: 'all' })).toEqual({})
    expect(filledIn({ from: '2026-11-21', title: '' })).toEqual({ from: '2026-11-21', title: '' })
  })
})

describe('numbers and times of the lake', () => {
  it('keep the digits that matter', () => {
    expect([formatNumber(12_345), formatNumber(0.012345), formatNumber(null)]).toEqual([
      '12,345',
      '0.01235',
      '–',
    ])
    expect([formatBytes(999), formatBytes(1_234_567)]).toEqual(['999 bytes', '1.2 MB'])
  })

  it('are in UTC, with the year', () => {
    expect(lakeTimeText(Date.UTC(2015, 4, 18, 13), hourMs)).toBe('2015-05-18 13:00')
    expect(lakeTimeText(Date.UTC(2015, 4, 18), dayMs)).toBe('2015-05-18')
  })
})
