import { parseArgs } from 'node:util'
import { killAgainAndAgain } from './kill.ts'
import { wholeNumber } from './whole-number.ts'

const help = `npm run check:kill -- [options]

Runs the local stack under load from a second process and kills it with SIGKILL in the middle of its work, again and
again, on the same data; afterwards everything must add up and equal what a naive program makes of the raw stream.

  --kills N   how often (default 20)
  --seed S    load and moments (default: another each time; it is printed)
  --help      this text
`

const main = async (): Promise<number> => {
  const { values } = parseArgs({
    options: {
      kills: { type: 'string', default: '20' },
      seed: { type: 'string', default: String(1 + (Date.now() % 1_000_000)) },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    process.stdout.write(help)
    return 0
  }
  const seed = wholeNumber(values.seed, '--seed')
  const startedMs = performance.now()
  const elapsed = () => `${((performance.now() - startedMs) / 1_000).toFixed(1)} s`
  const report = (line: string) => console.log(`${elapsed()} ${line}`)
  const run = await killAgainAndAgain({ kills: wholeNumber(values.kills, '--kills'), seed, report })
  console.log(
    `seed ${seed}: ${run.acknowledged} events acknowledged, ${run.ambiguous} ambiguous, ${elapsed()}`,
  )
  for (const line of run.differences) console.log(line)
  // A kill of a stack at rest proves nothing.
  const atWork = run.kills.filter(({ uncommitted }) => uncommitted > 0).length
  console.log(`${atWork} of ${run.kills.length} kills came while acknowledged events were not yet committed`)
  const isProven = run.differences.length === 0 && atWork > run.kills.length / 2
  console.log(isProven ? 'nothing lost, nothing twice' : `IT DIFFERS, or was killed at rest (seed ${seed})`)
  return isProven ? 0 : 1
}

try {
  process.exitCode = await main()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
