import { beforeEach, describe, expect, it } from 'vitest'
import { commitLane } from '../../../shared/core/lane/commit.ts'
import { manifestKey } from '../../../shared/core/lane/manifest.ts'
import { settleMs } from '../../../shared/core/lane/progress.ts'
import {
  accepted,
  dawn,
  eventsPack,
  flushPack,
  laneSettings,
  markPack,
  minuteMs,
  sequence,
} from '../../support/lane-events.ts'
import { input, LaneWorld, laneBatch } from '../../support/lane-world.ts'
import { latestChange } from '../../support/latest-changes.ts'
import { rowByColumn } from '../../support/row-by-column.ts'

let world: LaneWorld

beforeEach(() => {
  world = new LaneWorld()
})

const one = (n: number, of = {}) => input(n, eventsPack([accepted(n, of)]))
const fail = (effect: string) => (called: string) => {
  if (called.startsWith(effect)) throw new Error(`no answer: ${effect}`)
}

describe('the protocol', () => {
  it('loads, sends rows, writes the segment, commits, publishes panes and then the lane', async () => {
    await commitLane(laneBatch(one(1)), world.context())
    // clicks by the minute, the account by minute and hour
    expect(world.effects).toEqual([
      'get manifest',
      'rows 1+0+0',
      'put segment',
      'commit manifest',
      'panes 3',
      'lane v1',
    ])
  })

  it('writes no segment of its own for a commit that is small', async () => {
    world = new LaneWorld({ ...laneSettings, inlineBytes: 3_000 })
    await commitLane(laneBatch(one(1)), world.context())
    expect(world.takeEffects()).toEqual([
      'get manifest',
      'rows 1+0+0',
      'commit manifest',
      'panes 3',
      'lane v1',
    ])
    await commitLane(laneBatch(one(1), one(2)), world.context())
    expect(world.effects.slice(0, 4)).toEqual(['get manifest', 'panes 3', 'lane v1', 'rows 1+0+0'])
  })

  it('reads a manifest that nothing stands behind, as older code wrote it', async () => {
    await commitLane(laneBatch(one(1)), world.context())
    const stored = world.objects.get(manifestKey(0))
    if (stored === undefined) throw new Error('nothing was committed')
    const line = stored.bytes.subarray(0, stored.bytes.indexOf(0x0a))
    expect(line.length).toBe(stored.bytes.length - 1)
    world.objects.set(manifestKey(0), { etag: stored.etag, bytes: line })
    const { counters } = await commitLane(laneBatch(one(1), one(2)), world.context())
    expect(counters).toMatchObject({ received: 2, accepted: 2 })
  })

  it('only revalidates a lane that it has in hand', async () => {
    const context = world.context()
    await commitLane(laneBatch(one(1)), context)
    world.takeEffects()
    await commitLane(laneBatch(one(2)), context)
    expect(world.effects).toEqual([
      'get manifest',
      'rows 1+0+0',
      'put segment',
      'commit manifest',
      'panes 3',
      'lane v2',
    ])
  })

  it('publishes the outbox of a lane that it had to load before it folds', async () => {
    await commitLane(laneBatch(one(1)), world.context())
    world.takeEffects()
    await commitLane(laneBatch(one(2)), world.context())
    expect(world.effects.slice(0, 5)).toEqual([
      'get manifest',
      'get segment',
      'panes 3',
      'lane v1',
      'rows 1+0+0',
    ])
  })

  it('does not fold what is applied already, record by record', async () => {
    const context = world.context()
    await commitLane(laneBatch(one(1), one(2)), context)
    const { counters, version } = await commitLane(laneBatch(one(2), one(3)), context)
    expect(counters).toMatchObject({ received: 3, accepted: 3 })
    expect(version).toBe(2)
    expect(world.rows.events).toHaveLength(3)
  })

  it('commits nothing when everything is applied already', async () => {
    const context = world.context()
    await commitLane(laneBatch(one(1)), context)
    world.takeEffects()
    const result = await commitLane(laneBatch(one(1)), context)
    expect(result).toMatchObject({ version: 1, firstLeft: undefined })
    expect(world.effects).toEqual(['get manifest'])
  })

  it('keeps a fence for each lane shard', async () => {
    const context = world.context()
    await commitLane(laneBatch(one(7)), context)
    const other = { ...laneBatch(one(3)), laneShard: '1/shardId-000000000001' }
    expect((await commitLane(other, context)).counters.received).toBe(2)
  })
})

