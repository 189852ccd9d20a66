import { beforeEach, describe, expect, it } from 'vitest'
import { commitLane } from '../../../shared/core/lane/commit.ts'
import type { LaneSettings } from '../../../shared/core/lane/fold.ts'
import type { LanePane } from '../../../shared/core/lane/lane-pane.ts'
import { settleMs } from '../../../shared/core/lane/progress.ts'
import { dueOf, publishEveryOf } from '../../../shared/core/lane/publishing.ts'
import type { LaneItem } from '../../../shared/core/metric/lane-item.ts'
import { openPane } from '../../../shared/core/metric/pane.ts'
import {
  accepted,
  dawn,
  eventsPack,
  flushPack,
  laneSettings,
  markPack,
  minuteMs,
} from '../../support/lane-events.ts'
import { input, LaneWorld, laneBatch } from '../../support/lane-world.ts'

const settings: LaneSettings = { ...laneSettings, publishEvery: publishEveryOf('sparingly') }
const hourly = { name: 'clicks', kind: 'count', every: ['1h'], by: [] } as const

it.each(['', 'sometimes'])('publishing %j is refused', (name) => {
  expect(() => publishEveryOf(name)).toThrow('it must be sparingly or at-once')
})

describe('an open pane of an hour', () => {
  let world: LaneWorld
  let context: ReturnType<LaneWorld['context']>

  beforeEach(() => {
    world = new LaneWorld(settings)
    context = world.context()
  })

  const eventAt = (n: number, minute: number) =>
    commitLane(laneBatch(input(n, eventsPack([accepted(n)], [hourly]), dawn + minute * minuteMs)), context)
  const publishedOf = (metric: string): number => {
    const items = [...world.panes.values()].filter(
      ({ pk, windowStart }) => pk.startsWith(`${metric}#1h#`) && windowStart === dawn,
    )
    return items.flatMap(({ cells = [] }) => [...cells]).reduce((sum, [, cell]) => sum + Number(cell), 0)
  }
  const published = () => publishedOf('clicks')
  /** Two marks, of which the second makes the first one count, each beside an event of another hour. */
  const clockTo = async (n: number, time: number, minute: number) => {
    for (const [place, later] of [0, settleMs].entries()) {
      const at = dawn + minute * minuteMs + later
      const other = eventsPack([accepted(n + 2 * place, { eventTime: dawn + 150 * minuteMs })], [hourly])
      const mark = markPack({ n: n + 2 * place + 1, arrival: time + place })
      const inputs = [input(n + 2 * place, other, at), input(n + 2 * place + 1, mark, at)]
      await commitLane(laneBatch(...inputs), context)
    }
  }

  it('is published when it opens, and then every ten minutes', async () => {
    const seen: number[] = []
    for (const [place, minute] of [0, 1, 9, 10, 11, 19, 20].entries()) {
      await eventAt(place + 1, minute)
      seen.push(published())
    }
    expect(seen).toEqual([1, 1, 1, 4, 4, 4, 7])
  })

  it('of the account never waits', async () => {
    await eventAt(1, 0)
    await eventAt(2, 1)
    expect(publishedOf('account')).toBe(2)
  })

  it('is published by the next commit that changes no pane: nothing waits in a lane that is quiet', async () => {
    await eventAt(1, 0)
    await eventAt(2, 1)
    expect(published()).toBe(1)
    await commitLane(laneBatch(input(3, markPack({ n: 3, arrival: dawn }), dawn + 2 * minuteMs)), context)
    expect(published()).toBe(2)
  })

  it('is published when the lane is about to say that its window is complete, before it says so', async () => {
    await eventAt(1, 60)
    await eventAt(2, 61)
    const complete = dawn + 60 * minuteMs + laneSettings.latenessMs + 1
    await clockTo(10, complete - 1, 62)
    expect(published()).toBe(1)
    world.takeEffects()
    await clockTo(20, complete, 63)
    expect(published()).toBe(2)
    const effects = world.takeEffects()
    const says = world.lanes.find(({ clock = 0 }) => clock >= complete)
    const told = effects.indexOf(`lane v${says?.version}`)
    // The hour that is complete, and two of the account.
    expect(effects[told - 1]).toBe('panes 3')
  })

  it('is published by a flush, and by one that only loads the lane', async () => {
    await eventAt(1, 0)
    await eventAt(2, 1)
    await commitLane(laneBatch(input(3, flushPack(3), dawn + 2 * minuteMs)), context)
    expect(published()).toBe(2)
    await eventAt(4, 3)
    await eventAt(5, 4)
    expect(published()).toBe(3)
    context = world.context()
    await commitLane(laneBatch(input(5, markPack({ n: 5, arrival: dawn }), dawn + 4 * minuteMs)), context)
    expect(published()).toBe(4)
  })

  it('is published by the next attempt when the publication failed, and then every ten minutes again', async () => {
    await eventAt(1, 0)
    world.beforeCall = (effect) => {
      if (effect.startsWith('panes')) throw new Error('no answer')
    }
    await expect(eventAt(2, 10)).rejects.toThrow('no answer')
    world.beforeCall = () => {}
    await eventAt(3, 11)
    expect(published()).toBe(2)
    await eventAt(4, 20)
    expect(published()).toBe(2)
    await eventAt(5, 21)
    expect(published()).toBe(5)
  })
})

