import { createClients } from './clients.ts'
import { startMeteredStack } from './metered-stack.ts'
import { readoutDifference } from './readout-difference.ts'
import { type Effort, hourMs, minuteMs, names, type Run, runDayMs } from './run.ts'
import { eventsPerSecond, type Scenario, shardsFor } from './scenario.ts'
import { Time } from './time.ts'

export type Front = Run & {
  readonly rawShards: number
  /** In one batch, on average. */
  readonly recordsPerEnrich: number
  /** The next stack is to be where this one was: the AWS clients of a process keep their address. */
  readonly awsPort: number
}

const maxBatchRecords = 10_000
/** Of what is metered, so much goes before it, and warms caches and compilers. */
const warmUpShare = 0.3

/** One raw shard at its rate: what arrives, is archived and is packed for every lane. */
export async function measureFront(scenario: Scenario, effort: Effort): Promise<Front> {
  const perSecond = eventsPerSecond(scenario)
  const rawShards =
    scenario.rawShards ??
    shardsFor({ bytes: perSecond * scenario.eventBytes, records: perSecond / scenario.eventsPerRecord })
  const rate = perSecond / rawShards
  const startMs = runDayMs() + 12 * hourMs
  const { archive, enrich } = names
  const stack = await startMeteredStack({
    lanes: scenario.lanes,
    publish: scenario.publish,
    functions: [archive, enrich],
    enrichRecords: maxBatchRecords,
    startMs,
    awsPort: 0,
  })
  try {
    const clients = createClients({
      scenario,
      eventsPerSecond: rate,
      startMs: startMs - 2 * minuteMs,
      seed: 1,
    })
    clients.takeUntil(startMs)
    const { windows } = scenario
    const time = new Time(stack, [
      { name: archive, windowSeconds: windows.archive },
      { name: enrich, windowSeconds: windows.enrich },
    ])
    const stepMs = Math.min(windows.archive, windows.enrich) * 1000
    const pass = (forMs: number) => time.pass(clients, { untilMs: stack.nowMs + forMs, stepMs })
    // Whole minutes, so that punctuations have their share, and whole windows of both.
    const wholeMs = Math.max(minuteMs, windows.archive * 1000, windows.enrich * 1000)
    const forMs = Math.ceil((effort.frontEvents / rate) * (1000 / wholeMs)) * wholeMs
    // Where one window is many times as much, it needs no warming.
    const isLarge = (rate * wholeMs) / 1000 > 3 * effort.frontEvents
    const warmUp = isLarge ? 0 : await pass(wholeMs * Math.ceil((forMs * warmUpShare) / wholeMs))
    const before = stack.readout()
    const events = await pass(forMs)
    const units = readoutDifference(stack.readout(), before)
    await stack.deliver()
    return {
      units,
      events,
      delivered: stack.readout().s3[names.lakeBucket]?.delivered ?? {},
      allEvents: warmUp + events,
      rawShards,
      recordsPerEnrich:
        (units.kinesis[names.rawStream]?.records ?? 0) / (units.lambda[enrich]?.requests ?? 1),
      awsPort: stack.awsPort,
    }
  } finally {
    await stack.stop()
  }
}
