import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Growth, GrowthPoint } from './growth-point.ts'
import type { FigureName, Measured, Part, PartRun, Size } from './part.ts'

const main = join(import.meta.dirname, 'measure-growth.ts')

type Named = GrowthPoint & { readonly name: string }

const thousand = 1_000
const million = 1_000_000

/** A run from nothing, of so many events in all. */
const run = (events: number, repeats: number): Named => ({
  name: `${count(events)} events`,
  visitors: 20 * thousand,
  perSecond: 50,
  fill: 0,
  events,
  repeats,
})

/** The same number of events before it, so that there are as many ids, by more and more visitors, all of whom are live. */
const live = (visitors: number, fill: number, events: number): Named => ({
  name: `${count(visitors)} live visitors`,
  visitors,
  perSecond: thousand,
  fill,
  events,
  repeats: 1,
})

const count = (n: number): string => (n >= million ? `${n / million} M` : `${n / thousand} k`)

const short = [run(10 * thousand, 6), run(100 * thousand, 1)]
const usual = [...short, run(million, 1)]
const runs: Readonly<Record<Size, readonly Named[]>> = {
  check: short,
  usual,
  long: [...usual, run(5 * million, 1)],
}

const filled = [1, 100, 1_000].map((k) => live(k * thousand, million, 200 * thousand))
const crowds: Readonly<Record<Size, readonly Named[]>> = {
  check: [1, 60].map((k) => live(k * thousand, 60 * thousand, 32 * thousand)),
  usual: filled,
  long: filled,
}

export const growthWithEvents: Part = {
  name: 'growth-events',
  title: 'Growth with the length of a run',
  sizes: ['check', 'usual', 'long'],
  run: ({ size, report }: PartRun) =>
    measurePoints(runs[size], { figure: 'growth with events', atOnce: size === 'check', report }),
}

export const growthWithVisitors: Part = {
  name: 'growth-visitors',
  title: 'Growth with the number of live visitors',
  sizes: ['check', 'usual', 'long'],
  run: ({ size, report }: PartRun) =>
    measurePoints(crowds[size], { figure: 'growth with live visitors', atOnce: size === 'check', report }),
}

const columns = [
  '',
  'µs/event',
  '× floor',
  '× the first',
  'slowest commits, ms',
  'KB a commit',
  'PUTs a commit',
  'open visitors',
  'loaded anew, ms',
  'lanes, MB',
  'peak of the process, MB',
]

type Turns = {
  /** Side by side whatever else the machine does befalls all points alike; one by one each has it to itself. */
  readonly atOnce: boolean
  report(line: string): void
}

type MeasuredPoint = { readonly point: Named; readonly growth: Growth }

const inTurn = async (
  points: readonly Named[],
  { atOnce, report }: Turns,
): Promise<readonly MeasuredPoint[]> => {
  const measure = async (point: Named): Promise<MeasuredPoint> => {
    report(point.name)
    return { point, growth: await inItsOwnProcess(point) }
  }
  if (atOnce) return Promise.all(points.map(measure))
  const measured: MeasuredPoint[] = []
  for (const point of points) measured.push(await measure(point))
  return measured
}

const measurePoints = async (
  points: readonly Named[],
  { figure, atOnce, report }: { readonly figure: FigureName } & Turns,
): Promise<Measured> => {
  const measured = await inTurn(points, { atOnce, report })
  const first = measured[0]?.growth.timesFloor ?? Number.NaN
  const rows = measured.map(({ point, growth }) => [
    point.name,
    growth.us.toFixed(2),
    growth.timesFloor.toFixed(2),
    (growth.timesFloor / first).toFixed(2),
    growth.worstMs.toFixed(0),
    (growth.bytesPerCommit / 1024).toFixed(0),
    growth.putsPerCommit.toFixed(2),
    String(growth.openVisitors),
    growth.loadMs.toFixed(0),
    growth.lanesMb.toFixed(0),
    growth.peakMb.toFixed(0),
  ])
  const most = Math.max(...measured.slice(1).map(({ growth }) => growth.timesFloor / first))
  return { table: { columns, rows }, figures: new Map([[figure, most]]), notes: [] }
}

/** So that its memory is its own. */
const inItsOwnProcess = async (point: GrowthPoint): Promise<Growth> => {
  const args = ['--max-old-space-size=6000', main, JSON.stringify(point)]
  const { stdout } = await promisify(execFile)(process.execPath, args)
  return JSON.parse(stdout)
}
