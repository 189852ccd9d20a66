import { median } from './measure.ts'
import { type ColdFunction, type ColdStart, measureColdStarts } from './measure-cold-starts.ts'
import type { FigureName, Measured, Part, PartRun, Size, Table } from './part.ts'

const events = 1_000

/** Processes for each function. With --check the zips are weighed: they are the same on every machine, times are not. */
const startsOf: Readonly<Record<Size, number>> = { check: 0, usual: 5, long: 15 }

/** What a container pays before its first batch is through. */
export const coldStart: Part = {
  name: 'cold-start',
  title: 'Cold start',
  sizes: ['check', 'usual', 'long'],
  run: async ({ size }: PartRun): Promise<Measured> => {
    const starts = startsOf[size]
    const functions = await measureColdStarts({ starts, events })
    const largestZip = Math.max(...functions.map(({ zipBytes }) => zipBytes)) / 1e6
    const figures = new Map<FigureName, number>([['largest zip', largestZip]])
    if (starts > 0)
      figures.set(
        'slowest import',
        Math.max(...functions.map((of) => middle(of, 'importCpuMs') ?? Number.NaN)),
      )
    return {
      table: tableOf(functions),
      figures,
      notes:
        starts === 0
          ? []
          : [`The middle one of ${starts} starts of each, in turns, in a fresh process each time.`],
    }
  },
}

const middle = ({ starts }: ColdFunction, time: keyof ColdStart): number | undefined => {
  const times = starts.flatMap((start) => start[time] ?? [])
  return times.length === 0 ? undefined : median(times)
}

const tableOf = (functions: readonly ColdFunction[]): Table => ({
  columns: ['', 'import, ms of processor', 'import, ms', `first ${events} events, ms`, 'zip, KB'],
  rows: functions.map((of) => [
    of.name,
    middle(of, 'importCpuMs')?.toFixed(0) ?? '',
    middle(of, 'importMs')?.toFixed(0) ?? '',
    middle(of, 'firstMs')?.toFixed(0) ?? '',
    (of.zipBytes / 1000).toFixed(0),
  ]),
})