describe('a conflict', () => {
  it('loads again and folds onto what the other committed', async () => {
    const [mine, other] = [world.context(), world.context()]
    await commitLane(laneBatch(one(1)), mine)
    await commitLane({ ...laneBatch(one(2)), laneShard: 'other' }, other)
    let stolen = false
    const stealing = world.context({ cache: mine.cache })
    const { lake } = stealing
    const racing = {
      ...stealing,
      lake: {
        send: async (rows: Parameters<typeof lake.send>[0]) => {
          await lake.send(rows)
          if (stolen) return
          stolen = true
          await commitLane({ ...laneBatch(one(4)), laneShard: 'other' }, other)
        },
      },
    }
    const result = await commitLane(laneBatch(one(3)), racing)
    expect(result).toMatchObject({ conflicts: 1, version: 4 })
    expect(result.counters.received).toBe(4)
    expect(world.total('clicks')).toBe(4)
  })

  it('that never ends is left to a retry of the batch', async () => {
    const context = world.context()
    const losing = {
      ...context,
      objects: { ...context.objects, compareAndSet: async () => 'conflict' as const },
    }
    await expect(commitLane(laneBatch(one(1)), losing)).rejects.toThrow('attempts lost to others')
    expect(losing.cache.size).toBe(0)
  })
})

describe('a fault', () => {
  it.each(['rows', 'put segment', 'commit manifest', 'panes', 'lane'])(
    'counts nothing twice and loses nothing when the answer to "%s" is lost',
    async (effect) => {
      const context = world.context()
      world.afterCall = fail(effect)
      await expect(commitLane(laneBatch(one(1)), context)).rejects.toThrow('no answer')
      world.afterCall = () => {}
      const { counters } = await commitLane(laneBatch(one(1)), context)
      expect(counters).toMatchObject({ received: 1, accepted: 1 })
      expect(world.total('clicks')).toBe(1)
      expect(new Set(world.rows.events.map(String)).size).toBe(1)
    },
  )

  it.each(['rows', 'put segment', 'commit manifest', 'panes', 'lane'])(
    'counts nothing twice and loses nothing when "%s" fails',
    async (effect) => {
      const context = world.context()
      world.beforeCall = fail(effect)
      await expect(commitLane(laneBatch(one(1)), context)).rejects.toThrow('no answer')
      world.beforeCall = () => {}
      const { counters } = await commitLane(laneBatch(one(1)), context)
      expect(counters).toMatchObject({ received: 1, accepted: 1 })
      expect(world.total('clicks')).toBe(1)
    },
  )

  it('commits nothing before the lake has taken every row', async () => {
    world.beforeCall = fail('rows')
    await expect(commitLane(laneBatch(one(1)), world.context())).rejects.toThrow()
    expect(world.objects.size).toBe(0)
  })
})

