import { describe, expect, it } from 'vitest'
import { Fold, type LakeRows, type LaneSettings } from '../../../shared/core/lane/fold.ts'
import { emptyManifest } from '../../../shared/core/lane/manifest.ts'
import type { LaneEvent, LanePack } from '../../../shared/core/lane/pack.ts'
import { settleMs } from '../../../shared/core/lane/progress.ts'
import { LaneState } from '../../../shared/core/lane/state.ts'
import {
  accepted,
  clicks,
  dawn,
  eventsPack,
  flushPack,
  laneSettings,
  markPack,
  minuteMs,
  quarantined,
} from '../../support/lane-events.ts'
import { rowByColumn } from '../../support/row-by-column.ts'

const { horizonMs, latenessMs, gapMs } = laneSettings
const noSessionMetrics = { sessionDescriptors: [], measureSession: () => [] }

/** One commit's fold; the version moves as a commit would move it. */
const fold = (
  state: LaneState,
  packs: readonly LanePack[],
  settings: LaneSettings = laneSettings,
): LakeRows => {
  const folding = new Fold(state, settings, noSessionMetrics)
  for (const pack of packs) folding.fold(pack, arrivalIn(pack))
  state.version++
  return folding.rows
}

const arrivalIn = (pack: LanePack): number => (pack.kind === 'mark' ? pack.arrival : dawn)

const events = (...list: LaneEvent[]): LanePack => eventsPack(list)

/** Two marks, the first of which acts: the clock is then at `ms`, and every record below `n` is through. */
const clockTo = (ms: number, n: number): LanePack[] => [
  markPack({ n, arrival: ms }),
  markPack({ n: n + 1, arrival: ms + settleMs }),
]

const panesOf = (state: LaneState, metric: string) =>
  Array.from(state.panes.values(), ({ pane }) => pane)
    .filter((pane) => pane.metric === metric && pane.grain === '1m')
    .map(({ windowStart, generation, cells, by }) => ({
      windowStart,
      generation,
      by,
      cells: Object.fromEntries(cells),
    }))

const fresh = () => new LaneState(emptyManifest(0, 1))

describe('the account', () => {
  it('is of every event as exactly one of accepted, quarantined and duplicate', () => {
    const state = fresh()
    const rows = fold(state, [
      events(accepted(1, { id: 'x' }), quarantined(2), accepted(3, { id: 'x' }), accepted(4)),
    ])
    expect(state.counters).toEqual({
      received: 4,
      accepted: 2,
      quarantined: 1,
      duplicate: 1,
      sessionsClosed: 0,
    })
    expect(panesOf(state, 'account')[0]?.cells).toEqual({
      '["accepted",""]': 2,
      '["quarantined","not_json"]': 1,
      '["duplicate",""]': 1,
    })
    expect([rows.events.length, rows.bad.map(String)]).toEqual([2, ['{"bad":2}']])
    expect(panesOf(state, 'clicks')[0]?.cells).toEqual({ '[]': 2 })
  })

  it('leaves redeliveries out altogether', () => {
    const state = fresh()
    const copies = events(accepted(1), quarantined(2))
    fold(state, [copies])
    const rows = fold(state, [copies, events(accepted(1, { index: 1, id: 'other' }))])
    expect(state.counters).toMatchObject({ received: 3, accepted: 2, quarantined: 1, duplicate: 0 })
    expect([rows.events.length, rows.bad.length]).toEqual([1, 0])
  })

  it('counts the hour of arrival, whatever time the event claims', () => {
    const state = fresh()
    fold(state, [events(accepted(1, { receivedAt: dawn, eventTime: dawn - 50 * minuteMs }))])
    expect(panesOf(state, 'account')[0]?.windowStart).toBe(dawn)
    expect(panesOf(state, 'clicks')[0]?.windowStart).toBe(dawn - 50 * minuteMs)
  })
})

