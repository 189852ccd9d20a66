import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compact } from '../../shared/core/lake/compaction/compact.ts'
import {
  allOrigins,
  expectPanesOfSessions,
  expectRight,
  shownOrigins,
  shownSessions,
} from '../support/compaction/checks.ts'
import {
  MemoryLake,
  compiledMetrics as metrics,
  lakeTestTables as tables,
} from '../support/compaction/memory-lake.ts'
import { naiveSessions } from '../support/compaction/naive.ts'
import { randomOf, type WorkloadOptions, workload } from '../support/compaction/workload.ts'

const startMs = Date.UTC(2026, 10, 1)
const hourMs = 3_600_000
const dayMs = 24 * hourMs

const workloadOf = (of: Partial<WorkloadOptions>): WorkloadOptions => ({
  seed: 1,
  startMs,
  days: 4,
  visitors: 8,
  eventsPerVisitorDay: 5,
  disordered: 0.05,
  veryLate: 0.01,
  ...of,
})

/** Lets the arrivals come night by night, and does something at one in the morning of each; two nights more at the end. */
const nights = async (
  options: WorkloadOptions,
  atNight: (lake: MemoryLake, night: number) => Promise<void>,
): Promise<void> => {
  const lake = await MemoryLake.open(options.seed)
  try {
    const arrivals = workload(options)
    let from = 0
    for (let night = 1; night <= options.days + 1; night++) {
      const now = startMs + night * dayMs + hourMs
      await lake.arrive(
        arrivals.filter(({ receivedAt }) => receivedAt >= from && receivedAt < now),
        now,
      )
      from = now
      await atNight(lake, night)
    }
    await lake.arrive([], startMs + (options.days + 2) * dayMs + hourMs)
    await atNight(lake, options.days + 2)
    expect(lake.stream.events).toHaveLength(arrivals.length)
    expect(await shownSessions(lake)).toEqual(naiveSessions(arrivals))
  } finally {
    lake.athena.close()
  }
}

const seeds = fc.integer({ min: 1, max: 2 ** 30 })

describe('the compaction, night after night', () => {
  it('shows readers each event once after every statement, and sessions as before or as after', async () => {
    await fc.assert(
      fc.asyncProperty(seeds, async (seed) => {
        await nights(workloadOf({ seed, days: 2, visitors: 5, veryLate: 0.05 }), async (lake) => {
          const origins = allOrigins(lake)
          const seen = new Set<string>()
          lake.athena.after = async () => {
            expect(await shownOrigins(lake)).toEqual(origins)
            seen.add((await shownSessions(lake)).join('\n'))
          }
          await compact({ tables, metrics }, lake.ports())
          expect(seen.size).toBeLessThanOrEqual(2)
          await expectRight(lake)
        })
      }),
      { numRuns: 5 },
    )
  }, 300_000)

  it.each([
    { veryLate: 0, name: 'without late events' },
    { veryLate: 0.01, name: 'with 1 % very late events' },
    { veryLate: 0.2, name: 'with 20 % very late events' },
  ])(
    'gives exact sessions and panes $name',
    async ({ veryLate }) => {
      await fc.assert(
        fc.asyncProperty(seeds, async (seed) => {
          await nights(workloadOf({ seed, veryLate }), async (lake) => {
            const result = await compact({ tables, metrics }, lake.ports())
            expect(result.outcome).toBe('committed')
            if (veryLate === 0) expect(result.difference).toBe(0)
            await expectRight(lake)
            await expectPanesOfSessions(lake)
          })
        }),
        { numRuns: 10 },
      )
    },
    300_000,
  )

  it('is as right when runs die before or after any statement, and are run again', async () => {
    await fc.assert(
      fc.asyncProperty(seeds, async (seed) => {
        const random = randomOf(seed)
        await nights(workloadOf({ seed, days: 2, veryLate: 0.1 }), async (lake) => {
          let statementsToLive = 0
          const live = () => {
            if (statementsToLive-- === 0) throw new Error('died')
          }
          for (let isDone = false; !isDone; ) {
            statementsToLive = Math.floor(random() * 40)
            const [before, after] = random() < 0.5 ? [live, () => {}] : [() => {}, live]
            Object.assign(lake.athena, { before, after })
            const outcome = await compact({ tables, metrics }, lake.ports()).catch((error: Error) => error)
            Object.assign(lake.athena, { before: () => {}, after: () => {} })
            if (outcome instanceof Error) expect(outcome.message).toBe('died')
            else isDone = true
            expect(await shownOrigins(lake)).toEqual(allOrigins(lake))
          }
          await expectRight(lake)
          await expectPanesOfSessions(lake)
        })
      }),
      { numRuns: 8 },
    )
  }, 300_000)
})
