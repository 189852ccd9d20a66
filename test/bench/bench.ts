import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { wholeNumber } from '../support/whole-number.ts'
import { crowding, noiseAt } from './crowding.ts'
import { machineText } from './machine.ts'
import { sum } from './measure.ts'
import type { Figures } from './part.ts'
import { parts } from './parts.ts'
import { profileOf, topOf } from './profile.ts'
import { choose, type PartResult, progressOnStderr, runParts } from './run-parts.ts'
import { runBatch, steadyPass } from './steady.ts'
import { toText } from './table.ts'
import {
  adviceOf,
  betterOf,
  isFailure,
  judgeFigures,
  noise,
  targets,
  type Verdict,
  verdictText,
} from './targets.ts'

const help = `npm run bench -- [options]

What the program does for each event, in microseconds of processor time and as a multiple of the floor, which is base64 and
JSON.parse of the same records; the way of a tutorial, and DuckDB on one thread; cold starts; growth with events and with visitors.
Events of 1 KB, network taken away. What is compared takes turns in one process, so that other work on the machine changes little.

  --check        what has a target on every machine, within three minutes; exits 1 when one is past its target, and past
                 where it was (test/bench/targets.ts), by more than ${noise * 100} %: more on a machine with much else to do.
                 What is so far off is measured again, and the better figure counts
  --only PARTS   some of ${parts.map(({ name }) => name).join(', ')}
  --rounds N     of 8 batches of 4,000 events (default 8, with --check 4)
  --profile      instead, where the time goes: the functions that take most, and a .cpuprofile for Chrome or VS Code
  --top N        how many functions --profile prints (default 25)
  --json         what was measured as JSON, and nothing else
  --help         this text
`

const buildDir = join(import.meta.dirname, '../../.build')
const profiledBatches = 32

const main = async (): Promise<number> => {
  const { values } = parseArgs({
    options: {
      check: { type: 'boolean', default: false },
      only: { type: 'string' },
      rounds: { type: 'string' },
      profile: { type: 'boolean', default: false },
      top: { type: 'string', default: '25' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  const { check, json } = values
  if (values.help) process.stdout.write(help)
  if (values.profile) await printProfile(wholeNumber(values.top, '--top'))
  if (values.help || values.profile) return 0
  const rounds = wholeNumber(values.rounds ?? (check ? '4' : '8'), '--rounds')
  const { results, verdicts, tolerance } = await measure({ check, only: values.only, rounds, isSilent: json })
  if (json) console.log(JSON.stringify({ machine: machineText(), parts: results.map(toJson), verdicts }))
  else {
    const advice = verdicts.flatMap((verdict) => adviceOf(verdict) ?? [])
    const allowed = `${machineText()}; ${(tolerance * 100).toFixed(0)} % may be noise`
    console.log([...verdicts.map(verdictText), ...advice, '', allowed].join('\n'))
  }
  return check && verdicts.some(isFailure) ? 1 : 0
}

type Judged = {
  readonly results: readonly PartResult[]
  readonly verdicts: readonly Verdict[]
  readonly tolerance: number
}

const measure = async (o: {
  readonly check: boolean
  readonly only: string | undefined
  readonly rounds: number
  readonly isSilent: boolean
}): Promise<Judged> => {
  const { check, only, rounds } = o
  const size = check ? 'check' : 'usual'
  const results: PartResult[] = []
  const crowds: number[] = []
  const listener = {
    progress: progressOnStderr(),
    result(result: PartResult) {
      results.push(result)
      crowds.push(crowding())
      if (!o.isSilent) printPart(result)
    },
  }
  const of = targets.filter(({ isOfMachine }) => !(check && isOfMachine))
  const judge = (figures: Figures) => judgeFigures(figures, { tolerance: noiseAt(mean(crowds)), of })
  const first = await runParts(choose(parts, { size, only }), { size, rounds }, listener)
  const hasWorse = ({ measured }: PartResult) =>
    judge(measured.figures).some(({ state }) => state === 'worse')
  const again = check ? results.filter(hasWorse).map(({ part }) => part) : []
  const second = await runParts(again, { size, rounds, before: first }, listener)
  const verdicts = judge(betterOf(first, second))
  return {
    results,
    // Whoever asks for some parts, or for no check, knows that others are not measured.
    verdicts:
      check && only === undefined ? verdicts : verdicts.filter(({ state }) => state !== 'not measured'),
    tolerance: noiseAt(mean(crowds)),
  }
}

const mean = (values: readonly number[]): number => sum(values) / values.length

const printPart = ({ part, measured: { table, notes } }: PartResult): void => {
  console.log([part.title, '', toText(table), ...notes, ''].join('\n'))
}

const toJson = ({ part, measured: { table, notes } }: PartResult) => ({ name: part.name, ...table, notes })

const printProfile = async (top: number): Promise<void> => {
  const { pass, nextBatch } = await steadyPass(1)
  const batches = Array.from({ length: profiledBatches }, nextBatch)
  const profile = await profileOf(async () => {
    for (const batch of batches) await runBatch(pass, batch)
  })
  mkdirSync(buildDir, { recursive: true })
  const file = join(buildDir, 'whole-pass.cpuprofile')
  writeFileSync(file, JSON.stringify(profile))
  for (const { name, share } of topOf(profile, top))
    console.log(`${(share * 100).toFixed(1).padStart(5)} %  ${name}`)
  console.log(`\nSelf time in whole passes over ${profiledBatches} batches; all of it: ${file}`)
}

process.exitCode = await main()
