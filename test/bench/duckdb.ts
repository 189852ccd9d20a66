import { closeSync, openSync, writeSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import definitions from '../../analytics/metrics.ts'
import type { KinesisEvent } from '../../shared/core/event/kinesis-event.ts'
import { catalogueOf } from '../../shared/core/metric/catalogue.ts'
import { fromPaneItem } from '../../shared/core/metric/pane-item.ts'
import { readMetric } from '../../shared/core/metric/read.ts'
import { besideFloor } from './beside-floor.ts'
import { compared, duckdbWay, type Totals } from './duckdb-way.ts'
import { timed } from './measure.ts'
import type { Measured, Part } from './part.ts'
import { Pass } from './passes.ts'
import { batchEvents } from './steady.ts'
import { Workload } from './workload.ts'

/** So slow that some five hours pass, and visitors come more than once. */
const traffic = { seed: 4, visitors: 20_000, perSecond: 10 }
const batches = 48

/** The same events from a file, by a program that has all of them before it begins. */
export const duckdb: Part = {
  name: 'duckdb',
  title: 'A batch program',
  sizes: ['usual', 'long'],
  run: async (): Promise<Measured> => {
    const { stream, batch, totals, events } = await compareWithDuckdb(batches)
    const row = (name: string, us: number) => [
      name,
      (us / events).toFixed(2),
      (us / stream.floorUs).toFixed(2),
    ]
    const metrics = compared.map(({ metric }) => metric).join(', ')
    return {
      table: {
        columns: ['', 'µs/event', '× floor'],
        rows: [
          row('DuckDB, one thread: sessions and metrics from NDJSON', batch.us),
          row('whole pass over the same events', stream.us),
        ],
      },
      figures: new Map(),
      notes: [
        `${events} events, ${totalOf(totals, 'visits')} sessions, ${totalOf(totals, 'pageViews')} page views: ${metrics} are the ` +
          `same in all ${totals.size} cells.`,
      ],
    }
  },
}

export type Comparison = {
  readonly stream: { readonly us: number; readonly floorUs: number }
  readonly batch: { readonly us: number }
  readonly totals: Totals
  readonly events: number
}

/** Throws when the two have not come to the same in every cell. */
export const compareWithDuckdb = async (numberOfBatches: number): Promise<Comparison> => {
  const folder = await mkdtemp(join(tmpdir(), 'weir-bench-'))
  const file = join(folder, 'events.ndjson')
  try {
    const stream = await streamWay(file, numberOfBatches)
    const batch = await duckdbWay(file)
    const difference = differenceOf(stream.totals, batch.totals)
    if (difference !== undefined) throw new Error(`DuckDB and the lanes differ in ${difference}`)
    return { stream, batch, totals: batch.totals, events: numberOfBatches * batchEvents }
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** Runs the events through both stages, and writes them to the file beside it. */
const streamWay = async (
  file: string,
  numberOfBatches: number,
): Promise<{ us: number; floorUs: number; totals: Totals }> => {
  const workload = new Workload(traffic)
  const pass = new Pass({ keepPanes: true })
  const lines = openSync(file, 'w')
  let [us, floorUs, number] = [0, 0, 0]
  for (let batch = 0; batch < numberOfBatches; batch++) {
    const event = workload.batch(batchEvents)
    // At once: what other threads write would be counted in the turn that comes next.
    writeSync(lines, linesOf(event, number))
    number += batchEvents
    const isLast = batch === numberOfBatches - 1
    const run = async () => {
      await pass.aggregate(await pass.enrich(event))
      await pass.aggregate(pass.marks(event))
      // Whatever is open by then is a session for a batch program.
      if (isLast) await pass.aggregate(pass.flush(event))
    }
    const beside = await besideFloor(event, () => timed(run))
    floorUs += beside.floorUs
    us += beside.answer.us
  }
  closeSync(lines)
  return { us, floorUs, totals: totalsOf(pass) }
}

/** Each with its arrival, which Kinesis knows and its text does not. */
const linesOf = ({ Records }: KinesisEvent, first: number): string =>
  Records.map(({ kinesis }, place) => {
    const text = Buffer.from(kinesis.data, 'base64').toString('utf8')
    const receivedAt = Math.round(kinesis.approximateArrivalTimestamp * 1000)
    return `{"number":${first + place},"receivedAt":${receivedAt},${text.slice(1)}\n`
  }).join('')

const totalsOf = ({ items }: Pass): Totals => {
  const totals = new Map<string, number>()
  const catalogue = catalogueOf(definitions)
  for (const { metric: name, field } of compared) {
    const metric = catalogue.find((entry) => entry.name === name)
    if (metric === undefined)
      throw new Error(`analytics/metrics.ts has no ${name}: change duckdb-way.ts with it`)
    const days = [...items.values()].filter(({ pk }) => pk.startsWith(`${name}#1d#`)).map(fromPaneItem)
    const starts = days.map(({ windowStart }) => windowStart)
    const range = { fromMs: Math.min(...starts), toMs: Math.max(...starts) + 1 }
    const { windows } = readMetric({ metric, grain: '1d', by: [field], ...range }, days, [])
    for (const { by, value } of windows.flatMap(({ cells }) => cells))
      totals.set(`${name} ${by[field]}`, (totals.get(`${name} ${by[field]}`) ?? 0) + Number(value))
  }
  return totals
}

/** The first cell that is not the same in both; money to the cent. */
export const differenceOf = (ours: Totals, theirs: Totals): string | undefined => {
  for (const cell of new Set([...ours.keys(), ...theirs.keys()])) {
    const [a, b] = [ours.get(cell) ?? 0, theirs.get(cell) ?? 0]
    if (Math.abs(a - b) > 0.005) return `${cell}: ${b} and ${a}`
  }
  return undefined
}

const totalOf = (totals: Totals, metric: string): number => {
  let total = 0
  for (const [cell, value] of totals) if (cell.startsWith(`${metric} `)) total += value
  return total
}