describe('settings', () => {
  const other = { ...laneSettings, gapMs: 5 * minuteMs }
  const packed = (n: number, minute: number, settings = laneSettings) =>
    input(n, { ...eventsPack([accepted(n, { eventTime: dawn + minute * minuteMs })]), settings })
  const sessionsIn = (rows: readonly Buffer[]) => new Set(rows.map((row) => rowByColumn(row).session_id)).size

  it('are those of the pack, so that code that has others sends the same rows again', async () => {
    const [first, second] = [packed(1, 0), packed(2, 10)]
    world.afterCall = fail('rows')
    await expect(commitLane(laneBatch(first, second), world.context())).rejects.toThrow()
    world.afterCall = () => {}
    await commitLane(laneBatch(first, second), world.context({ settings: other }))
    expect(world.rows.events.slice(2)).toEqual(world.rows.events.slice(0, 2))
    expect(sessionsIn(world.rows.events)).toBe(1)
  })

  it('that a deploy changes hold from the first pack of the new code on', async () => {
    const packs = [packed(1, 0), packed(2, 10), packed(3, 20, other), packed(4, 24, other)]
    await commitLane(laneBatch(...packs), world.context())
    expect(sessionsIn(world.rows.events.slice(0, 2))).toBe(1)
    expect(sessionsIn(world.rows.events.slice(2))).toBe(1)
    expect(sessionsIn(world.rows.events)).toBe(2)
  })

  describe('with a longer horizon in packs than in the code that folds', () => {
    const settings = { ...laneSettings, horizonMs: 180 * minuteMs }
    const at = (n: number, minute: number) =>
      input(n, {
        ...eventsPack([accepted(n, { id: 'same', receivedAt: dawn + minute * minuteMs })]),
        settings,
      })
    const marks = (n: number, minute: number, of = {}) => {
      const arrival = dawn + minute * minuteMs
      return [
        input(n, { ...markPack({ n, arrival }), ...of }, arrival),
        input(n + 1, { ...markPack({ n: n + 1, arrival: arrival + settleMs }), ...of }, arrival + settleMs),
      ]
    }

    it.each([
      ['warm', true],
      ['loaded anew', false],
    ])('let a lane that is %s know an id for that long', async (_, isWarm) => {
      const context = world.context()
      await commitLane(laneBatch(at(1, 0)), context)
      await commitLane(laneBatch(...marks(2, 121, { settings })), context)
      // Something else to write, so that dead segments are dropped.
      await commitLane(laneBatch(one(4, { receivedAt: dawn + 121 * minuteMs })), context)
      const { counters } = await commitLane(laneBatch(at(5, 121)), isWarm ? context : world.context())
      expect(counters).toMatchObject({ received: 3, accepted: 2, duplicate: 1 })
    })

    it('keep a segment of a shorter horizon as long as the lane remembers its ids', async () => {
      const context = world.context()
      await commitLane(laneBatch(one(1, { id: 'same' })), context)
      await commitLane(laneBatch(...marks(2, 121, { settings })), context)
      const { counters } = await commitLane(laneBatch(at(5, 121)), world.context())
      expect(counters).toMatchObject({ accepted: 1, duplicate: 1 })
    })

    it('keep a segment of code that did not note its last minute', async () => {
      await commitLane(laneBatch(at(1, 0)), world.context())
      const [key, stored] = [...world.objects].find(([name]) => name.endsWith('manifest.json')) ?? []
      if (key === undefined || stored === undefined) throw new Error('no manifest')
      const manifest = JSON.parse(Buffer.from(stored.bytes).toString())
      for (const segment of manifest.segments) delete segment.lastMinute
      world.objects.set(key, { ...stored, bytes: Buffer.from(JSON.stringify(manifest)) })
      await commitLane(laneBatch(...marks(2, 121, { settings })), world.context())
      const { counters } = await commitLane(laneBatch(at(5, 121)), world.context())
      expect(counters).toMatchObject({ accepted: 1, duplicate: 1 })
    })

    it('keep what is merged into a segment without an event of its own', async () => {
      const perSession = { name: 'sessions', kind: 'count', every: ['1m'], by: [] } as const
      const sessionMetrics = {
        sessionDescriptors: [perSession],
        measureSession: () => [{ metric: 0, value: 1, dims: [] }],
      }
      const context = world.context({ sessionMetrics })
      await commitLane(laneBatch(at(1, 0)), context)
      for (const n of [2, 3, 4, 5, 6, 7]) await commitLane(laneBatch(one(n)), context)
      await commitLane(laneBatch(...marks(8, 60, { settings })), context)
      expect([...world.objects.keys()].filter((key) => key.includes('/segments/'))).toHaveLength(1)
      await commitLane(laneBatch(...marks(10, 170, { settings })), context)
      const { counters } = await commitLane(laneBatch(at(12, 170)), world.context({ sessionMetrics }))
      expect(counters).toMatchObject({ accepted: 7, duplicate: 1 })
    })
  })

  it('say after how many versions orphaned segments are looked for', async () => {
    const context = world.context({ settings: { ...laneSettings, sweepEvery: 3 } })
    for (const n of [1, 2, 3, 4]) await commitLane(laneBatch(one(n)), context)
    expect(world.effects.filter((effect) => effect === 'list')).toHaveLength(1)
    expect(world.effects.indexOf('list')).toBeGreaterThan(world.effects.indexOf('lane v2'))
    expect(world.effects.indexOf('list')).toBeLessThan(world.effects.indexOf('lane v3'))
  })
})

