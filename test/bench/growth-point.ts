import { besideFloor } from './beside-floor.ts'
import { collectGarbage } from './garbage.ts'
import { sum, timed } from './measure.ts'
import { Pass } from './passes.ts'
import { batchEvents, runBatch, timedStages } from './steady.ts'
import { Workload, type WorkloadOptions } from './workload.ts'

/** Where the growth is measured: after `fill` events, over the next `events`, `repeats` times anew. */
export type GrowthPoint = {
  readonly visitors: number
  readonly perSecond: number
  readonly fill: number
  readonly events: number
  readonly repeats: number
}

export type Growth = {
  readonly us: number
  readonly timesFloor: number
  /** Slowest second stage of one batch: the commits of all lanes. */
  readonly worstMs: number
  readonly bytesPerCommit: number
  readonly putsPerCommit: number
  readonly openVisitors: number
  /** Read again from their segments, as a new container does. */
  readonly loadMs: number
  /** What the lanes hold in memory, after the garbage is gone. */
  readonly lanesMb: number
  /** Of the process, what stands in for S3 included. */
  readonly peakMb: number
}

export const measureGrowth = async (point: GrowthPoint): Promise<Growth> => {
  await warmUp()
  const runs: Run[] = []
  for (let seed = 1; seed <= point.repeats; seed++) runs.push(await run(point, seed))
  const last = runs.at(-1)
  if (last === undefined) throw new Error('a point of growth takes at least one repeat')
  const floorUs = sum(runs.map((of) => of.floorUs))
  const passUs = sum(runs.map((of) => of.passUs))
  const commits = sum(runs.map((of) => of.commits))
  return {
    us: passUs / (point.events * point.repeats),
    timesFloor: passUs / floorUs,
    worstMs: Math.max(...runs.map((of) => of.worstMs)),
    bytesPerCommit: sum(runs.map((of) => of.bytesPut)) / commits,
    putsPerCommit: sum(runs.map((of) => of.puts)) / commits,
    openVisitors: last.openVisitors,
    loadMs: last.loadMs,
    lanesMb: last.lanesMb,
    peakMb: process.resourceUsage().maxRSS / 1024,
  }
}

type Run = Omit<Growth, 'us' | 'timesFloor' | 'bytesPerCommit' | 'putsPerCommit' | 'peakMb'> & {
  readonly passUs: number
  readonly floorUs: number
  readonly commits: number
  readonly bytesPut: number
  readonly puts: number
}

const run = async ({ visitors, perSecond, fill, events }: GrowthPoint, seed: number): Promise<Run> => {
  const options: WorkloadOptions = { seed, visitors, perSecond, inTurn: Math.min(fill, visitors) }
  const workload = new Workload(options)
  const pass = new Pass()
  for (const size of batchSizes(fill)) await runBatch(pass, workload.batch(size))
  const { commits, bytesPut, puts } = pass.objects
  let [passUs, floorUs, worstUs] = [0, 0, 0]
  for (const size of batchSizes(events)) {
    const batch = workload.batch(size)
    const beside = await besideFloor(batch, () => timedStages(pass, batch))
    floorUs += beside.floorUs
    passUs += beside.answer.one + beside.answer.two
    worstUs = Math.max(worstUs, beside.answer.two)
  }
  const counted = {
    commits: pass.objects.commits - commits,
    bytesPut: pass.objects.bytesPut - bytesPut,
    puts: pass.objects.puts - puts,
  }
  const marks = pass.marks(workload.batch(1))
  const withLanes = collectedMb()
  pass.laneContext.cache.clear()
  const lanesMb = withLanes - collectedMb()
  const { us: loadUs } = await timed(() => pass.aggregate(marks))
  const { openVisitors } = pass
  return {
    ...counted,
    passUs,
    floorUs,
    worstMs: worstUs / 1000,
    openVisitors,
    loadMs: loadUs / 1000,
    lanesMb,
  }
}

/** The code compiled, as everywhere else it is by then. */
const warmUp = async (): Promise<void> => {
  const workload = new Workload({ seed: 0, visitors: 20_000, perSecond: 50 })
  const pass = new Pass()
  for (let batch = 0; batch < 8; batch++) {
    await runBatch(pass, workload.batch(batchEvents))
  }
}

const batchSizes = (events: number): number[] => {
  const sizes = Array.from({ length: Math.floor(events / batchEvents) }, () => batchEvents)
  const rest = events % batchEvents
  return rest === 0 ? sizes : [...sizes, rest]
}

/** Heap and buffers, with the garbage gone. */
const collectedMb = (): number => {
  collectGarbage('major')
  // Buffers go with the second, when what held them has gone.
  collectGarbage('major')
  const { heapUsed, external } = process.memoryUsage()
  return (heapUsed + external) / 1e6
}
