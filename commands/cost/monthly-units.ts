import type { FunctionUnits, Readout } from '../../local/metering/readout.ts'
import type { Back } from './back.ts'
import type { Front } from './front.ts'
import { paneGbOf } from './pane-storage.ts'
import { eventsPerMonth, monthDays, monthSeconds, type Scenario } from './scenario.ts'

export type FunctionUse = {
  readonly requests: number
  /** Of what its own thread worked. */
  readonly workGbSeconds: number
  /** As long as it took here, with what it waited for others and for the machine. */
  readonly gbSeconds: number
  readonly memoryGb: number
}

/** What a month takes of everything that has a price. */
export type MonthlyUnits = {
  readonly shardHours: { readonly raw: number; readonly lanes: number }
  readonly retentionHours: number
  readonly putUnits: { readonly raw: number; readonly lanes: number }
  readonly functions: Readonly<Record<string, FunctionUse>>
  readonly state: { readonly writes: number; readonly reads: number; readonly gb: number }
  readonly lake: { readonly writes: number; readonly gb: number }
  readonly table: { readonly writeUnits: number; readonly readUnits: number; readonly gb: number }
  readonly firehose: Readonly<Record<string, { gb: number; convertedGb: number }>>
  /** What the batch layer has Athena scan. */
  readonly scannedTb: number
  readonly logGb: number
  readonly metrics: number
  readonly alarms: number
  readonly sqsRequests: number
}

const gb = 2 ** 30
const minutesOfMonth = monthSeconds / 60
const prefix = 'weir-local-'

export type Deployed = {
  readonly retentionHours: number
  /** Firehose delivers after so long, or when so much has come. */
  readonly deliverySeconds: number
  readonly deliveryMb: number
  readonly alarms: number
}

/** All that was metered grows with the events; what the clock starts, with the minutes. */
export function monthlyUnits(
  { scenario, front, back }: { scenario: Scenario; front: Front; back: Back },
  deployed: Deployed,
): MonthlyUnits {
  const ofFront = eventsPerMonth(scenario) / front.events
  const ofBack = eventsPerMonth(scenario) / back.events
  const ofClock = minutesOfMonth / back.perMinuteRuns
  const parts: [Readout, number][] = [
    [only(front.units, ['archive', 'enrich']), ofFront],
    [only(back.units, ['aggregate']), ofBack],
    [only(back.perMinute, ['tick', 'schedule']), ofClock],
  ]
  const sum = (of: (units: Readout) => number) =>
    parts.reduce((total, [units, times]) => total + of(units) * times, 0)
  const hours = monthSeconds / 3600
  const stream = (name: string) => front.units.kinesis[prefix + name]
  const state = back.units.s3[`${prefix}state`]
  const deliveries = Object.entries({
    raw: front.units.firehose[`${prefix}raw`],
    events: back.units.firehose[`${prefix}events`],
    sessions: back.units.firehose[`${prefix}sessions`],
    bad: back.units.firehose[`${prefix}bad`],
  })
  const firehose = deliveries.map(([name, units]) => {
    const times = name === 'raw' ? ofFront : ofBack / (name === 'sessions' ? back.warmUpShare : 1)
    const gbOf = (bytes = 0) => (bytes * times) / gb
    return [name, { gb: gbOf(units?.billedBytes), convertedGb: gbOf(units?.convertedBytes) }] as const
  })
  const lakeBytes = Object.values(lakeBytesOf({ front, back })).reduce((sum, bytes) => sum + bytes, 0)
  return {
    shardHours: { raw: front.rawShards * hours, lanes: back.laneShards * hours },
    retentionHours: deployed.retentionHours,
    putUnits: {
      raw: (stream('raw')?.putUnits ?? 0) * ofFront,
      lanes: (stream('lanes')?.putUnits ?? 0) * ofFront,
    },
    functions: Object.fromEntries(
      parts.flatMap(([{ lambda }, times]) =>
        Object.entries(lambda).map(([name, units]) => [name.slice(prefix.length), useOf(units, times)]),
      ),
    ),
    state: {
      writes: (state?.writes ?? 0) * ofBack,
      reads: (state?.reads ?? 0) * ofBack,
      // A version that was replaced or deleted is kept for a day.
      gb: ((state?.bytesWritten ?? 0) * ofBack) / monthDays / gb,
    },
    lake: {
      writes: firehose.reduce((sum, [, { gb }]) => sum + objectsOf(gb, deployed), 0),
      gb: (lakeBytes * eventsPerMonth(scenario)) / gb,
    },
    table: {
      writeUnits: sum(({ dynamodb }) => total(dynamodb, ({ writeUnits }) => writeUnits)),
      readUnits: sum(({ dynamodb }) => total(dynamodb, ({ readUnits }) => readUnits)),
      gb: paneGbOf(back.items, back.nowMs) * back.laneShards,
    },
    firehose: Object.fromEntries(firehose),
    scannedTb: scannedTbOf(scenario, back),
    logGb: sum(({ lambda }) => total(lambda, ({ logBytes }) => logBytes)) / gb,
    metrics: metricsOf(front, back).size,
    alarms: deployed.alarms,
    sqsRequests: sum(({ sqs }) => sqs.requests),
  }
}

