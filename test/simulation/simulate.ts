import { parseArgs } from 'node:util'
import cliProgress from 'cli-progress'
import { wholeNumber } from '../support/whole-number.ts'
import { runFleet } from './fleet.ts'
import { mutants } from './mutants.ts'
import { runSeed } from './run.ts'
import { leastScenes } from './scenes.ts'
import { traceText } from './scheduler.ts'

const help = `npm run simulate -- [options]

Runs the real enrich and aggregate code over simulated streams, stores and faults, and compares the end with a naive
program. A seed always gives the same run.

  --seeds N    how many seeds to run (default 1000)
  --seed S     the first of them (default 1)
  --trace      runs seed S alone and prints everything that happened
  --mutants    runs each deliberately wrong variant until a seed catches it, at most 5000 seeds
  --help       this text
`

const maxMutantSeeds = 5_000
const maxMedianSeeds = 200

const main = async (): Promise<number> => {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string', default: '1000' },
      seed: { type: 'string', default: '1' },
      trace: { type: 'boolean', default: false },
      mutants: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    process.stdout.write(help)
    return 0
  }
  const seed = wholeNumber(values.seed, '--seed')
  if (values.trace) return await showTrace(seed)
  return values.mutants ? await runMutants(seed) : await runSeeds(seed, wholeNumber(values.seeds, '--seeds'))
}

const showTrace = async (seed: number): Promise<number> => {
  const { trace, failures } = await runSeed(seed)
  for (const line of trace) console.log(traceText(line))
  for (const failure of failures) console.log(`FAILED: ${failure}`)
  console.log(`seed ${seed}: ${trace.length} steps, ${failures.length} differences`)
  return failures.length === 0 ? 0 : 1
}

const runSeeds = async (seed: number, seeds: number): Promise<number> => {
  const startedMs = performance.now()
  const bar = new cliProgress.SingleBar({
    format: '{bar} {value}/{total} seeds, {eta} s left',
    noTTYOutput: false,
  })
  bar.start(seeds, 0)
  const { run, failed, scenes } = await runFleet({ seed, seeds, onDone: (_, count) => bar.update(count) })
  bar.stop()
  for (const { seed: wrong, failures } of failed.slice(0, 10))
    console.log(`seed ${wrong}: ${failures[0]} (npm run simulate -- --seed ${wrong} --trace)`)
  for (const scene of Object.keys(leastScenes))
    console.log(`${scene.padEnd(48)} ${String(new Map<string, number>(scenes).get(scene) ?? 0).padStart(9)}`)
  const seconds = (performance.now() - startedMs) / 1000
  console.log(
    `seeds ${seed} to ${seed + seeds - 1}: ${run} run in ${seconds.toFixed(0)} s, ${failed.length} with a difference`,
  )
  return failed.length === 0 ? 0 : 1
}

const runMutants = async (seed: number): Promise<number> => {
  const caughtAfter: number[] = []
  console.log(`${'mutant'.padEnd(52)} breaks  seeds until caught`)
  for (const mutant of mutants) {
    const { failed } = await runFleet({ seed, seeds: maxMutantSeeds, mutant, untilFailure: true })
    const [first] = failed
    const seeds = first === undefined ? undefined : first.seed - seed + 1
    if (seeds !== undefined) caughtAfter.push(seeds)
    const by = first === undefined ? '' : `  ${first.failures[0]?.split('\n')[0]?.slice(0, 90)}`
    console.log(
      `${mutant.name.padEnd(52)} ${mutant.breaks.padEnd(6)}  ${String(seeds ?? 'NOT CAUGHT').padStart(6)}${by}`,
    )
  }
  const median = caughtAfter.sort((a, b) => a - b)[Math.floor(caughtAfter.length / 2)]
  console.log(`${caughtAfter.length} of ${mutants.length} caught, median ${median} seeds`)
  return caughtAfter.length === mutants.length && median !== undefined && median <= maxMedianSeeds ? 0 : 1
}

try {
  process.exitCode = await main()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
