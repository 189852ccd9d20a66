import { describe, expect, it } from 'vitest'
import metrics from '../../../analytics/metrics.ts'
import { charts, lists, questionsOf } from '../../../local/page/panels.js'
import { boundsOf, dayMs, grainFor, hourMs, minuteMs, ranges, wordsOf } from '../../../local/page/ranges.js'

const definitions = new Map(Object.entries(metrics))

describe('the panels of the page', () => {
  it.each([...charts, ...lists].map((panel) => [panel.id, panel] as const))(
    '%s needs metrics and dimensions that there are',
    (_, { needs }) => {
      for (const [metric, dimensions] of Object.entries(needs)) {
        expect([...definitions.keys()]).toContain(metric)
        expect(definitions.get(metric)?.by).toEqual(expect.arrayContaining([...dimensions]))
      }
    },
  )

  it('ask once for each metric, for all the dimensions that any of them wants', () => {
    const questions = questionsOf([
      { needs: { views: [] } },
      { needs: { views: ['a'], other: [] } },
      { needs: { views: ['b', 'a'] } },
    ])
    expect([...questions]).toEqual([
      ['views', ['a', 'b']],
      ['other', []],
    ])
  })

  it('never break down visitors, since a visitor of two cells is one visitor', () => {
    expect(questionsOf([...charts, ...lists]).get('visitors')).toEqual([])
  })

  it('show the share of sessions that bounced over the whole range, not the mean of the windows', () => {
    const of = (...values: number[]) => ({
      grain: '1m',
      windows: values.map((value, at) => ({
        start: at * minuteMs,
        end: (at + 1) * minuteMs,
        complete: true,
        cells: [{ by: {}, value }],
      })),
    })
    const bounceRate = charts.find(({ id }) => id === 'bounce-rate')
    expect(bounceRate?.view({ visits: of(1, 99), bouncedVisits: of(1, 0) }).headline).toBe('1.0 %')
  })
})

describe('ranges', () => {
  it('end with the window that holds now, and begin a whole number of windows before', () => {
    const nowMs = Date.UTC(2026, 10, 21, 4, 7, 31)
    expect(boundsOf({ lengthMs: hourMs }, '1m', nowMs)).toEqual({
      fromMs: Date.UTC(2026, 10, 21, 3, 8),
      toMs: Date.UTC(2026, 10, 21, 4, 8),
    })
    expect(boundsOf({ lengthMs: 30 * dayMs }, '1d', nowMs).toMs).toBe(Date.UTC(2026, 10, 22))
  })

  it('hold a window that begins just now', () => {
    const nowMs = Date.UTC(2026, 10, 21, 4)
    expect(boundsOf({ lengthMs: hourMs }, '1m', nowMs).toMs).toBe(nowMs + minuteMs)
    expect(boundsOf({ lengthMs: hourMs }, '1m', nowMs - 1).toMs).toBe(nowMs)
  })

  it.each([
    ['1m', ['1m', '1h'], '1m'],
    ['1m', ['1h', '1d'], '1h'],
    ['1d', ['1m', '1h'], '1d'],
    ['1h', ['1d'], '1d'],
  ])('asks for %s of a metric that has %j as %s', (grain, grains, asked) => {
    expect(grainFor({ grain }, grains)).toBe(asked)
  })

  it('have words for every grain that the page asks for', () => {
    expect(ranges.map(({ grain }) => wordsOf(grain))).toEqual(['per minute', 'per hour', 'per day'])
  })
})