describe('a pane of a minute', () => {
  const minutely = { ...hourly, every: ['1m'] } as const
  const startMs = dawn + 10 * minuteMs
  const gathered = startMs + minuteMs + 30_000

  it.each([
    ['while its events arrive: with every commit', gathered - 1, [1, 2, 3]],
    ['once they have: every ten minutes', gathered, [1, 1, 3]],
  ])('is published %s', async (_, arrivedMs, want) => {
    const world = new LaneWorld(settings)
    const context = world.context()
    let n = 0
    const event = (of: { eventTime: number; receivedAt: number }, laneArrival: number) =>
      commitLane(
        laneBatch(input(++n, eventsPack([accepted(n, { id: `e${n}`, ...of })], [minutely]), laneArrival)),
        context,
      )
    const seen: number[] = []
    // Another minute's event has brought the lane so far in arrival.
    await event({ eventTime: startMs + 20 * minuteMs, receivedAt: arrivedMs }, arrivedMs)
    for (const minute of [0, 9, 10]) {
      await event({ eventTime: startMs, receivedAt: arrivedMs }, arrivedMs + minute * minuteMs)
      const items = [...world.panes.values()].filter(
        ({ pk, windowStart }) => pk.startsWith('clicks#1m#') && windowStart === startMs,
      )
      seen.push(
        items.flatMap(({ cells = [] }) => [...cells]).reduce((sum, [, cell]) => sum + Number(cell), 0),
      )
    }
    expect(seen).toEqual(want)
  })
})

describe('of what waits is due', () => {
  const held = (metric: string): LanePane => {
    const pane = openPane({
      descriptor: { name: metric, kind: 'count', by: [] },
      grain: '1m',
      windowStart: dawn,
      generation: 1,
    })
    return { key: metric, pane, leavesAfter: 0, wholeAt: 1, publishedAt: dawn }
  }
  const end = dawn + minuteMs
  const { gapMs, latenessMs } = laneSettings
  const dueOfSaid = (said: Partial<LaneItem>): string[] =>
    dueOf(
      {
        outbox: ['clicks', 'visits', 'account'].map(held),
        flush: { done: [], waiting: {}, sealing: false },
        paneFloor: -1,
      },
      {
        at: dawn,
        every: publishEveryOf('sparingly'),
        arrivedBefore: dawn + 60 * minuteMs,
        said: { lanes: 4, ...said },
        settings: laneSettings,
        sessionMetrics: {
          sessionDescriptors: [{ name: 'visits', kind: 'count', every: ['1m'], by: [] }],
        },
      },
    ).map(({ key }) => key)

  it.each<[string, Partial<LaneItem>, string[]]>([
    ['nothing but the account while there is no clock', {}, ['account']],
    ['nothing more at the last moment of lateness', { clock: end + latenessMs }, ['account']],
    ['a metric of events after it', { clock: end + latenessMs + 1 }, ['clicks', 'account']],
    ['a metric of sessions not before the gap', { clock: end + latenessMs + gapMs }, ['clicks', 'account']],
    [
      'nor while a session is open that began in the window',
      { clock: end + latenessMs + gapMs + 1, earliestOpenStart: end - 1 },
      ['clicks', 'account'],
    ],
    [
      'but when the next one began later',
      { clock: end + latenessMs + gapMs + 1, earliestOpenStart: end },
      ['clicks', 'visits', 'account'],
    ],
  ])('%s', (_, said, want) => {
    expect(dueOfSaid(said)).toEqual(want)
  })
})
