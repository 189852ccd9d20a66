import { describe, expect, it } from 'vitest'
import type { CatalogueEntry } from '../../../shared/core/metric/catalogue.ts'
import { hash64Hex } from '../../../shared/core/metric/hash64.ts'
import { addToPane, openPane, type Pane } from '../../../shared/core/metric/pane.ts'
import { type MetricQuery, readMetric, storedGrainFor } from '../../../shared/core/metric/read.ts'
import { allowedLatenessMs, sessionGapMs } from '../../../shared/core/window/timing.ts'

const minute = 60_000

const metric: CatalogueEntry = {
  name: 'pageViews',
  kind: 'count',
  of: 'page',
  grains: ['1m', '1h'],
  by: ['country', 'channel'],
  description: '',
  unit: '',
}

const query = (overrides: Partial<MetricQuery> = {}): MetricQuery => ({
  metric,
  grain: '1m',
  fromMs: 0,
  toMs: 2 * minute,
  by: ['country', 'channel'],
  ...overrides,
})

const pane = (
  windowStart: number,
  cells: readonly (readonly [string, string, number])[],
  generation = 1,
): Pane => {
  const opened = openPane({
    descriptor: { name: metric.name, kind: metric.kind, by: metric.by },
    grain: '1m',
    windowStart,
    generation,
  })
  for (const [country, channel, value] of cells) addToPane(opened, { dims: [country, channel], value })
  return opened
}

describe('readMetric', () => {
  it('adds up panes of all lanes and generations, cell by cell', () => {
    const panes = [
      pane(0, [['FR', 'paid', 1]], 1),
      pane(0, [['FR', 'paid', 2]], 9),
      pane(0, [['DE', 'paid', 5]]),
    ]
    expect(readMetric(query(), panes, []).windows[0]?.cells).toEqual([
      { by: { country: 'DE', channel: 'paid' }, value: 5 },
      { by: { country: 'FR', channel: 'paid' }, value: 3 },
    ])
  })

  it('shows every window of the range, also those in which nothing happened', () => {
    const { windows } = readMetric(query({ toMs: 3 * minute }), [pane(minute, [['FR', '', 1]])], [])
    expect(windows.map(({ start, end, cells }) => [start, end, cells.length])).toEqual([
      [0, minute, 0],
      [minute, 2 * minute, 1],
      [2 * minute, 3 * minute, 0],
    ])
  })

  it('merges the dimensions away that were not asked for', () => {
    const panes = [
      pane(0, [
        ['FR', 'paid', 1],
        ['FR', 'social', 2],
        ['DE', 'paid', 4],
      ]),
    ]
    expect(readMetric(query({ by: ['country'] }), panes, []).windows[0]?.cells).toEqual([
      { by: { country: 'DE' }, value: 4 },
      { by: { country: 'FR' }, value: 3 },
    ])
    expect(readMetric(query({ by: [] }), panes, []).windows[0]?.cells).toEqual([{ by: {}, value: 7 }])
  })

  it('merges wider windows from finer panes', () => {
    const panes = [
      pane(0, [['FR', '', 1]]),
      pane(14 * minute, [['FR', '', 2]]),
      pane(15 * minute, [['FR', '', 4]]),
    ]
    const { windows } = readMetric(query({ grain: '15m', toMs: 30 * minute, by: [] }), panes, [])
    expect(windows.map(({ cells }) => cells[0]?.value)).toEqual([3, 4])
  })

  it('counts a visitor of two lanes once', () => {
    const visitors: CatalogueEntry = { ...metric, name: 'visitors', kind: 'unique', by: [] }
    const laneOf = (ids: readonly string[]): Pane => {
      const opened = openPane({ descriptor: { ...visitors }, grain: '1m', windowStart: 0, generation: 1 })
      for (const id of ids) addToPane(opened, { dims: [], value: hash64Hex(id) })
      return opened
    }
    const answer = readMetric(
      query({ metric: visitors, by: [] }),
      [laneOf(['a', 'b']), laneOf(['b', 'c'])],
      [],
    )
    expect(answer.windows[0]?.cells).toEqual([{ by: {}, value: 3 }])
  })

  it('reads panes written when the metric had other dimensions', () => {
    const older = openPane({
      descriptor: { name: metric.name, kind: 'count', by: ['device', 'country'] },
      grain: '1m',
      windowStart: 0,
      generation: 1,
    })
    addToPane(older, { dims: ['tablet', 'FR'], value: 2 })
    expect(readMetric(query(), [older], []).windows[0]?.cells).toEqual([
      { by: { country: 'FR', channel: '' }, value: 2 },
    ])
  })

  it('leaves panes out that were written when the metric was of another kind', () => {
    const older = openPane({
      descriptor: { name: metric.name, kind: 'sum', by: [] },
      grain: '1m',
      windowStart: 0,
      generation: 1,
    })
    addToPane(older, { dims: [], value: '1000000' })
    expect(readMetric(query(), [older], []).windows[0]?.cells).toEqual([])
  })

  it('leaves the panes it read as they were', () => {
    const panes = [pane(0, [['FR', 'paid', 1]]), pane(0, [['FR', 'paid', 2]])]
    expect(readMetric(query(), panes, [])).toEqual(readMetric(query(), panes, []))
  })

  it('calls windows complete that the clock of every lane has passed by the allowed lateness', () => {
    const lanes = [{ lanes: 1, clock: minute + allowedLatenessMs + 1 }]
    expect(readMetric(query(), [], lanes).windows.map(({ complete }) => complete)).toEqual([true, false])
  })

  it('waits a session gap longer for a metric of sessions', () => {
    const visits = { ...metric, of: 'sessions' }
    const completeAt = (clock: number) =>
      readMetric(query({ metric: visits, toMs: minute }), [], [{ lanes: 1, clock }]).windows[0]?.complete
    expect(completeAt(minute + allowedLatenessMs + sessionGapMs)).toBe(false)
    expect(completeAt(minute + allowedLatenessMs + sessionGapMs + 1)).toBe(true)
  })
})

describe('storedGrainFor', () => {
  it.each([
    ['1m', '1m'],
    ['15m', '1m'],
    ['1h', '1h'],
    ['1d', '1h'],
  ] as const)('serves %s from %s', (asked, stored) => {
    expect(storedGrainFor(['1h', '1m'], asked)).toBe(stored)
  })

  it('has nothing finer than what is stored', () => {
    expect(storedGrainFor(['1h', '1d'], '15m')).toBeUndefined()
  })
})
