import { decodeRecord } from '../../shared/core/event/decode.ts'
import { rawRecords } from '../../shared/core/event/kinesis-event.ts'
import { decodePack } from '../../shared/core/lane/pack.ts'
import { median, timed } from './measure.ts'
import { floor, Pass } from './passes.ts'
import { Workload } from './workload.ts'

export const batchEvents = 4_000

export type Line = { readonly name: string; readonly us: number; readonly timesFloor: number }

export type Ratios = {
  readonly lines: readonly Line[]
  readonly bytesPerEvent: number
  readonly heapMb: number
}

/** Rounds that warm the compiler and the caches, and are not counted. */
const warmUp = 8

/**
 * Floor and passes in turns over the same batches, so that whatever else the machine does befalls both alike; the
 * median of each round's ratio is what is compared.
 */
export const measureRatios = async (rounds: number): Promise<Ratios> => {
  const workload = new Workload({ seed: 1, visitors: 20_000, perSecond: 1_000 })
  const pass = new Pass()
  const rows = new Map<string, { us: number; ratio: number }[]>()
  let bytes = 0
  for (let round = -warmUp; round < rounds; round++) {
    const batch = workload.batch(batchEvents)
    const base = await timed(batchEvents, () => floor(batch))
    const decode = await timed(batchEvents, () =>
      rawRecords(batch).map((record) => decodeRecord(record).length),
    )
    const enrich = await timed(batchEvents, () => pass.enrich(batch))
    const unpack = await timed(batchEvents, () => enrich.answer.map(({ data }) => decodePack(data).kind))
    const reduce = await timed(batchEvents, async () => {
      await pass.aggregate(enrich.answer)
      await pass.aggregate(pass.marks(batch))
    })
    if (round < 0) continue
    bytes += batch.Records.reduce((sum, { kinesis }) => sum + Buffer.byteLength(kinesis.data, 'base64'), 0)
    const add = (name: string, us: number) => {
      const known = rows.get(name) ?? []
      rows.set(name, [...known, { us, ratio: us / base.us }])
    }
    add('floor: base64 and JSON.parse', base.us)
    add('  decode', decode.us)
    add('  judge, enrich, measure, pack', enrich.us - decode.us)
    add('stage 1', enrich.us)
    add('  unpack', unpack.us)
    add('  dedupe, sessions, windows, commit, rows', reduce.us - unpack.us)
    add('stage 2', reduce.us)
    add('whole pass', enrich.us + reduce.us)
  }
  const lines = [...rows].map(([name, values]) => ({
    name,
    us: median(values.map(({ us }) => us)),
    timesFloor: median(values.map(({ ratio }) => ratio)),
  }))
  const heapMb = process.memoryUsage().heapUsed / 2 ** 20
  return { lines, bytesPerEvent: bytes / (rounds * batchEvents), heapMb }
}
