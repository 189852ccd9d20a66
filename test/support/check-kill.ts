// `npm run check:kill [-- --kills N --seed S]`: the local stack, killed again and again, loses nothing and counts nothing twice.
import { parseArgs } from 'node:util'
import { killAgainAndAgain } from './kill.ts'

const { values } = parseArgs({
  options: { kills: { type: 'string', default: '20' }, seed: { type: 'string' } },
})
const seed = Number(values.seed ?? Date.now() % 1_000_000)
const kills = Number(values.kills)
const startedMs = performance.now()
const elapsed = () => `${((performance.now() - startedMs) / 1_000).toFixed(1)} s`
console.log(`seed ${seed}: ${kills} kills`)
const run = await killAgainAndAgain({ kills, seed, report: (line) => console.log(`${elapsed()} ${line}`) })
console.log(`${run.acknowledged} events acknowledged, ${run.ambiguous} ambiguous, ${elapsed()}`)
for (const line of run.differences) console.log(line)
console.log(run.differences.length === 0 ? 'nothing lost, nothing twice' : `IT DIFFERS (seed ${seed})`)
process.exitCode = run.differences.length === 0 ? 0 : 1
