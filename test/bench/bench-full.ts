import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { wholeNumber } from '../support/whole-number.ts'
import { betweenMarkers } from './between-markers.ts'
import { machineText } from './machine.ts'
import { parts } from './parts.ts'
import { choose, type PartResult, progressOnStderr, runParts } from './run-parts.ts'
import { toMarkdown } from './table.ts'
import { adviceOf, judgeFigures, verdictText } from './targets.ts'

const help = `npm run bench:full -- [options]

All of npm run bench and its long runs, up to five million events: most of an hour, better with nothing else on the machine.
Writes each table to its place in docs/performance.md, with the machine and the commit that it was measured on, as soon as it is
measured; the longest come last.

  --only PARTS   some of ${parts.map(({ name }) => name).join(', ')}
  --rounds N     of 8 batches of 4,000 events (default 16)
  --help         this text
`

const page = join(import.meta.dirname, '../../docs/performance.md')

const main = async (): Promise<number> => {
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      rounds: { type: 'string', default: '16' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    process.stdout.write(help)
    return 0
  }
  const rounds = wholeNumber(values.rounds, '--rounds')
  const size = 'long'
  const failed: string[] = []
  const figures = await runParts(
    choose(parts, { size, only: values.only }),
    { size, rounds },
    {
      progress: progressOnStderr(),
      result(result) {
        const text = markdownOf(result)
        console.log(`${text}\n`)
        // At once: what is measured is not lost when a later part fails.
        writeFileSync(page, betweenMarkers(readFileSync(page, 'utf8'), result.part.name, text))
      },
      failure(part, error) {
        failed.push(part.name)
        console.error(`${part.name} failed:`, error)
      },
    },
  )
  const verdicts = judgeFigures(figures).filter(({ state }) => state !== 'not measured')
  console.log(
    verdicts.flatMap((verdict) => [verdictText(verdict), adviceOf(verdict) ?? []].flat()).join('\n'),
  )
  if (failed.length > 0) console.log(`failed: ${failed.join(', ')}; --only ${failed.join(',')} tries again`)
  return failed.length === 0 ? 0 : 1
}

const markdownOf = ({ measured: { table, notes } }: PartResult): string => {
  const day = new Date().toISOString().slice(0, 10)
  return [toMarkdown(table), [...notes, `Measured on ${day}: ${machineText()}.`].join('\n')].join('\n\n')
}

process.exitCode = await main()