describe('a duplicate', () => {
  const twice = (laterMs: number): LaneState => {
    const state = fresh()
    fold(state, [events(accepted(1, { id: 'x' }), accepted(2, { id: 'x', receivedAt: dawn + laterMs }))])
    return state
  }

  it('is one exactly the horizon later', () => {
    expect(twice(horizonMs).counters).toMatchObject({ accepted: 1, duplicate: 1 })
  })

  it('is a new event a minute beyond the horizon', () => {
    expect(twice(horizonMs + minuteMs).counters).toMatchObject({ accepted: 2, duplicate: 0 })
  })

  it('is one exactly the horizon later also when the clock is as far', () => {
    const state = fresh()
    fold(state, [events(accepted(1, { id: 'x' })), ...clockTo(dawn + horizonMs, 2)])
    fold(state, [events(accepted(9, { id: 'x', receivedAt: dawn + horizonMs }))])
    expect(state.counters).toMatchObject({ accepted: 1, duplicate: 1 })
  })

  it('is no duplicate of another visitor\u2019s event of the same id', () => {
    const state = fresh()
    fold(state, [events(accepted(1, { id: 'x' }), accepted(2, { id: 'x', visitor: 'a:bert' }))])
    expect(state.counters).toMatchObject({ accepted: 2 })
  })

  it('is not made by an event that was quarantined', () => {
    const state = fresh()
    fold(state, [events(quarantined(1), accepted(2, { id: 'event-1' }))])
    expect(state.counters).toMatchObject({ accepted: 1, duplicate: 0 })
  })
})

describe('a pane', () => {
  it('is held while the clock is exactly the lateness past its window and its last touch', () => {
    const state = fresh()
    fold(state, [events(accepted(1))])
    fold(state, clockTo(dawn + minuteMs + latenessMs, 2))
    fold(state, [])
    expect(panesOf(state, 'clicks')).toHaveLength(1)
  })

  it('leaves a millisecond later, and a late event opens its next generation', () => {
    const state = fresh()
    fold(state, [events(accepted(1))])
    fold(state, clockTo(dawn + minuteMs + latenessMs + 1, 2))
    expect(panesOf(state, 'clicks')).toEqual([])
    fold(state, [events(accepted(9, { receivedAt: dawn + 20 * minuteMs, eventTime: dawn }))])
    expect(panesOf(state, 'clicks')).toEqual([
      { windowStart: dawn, generation: 30, by: [], cells: { '[]': 1 } },
    ])
  })

  it('that is touched in the fold that would evict it stays for the commit of it', () => {
    const state = fresh()
    fold(state, [events(accepted(1)), ...clockTo(dawn + minuteMs + latenessMs + 1, 2)])
    expect(panesOf(state, 'clicks')).toHaveLength(1)
    fold(state, [])
    expect(panesOf(state, 'clicks')).toEqual([])
  })

  it('of a metric whose dimensions change in mid-stream opens another generation in the same version', () => {
    const state = fresh()
    const changed = { ...clicks, by: ['country'] }
    const contributions = [{ metric: 0, value: 1, dims: ['FR'] }]
    fold(state, [events(accepted(1)), eventsPack([accepted(2, { contributions })], [changed])])
    expect(panesOf(state, 'clicks')).toEqual([
      { windowStart: dawn, generation: 10, by: [], cells: { '[]': 1 } },
      { windowStart: dawn, generation: 11, by: ['country'], cells: { '["FR"]': 1 } },
    ])
  })

  it('is not evicted while there are exactly as many as may be', () => {
    const state = fresh()
    fold(state, [events(accepted(1))])
    const maxPanes = state.panes.size
    fold(state, [], { ...laneSettings, maxPanes })
    expect(state.panes.size).toBe(maxPanes)
  })

  it('that was longest untouched leaves when there is one too many', () => {
    const state = fresh()
    const settings = { ...laneSettings, maxPanes: 3 }
    fold(state, [events(accepted(1), accepted(2, { receivedAt: dawn + minuteMs }))], settings)
    fold(state, [events(accepted(3, { receivedAt: dawn + 2 * minuteMs }))], settings)
    fold(state, [], settings)
    expect(panesOf(state, 'clicks').map(({ windowStart }) => windowStart)).toEqual([dawn + 2 * minuteMs])
  })

  // The median is the last version itself, so hot panes go too and each commit opens new generations of them.
  it('that the last commit touched does not leave when others are longer untouched', () => {
    const state = fresh()
    const settings = { ...laneSettings, maxPanes: 3 }
    fold(state, [events(accepted(1))], settings)
    const many = [1, 2, 3].map((n) =>
      accepted(n + 1, { receivedAt: dawn + n * minuteMs, eventTime: dawn + n * minuteMs }),
    )
    fold(state, [events(...many)], settings)
    fold(state, [], settings)
    expect(panesOf(state, 'clicks').length).toBeGreaterThan(0)
  })
})

