import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { aggregate, type LaneRecord } from '../../../shared/core/lane/aggregate.ts'
import { manifestKey } from '../../../shared/core/lane/manifest.ts'
import { encodePack, packVersion } from '../../../shared/core/lane/pack.ts'
import { accepted, dawn, eventsPack, sequence } from '../../support/lane-events.ts'
import { LaneWorld, laneShard } from '../../support/lane-world.ts'

const record = (n: number, lane: number, lanes = 4): LaneRecord => ({
  sequenceNumber: sequence(n),
  arrivalMs: dawn,
  data: encodePack({ ...eventsPack([accepted(n)]), lane, lanes }),
})

const failingFor = (world: LaneWorld, ...lanes: readonly number[]) => {
  const context = world.context({ lanes: 4 })
  const { compareAndSet } = context.objects
  return {
    ...context,
    objects: {
      ...context.objects,
      compareAndSet: async (...call: Parameters<typeof compareAndSet>) => {
        if (lanes.some((lane) => call[0] === manifestKey(lane))) throw new Error('S3 is away')
        return compareAndSet(...call)
      },
    },
  }
}

it('commits every lane of a batch', async () => {
  const result = await aggregate(
    { laneShard, records: [record(1, 0), record(2, 3), record(3, 0)] },
    new LaneWorld().context({ lanes: 4 }),
  )
  expect(result).toMatchObject({ firstFailed: undefined, conflicts: 0, unreadable: 0, errors: [] })
  expect(result.lanes.map(({ counters }) => counters.received)).toEqual([2, 1])
})

it('names the lowest sequence number that is not committed, and commits the other lanes', async () => {
  const world = new LaneWorld()
  const records = [record(1, 0), record(2, 3), record(3, 2), record(4, 3)]
  const result = await aggregate({ laneShard, records }, failingFor(world, 2, 3))
  expect(result.firstFailed).toBe(sequence(2))
  expect(result.errors).toHaveLength(2)
  expect(world.objects.has(manifestKey(0))).toBe(true)
  const again = await aggregate({ laneShard, records }, world.context({ lanes: 4 }))
  expect(again.firstFailed).toBeUndefined()
  expect(again.lanes.map(({ counters }) => counters.received)).toEqual([1, 2, 1])
})

it('skips a record whose events turn out to be none, and says so once, however often it is tried', async () => {
  const text = zstdDecompressSync(record(2, 0).data)
  const rowless = { ...record(2, 0), data: zstdCompressSync(text.subarray(0, text.lastIndexOf('\n'))) }
  const world = new LaneWorld()
  const records = [record(1, 0), rowless, record(3, 0)]
  const context = world.context({ lanes: 4 })
  let conflicts = 2
  const result = await aggregate(
    { laneShard, records },
    {
      ...context,
      objects: {
        ...context.objects,
        compareAndSet: async (...put: Parameters<typeof context.objects.compareAndSet>) =>
          conflicts-- > 0 ? 'conflict' : context.objects.compareAndSet(...put),
      },
    },
  )
  expect(result).toMatchObject({ unreadable: 1, firstFailed: undefined, conflicts: 2, errors: [] })
  expect(result.lanes[0]?.counters.received).toBe(2)
})

it('skips a record that is no pack, and says so', async () => {
  const damaged = { ...record(2, 0), data: record(2, 0).data.slice(0, -3) }
  const result = await aggregate(
    { laneShard, records: [record(1, 0), damaged, { ...damaged, data: Buffer.from('hello') }, record(3, 0)] },
    new LaneWorld().context({ lanes: 4 }),
  )
  expect(result).toMatchObject({ unreadable: 2, firstFailed: undefined })
  expect(result.lanes[0]?.counters.received).toBe(2)
})

it.each([
  ['text', '"next"'],
  ['numbers', '123'],
])(
  'skips a pack of records whose sequence numbers are %s, rather than stop at it for ever',
  async (_, json) => {
    const [first, ...rest] = zstdDecompressSync(record(2, 0).data).toString('latin1').split('\n')
    const text = [first?.replace(`"${sequence(2)}"`, json), ...rest].join('\n')
    const numberless = { ...record(2, 0), data: zstdCompressSync(Buffer.from(text, 'latin1')) }
    const result = await aggregate(
      { laneShard, records: [record(1, 0), numberless, record(3, 0)] },
      new LaneWorld().context({ lanes: 4 }),
    )
    expect(result).toMatchObject({ unreadable: 1, firstFailed: undefined, errors: [] })
    expect(result.lanes[0]?.counters.received).toBe(2)
  },
)

it('refuses packs of another number of lanes, and says what to do', async () => {
  const world = new LaneWorld()
  const work = aggregate({ laneShard, records: [record(1, 0, 8)] }, world.context({ lanes: 4 }))
  await expect(work).rejects.toThrow('pack for 8 lanes, the code is set up for 4: set LANES back')
  expect(world.effects).toEqual([])
})

it('lets a batch wait in which a pack of other code stands', async () => {
  const newer = {
    ...record(2, 1),
    data: zstdCompressSync(`{"v":${packVersion + 1},"kind":"events","lanes":4,"lane":1}`),
  }
  const batch = { laneShard, records: [record(1, 0), newer] }
  await expect(aggregate(batch, new LaneWorld().context({ lanes: 4 }))).rejects.toThrow(
    `pack of version ${packVersion + 1}`,
  )
})
