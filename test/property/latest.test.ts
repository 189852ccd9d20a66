import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { commitLane } from '../../shared/core/lane/commit.ts'
import { keepNewest, type LatestChange, orderOf } from '../../shared/core/latest/change.ts'
import { accepted, eventsPack } from '../support/lane-events.ts'
import { input, LaneWorld, laneBatch } from '../support/lane-world.ts'
import { latestChange } from '../support/latest-changes.ts'

const digits38 = 10n ** 38n - 1n
const rank = fc.oneof(
  fc.bigInt({ min: -3n, max: 3n }),
  fc.bigInt({ min: -digits38, max: digits38 }),
  fc.constantFrom(digits38, -digits38, 0n),
)
const place = fc.record({
  rank,
  eventTime: fc.nat(2 ** 41),
  origin: fc.constantFrom('s:1:0', 's:1:1', 's:2:0'),
})

describe('the order of the events of an entity', () => {
  it('is by version, then event time, then origin, whatever their signs and sizes', () => {
    fc.assert(
      fc.property(place, place, (a, b) => {
        const expected =
          compare(a.rank, b.rank) || compare(a.eventTime, b.eventTime) || compare(a.origin, b.origin)
        expect(compare(orderOf(a), orderOf(b))).toBe(expected)
      }),
      { numRuns: 2_000 },
    )
  })
})

const compare = <T extends bigint | number | string>(a: T, b: T): number => (a < b ? -1 : a > b ? 1 : 0)

type Said = { readonly key: string; readonly rank: bigint; readonly deleted: boolean }

const said = fc.record({
  key: fc.constantFrom('A', 'B', 'C'),
  rank: fc.bigInt({ min: 0n, max: 5n }),
  deleted: fc.boolean(),
})

const changeOf = ({ key, rank, deleted }: Said, n: number): LatestChange =>
  latestChange(key, Number(rank), { deleted, from: n })

describe('a latest value table', () => {
  // Batches of one event upwards, each from a lane of its own memory or not, some of them a second time.
  it('is the same whatever the order, the batches and the repetitions that its events come in', async () => {
    const scenario = fc.array(said, { minLength: 1, maxLength: 12 }).chain((events) =>
      fc.record({
        events: fc.constant(events),
        order: fc.shuffledSubarray([...events.keys()], { minLength: events.length }),
        repeated: fc.array(fc.nat(events.length - 1), { maxLength: 4 }),
        batchSize: fc.integer({ min: 1, max: 5 }),
        lanes: fc.integer({ min: 1, max: 3 }),
      }),
    )
    await fc.assert(
      fc.asyncProperty(scenario, async ({ events, order, repeated, batchSize, lanes }) => {
        const expected = new Map<string, LatestChange>()
        for (const [n, event] of events.entries()) keepNewest(expected, changeOf(event, n))
        const latest = await tableOf({ events, order: [...order, ...repeated], batchSize, lanes })
        expect(new Map([...latest].sort())).toEqual(new Map([...expected].sort()))
      }),
      { numRuns: 100 },
    )
  })
})

const tableOf = async (of: {
  readonly events: readonly Said[]
  readonly order: readonly number[]
  readonly batchSize: number
  readonly lanes: number
}): Promise<ReadonlyMap<string, LatestChange>> => {
  const world = new LaneWorld()
  const contexts = Array.from({ length: of.lanes }, () => world.context({ lanes: of.lanes }))
  const inputs = of.order.flatMap((n, position) => {
    const event = of.events[n]
    if (event === undefined) return []
    // Each in the lane of its visitor, who is not the entity; said again, it is a redelivery or a duplicate.
    const lane = n % of.lanes
    const pack = { ...eventsPack([accepted(n, { latest: [changeOf(event, n)] })]), lanes: of.lanes, lane }
    return [{ lane, input: input(position, pack) }]
  })
  for (let start = 0; start < inputs.length; start += of.batchSize)
    for (const [lane, context] of contexts.entries()) {
      const batch = inputs.slice(start, start + of.batchSize).filter((one) => one.lane === lane)
      if (batch.length > 0)
        await commitLane({ ...laneBatch(...batch.map((one) => one.input)), lane }, context)
    }
  return world.latest
}