/**
 * Custom metrics of a sound stage. Not those of `schedule`: it goes by the clock on the wall, and says that the lanes, which stand
 * at noon of yesterday, are too far behind for the reports.
 */
function metricsOf(front: Front, back: Back): ReadonlySet<string> {
  const runs = [
    only(front.units, ['archive', 'enrich']),
    only(back.units, ['aggregate']),
    only(back.perMinute, ['tick']),
  ]
  return new Set(runs.flatMap(({ lambda }) => Object.values(lambda).flatMap(({ metrics }) => metrics)))
}

function useOf(units: FunctionUnits, times: number): FunctionUse {
  const { requests, gbSeconds, cpuMs, durationMs } = units
  const workShare = durationMs === 0 ? 0 : cpuMs / durationMs
  return {
    requests: requests * times,
    workGbSeconds: gbSeconds * workShare * times,
    gbSeconds: gbSeconds * times,
    memoryGb: durationMs === 0 ? 0 : (gbSeconds * 1000) / durationMs,
  }
}

/** The functions that a run is about: others ran to bring about what they needed. */
function only(units: Readout, functions: readonly string[]): Readout {
  const isOne = ([name]: [string, unknown]) => functions.includes(name.slice(prefix.length))
  return { ...units, lambda: Object.fromEntries(Object.entries(units.lambda).filter(isOne)) }
}

const objectsOf = (gb: number, { deliverySeconds, deliveryMb }: Deployed): number =>
  Math.max(monthSeconds / deliverySeconds, (gb * 1024) / deliveryMb)

/** One night after each day; a query is billed 10 MB at the least. */
function scannedTbOf(scenario: Scenario, { night, allEvents }: Back): number {
  const { queries, scannedBytes } = night.units.athena
  const ofOne = (scannedBytes / queries / allEvents) * scenario.eventsPerDay
  return (Math.max(leastScannedBytes, ofOne) * queries * monthDays) / 2 ** 40
}

const leastScannedBytes = 10 * 2 ** 20

/** What the lake keeps of an event. The streaming tables stay when their rows are in the daily ones: that is made from them. */
export function lakeBytesOf({ front, back }: { front: Front; back: Back }): Readonly<Record<string, number>> {
  return {
    raw: bytesIn(front, 'raw'),
    events: bytesIn(back, 'events'),
    sessions: sessionBytes(back),
    bad: bytesIn(back, 'bad_events'),
    daily: back.night.writtenBytes / back.allEvents,
  }
}

/** Most that closed in the run are of the morning, which is the same at any rate: of the metered ones, what they take as Parquet. */
function sessionBytes({ delivered, allSessionBytes, units, events, warmUpShare }: Back): number {
  const parquetShare = (delivered.sessions?.bytes ?? 0) / Math.max(1, allSessionBytes)
  return (parquetShare * (units.firehose[`${prefix}sessions`]?.bytes ?? 0)) / events / warmUpShare
}

/** In the lake, for one event. */
const bytesIn = ({ delivered, allEvents }: Front | Back, folder: string): number =>
  (delivered[folder]?.bytes ?? 0) / allEvents

const total = <Units>(byName: Readonly<Record<string, Units>>, of: (units: Units) => number): number =>
  Object.values(byName).reduce((sum, units) => sum + of(units), 0)