describe('time running out', () => {
  it('commits what is folded and names the first record that is left', async () => {
    let asked = 0
    const context = world.context({ isOutOfTime: () => ++asked > 2 })
    const result = await commitLane(laneBatch(one(1), one(2), one(3), one(4)), context)
    expect(result.firstLeft).toBe(sequence(3))
    expect(result.counters.received).toBe(2)
    const rest = await commitLane(laneBatch(one(3), one(4)), world.context())
    expect(rest.counters.received).toBe(4)
  })

  it('before the first record commits nothing', async () => {
    const context = world.context({ isOutOfTime: () => true })
    const result = await commitLane(laneBatch(one(1)), context)
    expect(result.firstLeft).toBe(sequence(1))
    expect(world.effects).toEqual(['get manifest'])
  })
})

describe('an import that changes very many panes', () => {
  const { maxPutsPerCommit } = laneSettings
  // An event a minute, so that each has panes of its own.
  const spread = (n: number, count: number, of: (index: number) => object = () => ({})) =>
    eventsPack(
      Array.from({ length: count }, (_, index) => {
        const eventTime = dawn - (n * count + index) * minuteMs
        return accepted(n, { index, id: `${n}-${index}`, eventTime, ...of(index) })
      }),
    )
  const largest = (effect: string) => {
    const sizes = world.effects.filter((text) => text.startsWith(`${effect} `))
    return Math.max(...sizes.map((text) => Number(text.split(' ')[1])))
  }
  const foldAll = async (inputs: readonly ReturnType<typeof input>[]) => {
    const context = world.context()
    let commits = 0
    for (let left = inputs; left.length > 0; commits++) {
      const { firstLeft } = await commitLane(laneBatch(...left), context)
      left = firstLeft === undefined ? [] : left.filter(({ sequenceNumber }) => sequenceNumber >= firstLeft)
    }
    return commits
  }

  it('is committed in parts that can be published, and the rest comes again', async () => {
    const perRecord = maxPutsPerCommit / 4
    const inputs = Array.from({ length: 20 }, (_, place) => input(place + 1, spread(place + 1, perRecord)))
    const { firstLeft } = await commitLane(laneBatch(...inputs), world.context())
    expect(firstLeft).toBe(sequence(5))
    expect(await foldAll(inputs)).toBe(4)
    expect(largest('panes')).toBeLessThan(maxPutsPerCommit + perRecord)
    expect(world.total('clicks')).toBe(20 * perRecord)
    expect(world.lanes.at(-1)?.counters.accepted).toBe(20 * perRecord)
  })

  it('counts latest values too', async () => {
    const latest = (n: number) => (index: number) => ({
      eventTime: dawn,
      latest: [latestChange(`${n}-${index}`, 1)],
    })
    const inputs = [1, 2, 3].map((n) => input(n, spread(n, maxPutsPerCommit / 2, latest(n))))
    const { firstLeft } = await commitLane(laneBatch(...inputs), world.context())
    expect(firstLeft).toBe(sequence(3))
    expect(largest('latest')).toBe(maxPutsPerCommit)
  })

  it('goes on although a single record changes more', async () => {
    const inputs = [1, 2].map((n) => input(n, spread(n, maxPutsPerCommit)))
    expect(await foldAll(inputs)).toBe(2)
    expect(world.total('clicks')).toBe(2 * maxPutsPerCommit)
  })
})

