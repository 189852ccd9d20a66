import { expect, it } from 'vitest'
import { runFleet } from './fleet.ts'
import { runSeed } from './run.ts'

const seeds = 1_000

it(`comes to the same lanes, panes and lake as a naive program, whatever happens on the way (${seeds} seeds)`, async () => {
  const { run, failed } = await runFleet({ seed: 1, seeds })

  expect(failed).toEqual([])
  expect(run).toBe(seeds)
}, 120_000)

it('replays a seed exactly', async () => {
  const first = await runSeed(4711)
  const second = await runSeed(4711)

  expect(second.trace).toEqual(first.trace)
  expect(first.trace.length).toBeGreaterThan(500)
})
