import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { commitLane, type LaneInput } from '../../shared/core/lane/commit.ts'
import { keyWords } from '../../shared/core/lane/key-words.ts'
import { keysToKeep, type LoadedLane, loadLane } from '../../shared/core/lane/lane-store.ts'
import {
  inlineSegments,
  manifestKey,
  parseManifest,
  type SegmentRef,
  segmentKey,
  versionOfSegmentKey,
} from '../../shared/core/lane/manifest.ts'
import type { LanePack } from '../../shared/core/lane/pack.ts'
import { settleMs } from '../../shared/core/lane/progress.ts'
import {
  accepted,
  dawn,
  eventsPack,
  flushPack,
  laneSettings,
  markPack,
  minuteMs,
} from '../support/lane-events.ts'
import { input, LaneWorld, laneBatch } from '../support/lane-world.ts'

type Step = {
  readonly do: 'events' | 'mark' | 'flush'
  readonly minutes: number
  readonly visitors: readonly number[]
  readonly cold: boolean
  /** Of the code that packed it; undefined: packs carry no settings. */
  readonly horizonMinutes?: number
}

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    do: fc.constantFrom<Step['do']>('events', 'events', 'events', 'mark', 'mark', 'flush'),
    minutes: fc.constantFrom(0, 1, 7, 40, 70),
    visitors: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 4 }),
    cold: fc.boolean(),
    horizonMinutes: fc.constantFrom(60, 20, 180),
  }),
  { minLength: 1, maxLength: 40 },
)

/** Segments always objects, a few commits of them inline, nearly all. */
const inlineBytes = fc.constantFrom(0, 2_000, 20_000)

/** Lane records of a step: time moves on, and the raw shard with it. */
const inputsOf = (list: readonly Step[]): LaneInput[][] => {
  let now = dawn
  let n = 1
  return list.map((step) => {
    now += step.minutes * minuteMs
    const packs: LanePack[] = []
    if (step.do === 'events')
      packs.push(
        eventsPack(
          step.visitors.map((visitor) =>
            accepted(n++, {
              visitor: `a:${visitor}`,
              receivedAt: now,
              id: `${n % 7}`,
              eventTime: now - visitor * 9 * minuteMs,
            }),
          ),
        ),
      )
    if (step.do === 'mark')
      packs.push(
        markPack({ n: n++, arrival: now, issuedAt: now + n }),
        markPack({ n: n++, arrival: now + settleMs, issuedAt: now + n }),
      )
    if (step.do === 'flush') packs.push(flushPack(n++, { id: `flush-${n}`, receivedAt: now }))
    const settings = step.horizonMinutes && {
      settings: { ...laneSettings, horizonMs: step.horizonMinutes * minuteMs },
    }
    return packs.map((pack) =>
      input(n++, { ...pack, ...settings }, pack.kind === 'mark' ? pack.arrival : now),
    )
  })
}

/** All that the rules of a lane read of it. */
const seenFrom = ({ state }: LoadedLane) => ({
  version: state.version,
  counters: state.counters,
  clock: state.clock,
  flush: state.flush,
  progress: state.progress.snapshot(),
  recordsBeyond: state.progress.recordsBeyond,
  visitors: state.sessions.size,
  openSessions: state.sessions.count,
  earliestStart: state.sessions.earliestStart(),
  sessions: [0, 1, 2, 3].map((visitor) => state.sessions.of(`a:${visitor}`)),
  visitorVersions: [0, 1, 2, 3].map((visitor) => state.sessions.versionOf(`a:${visitor}`)),
  panes: Array.from(state.panes.values(), ({ key, pane, leavesAfter, wholeAt }) => ({
    key,
    version: pane.version,
    bytes: pane.bytes,
    cells: Object.fromEntries(pane.cells),
    leavesAfter,
    wholeAt,
  })).toSorted((a, b) => (a.key < b.key ? -1 : 1)),
  firstMinute: state.firstMinute,
  idCount: state.ids.count(),
  ids: [0, 1, 2, 3].flatMap((visitor) =>
    [0, 1, 2, 3, 4, 5, 6].map((id) => {
      return state.ids.minuteOf(keyWords(accepted(0, { visitor: `a:${visitor}`, id: `${id}` }).key))
    }),
  ),
})

const run = async (list: readonly Step[], forgetful: boolean, inlineBytes = 0): Promise<LaneWorld> => {
  const world = new LaneWorld({ ...laneSettings, inlineBytes })
  let context = world.context()
  for (const [place, inputs] of inputsOf(list).entries()) {
    if (forgetful && list[place]?.cold) context = world.context()
    await commitLane(laneBatch(...inputs), context)
    const warm = context.cache.get(0)
    if (warm === undefined || warm.etag === null) continue
    const read = await loadLane(context.objects, { lane: 0, lanes: 1 }, undefined)
    expect(seenFrom(read)).toEqual(seenFrom(warm))
  }
  return world
}

const published = (world: LaneWorld) => ({
  clicks: world.total('clicks'),
  account: world.total('account'),
  events: world.rows.events,
  sessions: world.rows.sessions.toSorted(),
})

describe('a lane', () => {
  it('read back from its segments is the lane in memory', async () => {
    await fc.assert(
      fc.asyncProperty(steps, inlineBytes, async (list, inline) => {
        await run(list, false, inline)
      }),
      { numRuns: 120 },
    )
  })

  it('that is loaded anew at any time comes to the same rows and panes as one that never was', async () => {
    await fc.assert(
      fc.asyncProperty(steps, inlineBytes, async (list, inline) => {
        expect(published(await run(list, true, inline))).toEqual(published(await run(list, false)))
      }),
      { numRuns: 90 },
    )
  })
})

