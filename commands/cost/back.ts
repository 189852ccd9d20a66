import { meanMessagesPerVisit } from '../../local/demo/traffic.ts'
import type { Readout } from '../../local/metering/readout.ts'
import { type Clients, createClients } from './clients.ts'
import type { Front } from './front.ts'
import { type MeteredStack, startedByClock, startMeteredStack } from './metered-stack.ts'
import { measureNight, type Night } from './night.ts'
import { readoutDifference } from './readout-difference.ts'
import { type Effort, hourMs, minuteMs, names, type Run, runDayMs } from './run.ts'
import { eventsPerSecond, type Scenario, shardsFor } from './scenario.ts'
import { Time } from './time.ts'

export type Back = Run & {
  readonly laneShards: number
  /** Of aggregate, that were metered. */
  readonly windows: number
  /** Which share of the visits came in the hour before: 1, or less when there are too many. */
  readonly warmUpShare: number
  /** Bytes of the rows of all sessions that have closed since the start. */
  readonly allSessionBytes: number
  /** Items of the table at the end, and when that was. */
  readonly items: readonly unknown[]
  readonly nowMs: number
  /** What the clock starts each minute, so many times. */
  readonly perMinute: Readout
  readonly perMinuteRuns: number
  readonly night: Night
}

/** Longer than a session stays open. */
const lastHourMs = 50 * minuteMs
const morningMs = 11 * hourMs
/** Clients that are late are late by up to ten minutes. */
const headStartMs = 12 * minuteMs
const maxHeadStartEvents = 150_000

/**
 * The lanes of one lane shard at their rate, with a morning and an hour behind them: commits, panes, rows. A stage of
 * more lane shards is so many of these.
 */
export async function measureBack(scenario: Scenario, front: Front, effort: Effort): Promise<Back> {
  const perSecond = eventsPerSecond(scenario)
  const laneShards = scenario.laneShards ?? laneShardsFor(scenario, front)
  const { rate, windows } = planOf(perSecond / laneShards, scenario.windows.aggregate, effort)
  const visits = ((rate / meanMessagesPerVisit) * lastHourMs) / 1000
  const warmUpShare = Math.min(1, effort.hourVisits / visits)
  const startMs = runDayMs()
  const { enrich, aggregate } = names
  const stack = await startMeteredStack({
    lanes: scenario.lanes / laneShards,
    publish: scenario.publish,
    functions: [enrich, aggregate],
    // As many for each lane as when a batch goes to all of them.
    enrichRecords: Math.max(1, Math.round(front.recordsPerEnrich / laneShards)),
    startMs,
    awsPort: front.awsPort,
  })
  try {
    const { windows: seconds } = scenario
    const time = new Time(stack, [
      { name: enrich, windowSeconds: seconds.enrich },
      { name: aggregate, windowSeconds: seconds.aggregate },
    ])
    let allEvents = 0
    const pass = async (clients: Clients, forMs: number, stepMs: number) => {
      const events = await time.pass(clients, { untilMs: stack.nowMs + forMs, stepMs })
      allEvents += events
      return events
    }
    const visitorsOnly = (visits: number, forMs: number) =>
      createClients({
        scenario,
        eventsPerSecond: (visits * meanMessagesPerVisit) / (forMs / 1000),
        startMs: stack.nowMs,
        firstOnly: true,
        seed: stack.nowMs / minuteMs,
      })
    await pass(visitorsOnly(effort.morningVisits, morningMs), morningMs, 30 * minuteMs)
    const hour = visitorsOnly(visits * warmUpShare, lastHourMs)
    await pass(hour, lastHourMs - 5 * minuteMs, 5 * minuteMs)
    // Minute by minute, as clocks go: none has much to close at once when the metering begins.
    await pass(hour, 5 * minuteMs, minuteMs)
    const early = Math.min(headStartMs, (maxHeadStartEvents / rate) * 1000)
    const clients = createClients({ scenario, eventsPerSecond: rate, startMs: stack.nowMs - early, seed: 2 })
    clients.takeUntil(stack.nowMs)
    const before = stack.readout()
    const stepMs = Math.min(seconds.enrich, seconds.aggregate) * 1000
    const events = await pass(clients, windows * seconds.aggregate * 1000, stepMs)
    const units = readoutDifference(stack.readout(), before)
    await stack.deliver()
    return {
      units,
      events,
      windows,
      delivered: stack.readout().s3[names.lakeBucket]?.delivered ?? {},
      allEvents,
      laneShards,
      warmUpShare,
      allSessionBytes: stack.readout().firehose['weir-local-sessions']?.bytes ?? 0,
      items: await stack.scan(names.metricsTable),
      nowMs: stack.nowMs,
      perMinute: await perMinute(stack),
      perMinuteRuns,
      night: await measureNight(stack, startMs),
    }
  } finally {
    await stack.stop()
  }
}

/** A power of two, so that each has as many lanes as the others. */
function laneShardsFor(scenario: Scenario, { units, events }: Front): number {
  const bytes = (units.kinesis[names.laneStream]?.bytes ?? 0) / events
  const needed = shardsFor({ bytes: eventsPerSecond(scenario) * bytes, records: 0 })
  return Math.min(scenario.lanes, 2 ** Math.ceil(Math.log2(needed)))
}

const leastWindows = 3
/** In so many minutes every pane is published, and each once as often as it should be. */
const wholeMinutes = 10
const maxWindows = 120
const maxEventsAMinute = 80_000

/** Whole minutes, for punctuations come once a minute and sessions close by them. */
function planOf(perSecond: number, windowSeconds: number, { laneEvents }: Effort) {
  // Where batches are always full, a lower rate makes fewer of the same.
  const rate = Math.min(perSecond, maxEventsAMinute / 60)
  const affordable = Math.max(1, Math.floor(laneEvents / (rate * 60)))
  const wanted = Math.max(wholeMinutes, Math.ceil((leastWindows * windowSeconds) / 60))
  // Of short windows fewer will do: they publish so often that what comes every few minutes is nothing beside it.
  const enough = Math.max(1, Math.round((maxWindows * windowSeconds) / 60))
  const minutes = Math.min(wanted, affordable, enough)
  return { rate, windows: Math.max(1, Math.round((minutes * 60) / windowSeconds)) }
}

const perMinuteRuns = 5

async function perMinute(stack: MeteredStack): Promise<Readout> {
  for (const name of startedByClock) await stack.invoke(name)
  const before = stack.readout()
  for (let run = 0; run < perMinuteRuns; run++) for (const name of startedByClock) await stack.invoke(name)
  return readoutDifference(stack.readout(), before)
}
