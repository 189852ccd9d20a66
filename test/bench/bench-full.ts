import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { wholeNumber } from '../support/whole-number.ts'
import { betweenMarkers } from './between-markers.ts'
import { machineText } from './machine.ts'
import { parts } from './parts.ts'
import { choose, type PartResult, runParts } from './run-parts.ts'
import { toMarkdown } from './table.ts'
import { judgeFigures, verdictText } from './targets.ts'

const help = `npm run bench:full -- [options]

All of npm run bench and its long runs, up to five million events: some minutes, better with nothing else on the machine.
Writes each table to its place in docs/performance.md, with the machine and the commit that it was measured on.

  --only PARTS   some of ${parts.map(({ name }) => name).join(', ')}
  --rounds N     of 8 batches of 4,000 events (default 24)
  --help         this text
`

const page = join(import.meta.dirname, '../../docs/performance.md')

const main = async (): Promise<void> => {
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      rounds: { type: 'string', default: '24' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    process.stdout.write(help)
    return
  }
  const rounds = wholeNumber(values.rounds, '--rounds')
  const size = 'long'
  const figures = await runParts(choose(parts, { size, only: values.only }), { size, rounds }, (result) => {
    const text = markdownOf(result)
    console.log(`${text}\n`)
    // At once: what is measured is not lost when a later part fails.
    writeFileSync(page, betweenMarkers(readFileSync(page, 'utf8'), result.part.name, text))
  })
  console.log(judgeFigures(figures).map(verdictText).join('\n'))
}

const markdownOf = ({ measured: { table, notes } }: PartResult): string => {
  const day = new Date().toISOString().slice(0, 10)
  return [toMarkdown(table), [...notes, `Measured on ${day}: ${machineText()}.`].join('\n')].join('\n\n')
}

await main()