describe('segments', () => {
  const step = (minutes: number, visitors: readonly number[] = [0]): Step => ({
    do: 'events',
    minutes,
    visitors,
    cold: false,
  })
  const mark = (minutes: number): Step => ({ do: 'mark', minutes, visitors: [0], cold: false })
  const keys = (world: LaneWorld) => [...world.objects.keys()].filter((key) => key.includes('/segments/'))

  it('are merged eight at a time, and the old ones deleted', async () => {
    const seven = await run(Array(7).fill(step(0)), false)
    expect(keys(seven)).toHaveLength(7)
    const eight = await run(Array(8).fill(step(0)), false)
    expect(keys(eight)).toHaveLength(1)
    const sixtyFour = await run(Array(64).fill(step(0)), false)
    expect(keys(sixtyFour)).toHaveLength(1)
  })

  it('that are small stand behind the manifest, until they are too much: then they become one object', async () => {
    const object = (world: LaneWorld) => world.objects.get(manifestKey(0))?.bytes ?? Buffer.alloc(0)
    const inline = (world: LaneWorld) => {
      const bytes = object(world)
      return [...inlineSegments(bytes, parseManifest(bytes, { lane: 0, lanes: 1 })).values()]
    }
    const two = await run([step(0), step(0)], false, 3_000)
    expect(keys(two)).toEqual([])
    expect(inline(two)).toHaveLength(2)
    const [first = Buffer.alloc(0)] = inline(two)
    // Room for two of them and not for three.
    const three = await run([step(0), step(0), step(0)], false, first.length * 2.5)
    expect(keys(three)).toHaveLength(1)
    expect(inline(three)).toEqual([])
    const four = await run([step(0), step(0), step(0), step(0)], false, first.length * 2.5)
    expect([keys(four).length, inline(four).length]).toEqual([1, 1])
  })

  it('behind a manifest that are not as long as it says are refused', async () => {
    const world = await run([step(0)], false, 3_000)
    const bytes = world.objects.get(manifestKey(0))?.bytes ?? Buffer.alloc(0)
    const manifest = parseManifest(bytes, { lane: 0, lanes: 1 })
    expect(inlineSegments(bytes, manifest).size).toBe(1)
    for (const damaged of [bytes.subarray(0, -1), Buffer.concat([bytes, Buffer.from('x')])])
      expect(() => inlineSegments(damaged, manifest)).toThrow('more or less behind it')
  })

  it('that are dead are dropped, and the panes that lean on them are carried', async () => {
    const day = [step(0), mark(1), step(0), mark(80), step(1), mark(1), mark(80), step(0)]
    const world = await run(day, false)
    expect(keys(world).length).toBeLessThanOrEqual(3)
    expect(keys(world).some((key) => key.includes('000000000001-'))).toBe(false)
  })

  it('too large to be merged are not kept in memory, warm or loaded', async () => {
    const world = new LaneWorld()
    const context = world.context()
    const incompressible = (n: number) =>
      createHash('shake256', { outputLength: 3 * 1024 * 1024 })
        .update(`${n}`)
        .digest('base64')
    const commitVisitor = (n: number, visitor: string) =>
      commitLane(laneBatch(input(n, eventsPack([accepted(n, { visitor })]))), context)
    for (const n of [1, 2]) await commitVisitor(n, incompressible(n))
    await commitVisitor(3, 'small')
    const [small] = keys(world).slice(-1)
    expect([...(context.cache.get(0)?.young.keys() ?? [])]).toEqual([small])
    const loaded = await loadLane(context.objects, { lane: 0, lanes: 1 }, undefined)
    expect([...loaded.young.keys()]).toEqual([small])
  })

  it('are kept in memory near the end, where they may be merged', () => {
    const segment = (version: number, of: Partial<SegmentRef> = {}): SegmentRef => ({
      key: segmentKey(0, version, 'x'),
      to: version,
      level: 0,
      bytes: 1_000,
      liveUntil: 0,
      lastMinute: 0,
      ...of,
    })
    const many = Array.from({ length: 20 }, (_, version) => segment(version))
    const kept = (segments: readonly SegmentRef[]) => [...keysToKeep(segments)].map(versionOfSegmentKey)
    expect(kept(many)).toEqual([6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19])
    const mixed = [segment(1), segment(2, { level: 2 }), segment(3, { bytes: 3e6 }), segment(4, { level: 1 })]
    expect(kept(mixed)).toEqual([1, 4])
    const inline = [segment(5, { isInline: true, bytes: 3e6 }), segment(6, { isInline: true })]
    expect(kept([...mixed, ...inline])).toEqual([1, 4, 5, 6])
  })

  it('that no manifest names are found when the lane looks for them, and younger ones left alone', async () => {
    const world = new LaneWorld()
    const context = world.context()
    await context.objects.put(segmentKey(0, 3, 'lost'), Buffer.from(''))
    await context.objects.put(segmentKey(0, 9_999, 'coming'), Buffer.from(''))
    for (const inputs of inputsOf(Array(512).fill(step(0)))) await commitLane(laneBatch(...inputs), context)
    expect(world.objects.has(segmentKey(0, 3, 'lost'))).toBe(false)
    expect(world.objects.has(segmentKey(0, 9_999, 'coming'))).toBe(true)
    expect(await loadLane(context.objects, { lane: 0, lanes: 1 }, undefined)).toMatchObject({
      state: { version: 512 },
    })
  })
})
