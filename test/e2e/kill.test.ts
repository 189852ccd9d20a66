import { expect, it } from 'vitest'
import { killAgainAndAgain } from '../support/kill.ts'

const seed = Number(process.env.WEIR_SEED ?? Date.now() % 1_000_000)

it(`loses nothing and counts nothing twice when it is killed in the middle of its work (seed ${seed})`, async () => {
  const { differences, kills, acknowledged } = await killAgainAndAgain({
    kills: 3,
    seed,
    report: (line) => console.log(line),
  })
  expect(differences).toEqual([])
  expect(kills.map(({ uncommitted }) => uncommitted > 0)).toEqual([true, true, true])
  expect(acknowledged).toBeGreaterThan(1_000)
}, 300_000)
