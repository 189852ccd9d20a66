import { beforeAll, describe, expect, it } from 'vitest'
import { type FleetResult, runFleet } from './fleet.ts'
import { runSeed } from './run.ts'
import { leastScenes, type Scene } from './scenes.ts'

const seeds = 1_000

describe(`${seeds} seeds`, () => {
  let result: FleetResult

  beforeAll(async () => {
    result = await runFleet({ seed: 1, seeds })
  }, 240_000)

  it('come to the same lanes, panes and lake as a naive program, whatever happens on the way', () => {
    expect(result.failed).toEqual([])
    expect(result.run).toBe(seeds)
  })

  it('play every scene often enough, so that no fault is left out unseen', () => {
    const tooSeldom = Object.entries(leastScenes).filter(
      ([scene, least]) => (result.scenes.get(scene as Scene) ?? 0) < least,
    )
    expect(tooSeldom).toEqual([])
  })
})

it('replays a seed exactly', async () => {
  const first = await runSeed(4711)
  const second = await runSeed(4711)

  expect(second.trace).toEqual(first.trace)
  expect(first.trace.length).toBeGreaterThan(500)
})