describe('a session', () => {
  it('gives its id to the row of each event', () => {
    const state = fresh()
    const rows = fold(state, [events(accepted(1), accepted(2))])
    const ids = rows.events.map((row) => rowByColumn(row).session_id)
    expect(ids[0]).toBe(state.sessions.of('a:anna')[0]?.id)
    expect(ids[1]).toBe(ids[0])
    expect(rowByColumn(rows.events[1] ?? '')).toMatchObject({ event_id: 'event-2' })
  })

  it('stays open while the clock is exactly at its closing time, and closes a millisecond later, once', () => {
    const state = fresh()
    fold(state, [events(accepted(1))])
    expect(fold(state, clockTo(dawn + gapMs + latenessMs, 2)).sessions).toEqual([])
    const { sessions } = fold(state, clockTo(dawn + gapMs + latenessMs + settleMs + 1, 4))
    expect(sessions.map(rowByColumn)).toMatchObject([{ visitor: 'a:anna', events: 1, late: false }])
    expect(fold(state, clockTo(dawn + 10 * gapMs, 6)).sessions).toEqual([])
    expect(state.counters.sessionsClosed).toBe(1)
  })

  it('is not late when its event is exactly the lateness behind the clock, and is a millisecond further', () => {
    const state = fresh()
    fold(state, clockTo(dawn, 1))
    fold(state, [
      events(
        accepted(9, { visitor: 'a:just', eventTime: dawn - latenessMs }),
        accepted(10, { visitor: 'a:late', eventTime: dawn - latenessMs - 1 }),
      ),
    ])
    expect(state.sessions.of('a:just')[0]?.late).toBe(false)
    expect(state.sessions.of('a:late')[0]?.late).toBe(true)
  })
})

describe('a flush', () => {
  const shards = ['a', 'b'].map((id) => ({ id, parents: [], open: true }))

  it('acts when it has come from every open shard', () => {
    const state = fresh()
    fold(state, [events(accepted(1))])
    expect(fold(state, [flushPack(2, { shard: 'a', shards })]).sessions).toHaveLength(0)
    expect(fold(state, [flushPack(2, { shard: 'b', shards })]).sessions).toHaveLength(1)
    expect(state.flush.done).toEqual(['flush-1'])
  })

  it('that is delivered twice by one shard does not stand for another', () => {
    const state = fresh()
    fold(state, [
      events(accepted(1)),
      flushPack(2, { shard: 'a', shards }),
      flushPack(2, { shard: 'a', shards }),
    ])
    expect(state.flush.done).toEqual([])
  })

  it('does not wait for closed shards', () => {
    const state = fresh()
    const closed = shards.map((shard) => ({ ...shard, open: shard.id === 'a' }))
    fold(state, [flushPack(2, { shard: 'a', shards: closed })])
    expect(state.flush.done).toEqual(['flush-1'])
  })

  it('moves no clock and forgets no id', () => {
    const state = fresh()
    fold(state, [events(accepted(1, { id: 'x' })), flushPack(2), events(accepted(3, { id: 'x' }))])
    expect(state.clock).toBeUndefined()
    expect(state.counters).toMatchObject({ accepted: 1, duplicate: 1 })
  })

  it('seals every pane, so that a later event opens the next generation', () => {
    const state = fresh()
    fold(state, [events(accepted(1)), flushPack(2)])
    fold(state, [events(accepted(3))])
    expect(panesOf(state, 'clicks')).toEqual([
      { windowStart: dawn, generation: 20, by: [], cells: { '[]': 1 } },
    ])
  })
})
