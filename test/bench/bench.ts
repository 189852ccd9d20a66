import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { wholeNumber } from '../support/whole-number.ts'
import { duckdbWay } from './duckdb-way.ts'
import { median, timed } from './measure.ts'
import { floor } from './passes.ts'
import { batchEvents, measureRatios } from './ratios.ts'
import { type Stub, tutorialWay } from './tutorial-way.ts'
import { Workload } from './workload.ts'

const help = `npm run bench -- [options]

What the program does for each event, in microseconds and as a multiple of the floor, which is base64 and JSON.parse of
the same records; beside it the way of a tutorial, and DuckDB on one thread. Events of 1 KB, network taken away.

  --rounds N   batches of 4,000 events that are measured (default 30)
  --json       the lines as JSON, and nothing else
  --help       this text
`

type Printed = { readonly name: string; readonly us: number; readonly timesFloor: number }

const tutorialEvents = 500

/** The tutorial's way, its floor measured beside it. */
const measureTutorial = async (stub: Stub, rounds: number): Promise<Printed> => {
  const workload = new Workload({ seed: 3, visitors: 20_000, perSecond: 1_000 })
  const run = tutorialWay(stub)
  const figures: { us: number; ratio: number }[] = []
  for (let round = 0; round < rounds; round++) {
    const batch = workload.batch(tutorialEvents)
    const base = await timed(tutorialEvents, () => floor(batch))
    const { us } = await timed(tutorialEvents, () => run(batch))
    figures.push({ us, ratio: us / base.us })
  }
  const warm = figures.slice(Math.floor(rounds / 3))
  return {
    name: stub === 'send' ? 'tutorial, send stubbed' : 'tutorial, marshalled and signed',
    us: median(warm.map(({ us }) => us)),
    timesFloor: median(warm.map(({ ratio }) => ratio)),
  }
}

const measureDuckdb = async (floorUs: number): Promise<Printed> => {
  const workload = new Workload({ seed: 2, visitors: 20_000, perSecond: 1_000 })
  const us = await duckdbWay(Array.from({ length: 25 }, () => workload.batch(batchEvents)))
  return { name: 'DuckDB, one thread, no rows', us, timesFloor: us / floorUs }
}

const main = async (): Promise<void> => {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '30' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    process.stdout.write(help)
    return
  }
  const rounds = wholeNumber(values.rounds, '--rounds')
  const { lines, bytesPerEvent, heapMb } = await measureRatios(rounds)
  const floorUs = lines[0]?.us ?? Number.NaN
  const printed = [
    ...lines,
    await measureTutorial('send', rounds),
    await measureTutorial('http', rounds),
    await measureDuckdb(floorUs),
  ]
  if (values.json) {
    console.log(JSON.stringify(printed))
    return
  }
  console.log(`${''.padEnd(44)} µs/event  × floor`)
  for (const { name, us, timesFloor } of printed)
    console.log(`${name.padEnd(44)} ${us.toFixed(2).padStart(8)} ${timesFloor.toFixed(2).padStart(8)}`)
  console.log(
    `${bytesPerEvent.toFixed(0)} bytes an event, ${heapMb.toFixed(0)} MB of heap; ${cpus()[0]?.model}, Node ${process.version}`,
  )
}

await main()
