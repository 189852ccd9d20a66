import { beforeEach, describe, expect, it } from 'vitest'
import { commitLane } from '../../../shared/core/lane/commit.ts'
import { manifestKey, parseManifest } from '../../../shared/core/lane/manifest.ts'
import { decodePack, encodePack } from '../../../shared/core/lane/pack.ts'
import { settleMs } from '../../../shared/core/lane/progress.ts'
import { decodeSegment, emptyDelta, encodeSegment, mergeDeltas } from '../../../shared/core/lane/segment.ts'
import { type LatestChange, latestKey } from '../../../shared/core/latest/change.ts'
import { accepted, dawn, eventsPack, markPack } from '../../support/lane-events.ts'
import { input, LaneWorld, laneBatch } from '../../support/lane-world.ts'
import { latestChange } from '../../support/latest-changes.ts'

let world: LaneWorld

beforeEach(() => {
  world = new LaneWorld()
})

const saying = (n: number, ...latest: readonly LatestChange[]) =>
  input(n, eventsPack([accepted(n, { latest })]))
const stored = (key: string) => world.latest.get(latestKey({ table: 'listings', key }))

const fail = (effect: string) => (called: string) => {
  if (called.startsWith(effect)) throw new Error(`no answer: ${effect}`)
}

describe('a commit', () => {
  it('publishes the newest of each entity of its batch, once', async () => {
    const batch = laneBatch(
      saying(1, latestChange('A', 2)),
      saying(2, latestChange('A', 1), latestChange('B', 7)),
      saying(3, latestChange('A', 3)),
    )
    await commitLane(batch, world.context())
    expect(world.effects).toEqual([
      'get manifest',
      'rows 3+0+0',
      'put segment',
      'commit manifest',
      'panes 3',
      'latest 2',
      'lane v1',
    ])
    expect([...world.latest.values()]).toEqual([latestChange('A', 3), latestChange('B', 7)])
  })

  it('keeps a deleted entity deleted when an older version of it comes later', async () => {
    const context = world.context()
    await commitLane(laneBatch(saying(1, latestChange('A', 3, { deleted: true }))), context)
    await commitLane(laneBatch(saying(2, latestChange('A', 2))), context)
    expect(stored('A')).toEqual(latestChange('A', 3, { deleted: true }))
  })

  it('publishes nothing of a duplicate', async () => {
    const context = world.context()
    await commitLane(laneBatch(saying(1, latestChange('A', 1))), context)
    const resent = eventsPack([accepted(2, { id: 'event-1', latest: [latestChange('A', 9)] })])
    await commitLane(laneBatch(input(2, resent)), context)
    expect(stored('A')).toEqual(latestChange('A', 1))
  })
})

describe('a change that was committed and not published', () => {
  it.each(['panes', 'latest'])('is published by the next attempt when "%s" fails', async (effect) => {
    world.beforeCall = fail(effect)
    await expect(commitLane(laneBatch(saying(1, latestChange('A', 1))), world.context())).rejects.toThrow(
      'no answer',
    )
    expect(stored('A')).toBeUndefined()
    world.beforeCall = () => {}
    await commitLane(laneBatch(saying(2)), world.context())
    expect(stored('A')).toEqual(latestChange('A', 1))
  })

  it('is published when segments were merged in its commit', async () => {
    const context = world.context()
    for (let n = 1; n < 8; n++) await commitLane(laneBatch(saying(n, latestChange(`K${n}`, 1))), context)
    world.beforeCall = fail('latest')
    await expect(commitLane(laneBatch(saying(8, latestChange('A', 1))), context)).rejects.toThrow()
    world.beforeCall = () => {}
    world.takeEffects()
    // A container of its own, that has the lane from its segments.
    await commitLane(laneBatch(saying(8, latestChange('A', 1))), world.context())
    expect(world.effects).toEqual(['get manifest', 'get segment', 'panes 3', 'latest 1', 'lane v8'])
    expect(stored('A')).toEqual(latestChange('A', 1))
  })
})

describe('a lane that is loaded', () => {
  it('does not publish again what a later commit has left behind', async () => {
    const context = world.context()
    await commitLane(laneBatch(saying(1, latestChange('A', 1))), context)
    // A clock alone: no segment of its own.
    const mark = (n: number, ms: number) => input(n, markPack({ n, arrival: dawn + ms }), dawn + ms)
    await commitLane(laneBatch(mark(2, 0), mark(3, settleMs)), context)
    world.takeEffects()
    await commitLane(laneBatch(mark(3, settleMs)), world.context())
    expect(world.effects).toEqual(['get manifest', 'get segment', 'panes 0', 'lane v2'])
  })

  it('names no value in its manifest', async () => {
    await commitLane(
      laneBatch(saying(1, latestChange('A', 1, { values: { name: 'Chair' } }))),
      world.context(),
    )
    const manifest = Buffer.from(world.objects.get(manifestKey(0))?.bytes ?? [])
    expect(parseManifest(manifest, { lane: 0, lanes: 1 }).version).toBe(1)
    expect(String(manifest)).not.toContain('Chair')
  })
})

describe('changes on their way', () => {
  const named = latestChange('Kö|\t"', 2, { values: { name: 'Stühle\n🪑', price: 0.1, open: false } })

  it('come out of a pack as they went in', () => {
    const pack = eventsPack([accepted(1, { latest: [named] }), accepted(2)])
    expect(decodePack(encodePack(pack))).toEqual(pack)
  })

  it('come out of a segment as they went in', () => {
    const delta = { ...emptyDelta(), latest: new Map([[latestKey(named), named]]) }
    expect(decodeSegment(encodeSegment(delta).bytes)).toEqual(delta)
  })

  it('are those of the newest segment alone when segments are merged', () => {
    const of = (change: LatestChange) => ({ ...emptyDelta(), latest: new Map([[latestKey(change), change]]) })
    const all = { visitor: () => true, pane: () => true, minute: () => true, forgetThrough: () => {} }
    const merged = mergeDeltas([of(latestChange('A', 1)), of(latestChange('B', 1))], all)
    expect([...merged.latest.values()]).toEqual([latestChange('B', 1)])
  })
})
