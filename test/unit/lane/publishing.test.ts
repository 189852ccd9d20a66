import { beforeEach, describe, expect, it } from 'vitest'
import { commitLane } from '../../../shared/core/lane/commit.ts'
import type { LaneSettings } from '../../../shared/core/lane/fold.ts'
import { settleMs } from '../../../shared/core/lane/progress.ts'
import { publishEveryOf } from '../../../shared/core/lane/publishing.ts'
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

  it('is published when it opens, and then every five minutes', async () => {
    const seen: number[] = []
    for (const [place, minute] of [0, 1, 4, 5, 6, 9, 10].entries()) {
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

  it('is published once its window is over, before the lane says so', async () => {
    await eventAt(1, 58)
    await eventAt(2, 59)
    await clockTo(10, dawn + 60 * minuteMs - 1, 60)
    expect(published()).toBe(1)
    world.takeEffects()
    await clockTo(20, dawn + 60 * minuteMs, 61)
    expect(published()).toBe(2)
    const effects = world.takeEffects()
    const over = world.lanes.find(({ clock = 0 }) => clock >= dawn + 60 * minuteMs)
    const told = effects.indexOf(`lane v${over?.version}`)
    // The hour that is over, and two of the account.
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

  it('is published by the next attempt when the publication failed, and then every five minutes again', async () => {
    await eventAt(1, 0)
    world.beforeCall = (effect) => {
      if (effect.startsWith('panes')) throw new Error('no answer')
    }
    await expect(eventAt(2, 5)).rejects.toThrow('no answer')
    world.beforeCall = () => {}
    await eventAt(3, 6)
    expect(published()).toBe(2)
    await eventAt(4, 11)
    expect(published()).toBe(4)
  })
})