describe('a lane with nothing open', () => {
  const mark = (n: number, ms: number) => input(n, markPack({ n, arrival: dawn + ms }), dawn + ms)

  it('commits its clock, in a manifest without a segment', async () => {
    const result = await commitLane(laneBatch(mark(1, 0), mark(2, settleMs)), world.context())
    expect(result).toMatchObject({ version: 1, clock: dawn })
    expect(world.effects).toEqual(['get manifest', 'rows 0+0+0', 'commit manifest', 'panes 0', 'lane v1'])
    expect(world.lanes.at(-1)).toMatchObject({ clock: dawn, version: 1 })
  })

  // A lane nobody has visited yet has nothing in S3 to revalidate; if it forgot its marks, no window were ever complete.
  it('that never committed learns its clock from marks that come in batches of their own', async () => {
    const context = world.context()
    await commitLane(laneBatch(mark(1, 0)), context)
    const result = await commitLane(laneBatch(mark(2, settleMs)), context)
    expect(result.clock).toBe(dawn)
  })

  it('that has committed learns its clock from marks that come in batches of their own', async () => {
    const context = world.context()
    await commitLane(laneBatch(input(1, flushPack(1))), context)
    await commitLane(laneBatch(mark(2, 0)), context)
    const result = await commitLane(laneBatch(mark(3, settleMs)), context)
    expect(result.clock).toBe(dawn)
  })

  it('commits as soon as an event comes', async () => {
    const context = world.context()
    await commitLane(laneBatch(mark(1, 0), mark(2, settleMs)), context)
    const result = await commitLane(laneBatch(one(3, { receivedAt: dawn + minuteMs })), context)
    expect(result).toMatchObject({ version: 2 })
  })

  it('calls an event late whether or not it was loaded anew since its clock moved', async () => {
    const late = one(9, { receivedAt: dawn + minuteMs, eventTime: dawn - 16 * minuteMs })
    const flush = (n: number) => laneBatch(input(n, flushPack(n, { id: `f${n}` })))
    const lateFlags = async (isWarm: boolean): Promise<boolean[]> => {
      world = new LaneWorld()
      const first = world.context()
      await commitLane(flush(1), first)
      await commitLane(laneBatch(mark(2, 0), mark(3, settleMs)), first)
      const second = isWarm ? first : world.context()
      await commitLane(laneBatch(late), second)
      await commitLane(flush(10), second)
      return world.rows.sessions.map((row) => rowByColumn(row).late)
    }
    expect(await lateFlags(true)).toEqual([true])
    expect(await lateFlags(false)).toEqual([true])
  })

  it('commits a clock that moves while a session is open', async () => {
    const context = world.context()
    await commitLane(laneBatch(one(1)), context)
    const result = await commitLane(laneBatch(mark(2, 0), mark(3, settleMs)), context)
    expect(result.version).toBe(2)
  })

  it('commits a flush that waits for other shards', async () => {
    const shards = ['a', 'b'].map((id) => ({ id, parents: [], open: true }))
    const result = await commitLane(
      laneBatch(input(1, flushPack(1, { shard: 'a', shards }))),
      world.context(),
    )
    expect(result.version).toBe(1)
  })
})

describe('what the lane publishes of itself', () => {
  it('is its earliest open start, its clock, its counters and the flush it acted on', async () => {
    const context = world.context()
    await commitLane(laneBatch(one(1, { eventTime: dawn + 90_000 })), context)
    expect(world.lanes.at(-1)).toEqual({
      lane: 0,
      lanes: 1,
      version: 1,
      earliestOpenStart: dawn + minuteMs,
      counters: { received: 1, accepted: 1, quarantined: 0, duplicate: 0, sessionsClosed: 0 },
    })
    await commitLane(laneBatch(input(2, flushPack(2, { id: 'f' }))), context)
    expect(world.lanes.at(-1)).toMatchObject({ flushed: 'f', version: 2, counters: { sessionsClosed: 1 } })
    expect(world.lanes.at(-1)).not.toHaveProperty('earliestOpenStart')
  })
})

it('refuses a state of another number of lanes, and says what to do', async () => {
  await commitLane(laneBatch(one(1)), world.context())
  await expect(commitLane(laneBatch(one(2)), world.context({ lanes: 2 }))).rejects.toThrow(
    'set LANES back to 1',
  )
})
