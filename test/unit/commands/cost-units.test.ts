import { expect, it } from 'vitest'
import type { Back } from '../../../commands/cost/back.ts'
import type { Front } from '../../../commands/cost/front.ts'
import { lakeBytesOf, monthlyUnits } from '../../../commands/cost/monthly-units.ts'
import { paneGbOf } from '../../../commands/cost/pane-storage.ts'
import { readoutDifference } from '../../../commands/cost/readout-difference.ts'
import { lanesFor, monthDays, type Scenario } from '../../../commands/cost/scenario.ts'
import type { Readout } from '../../../local/metering/readout.ts'

const scenario: Scenario = {
  eventsPerDay: 1e6,
  eventBytes: 1_000,
  windows: { archive: 60, enrich: 60, aggregate: 60 },
  lanes: 4,
  publish: 'sparingly',
  rawShards: undefined,
  laneShards: undefined,
  eventsPerRecord: 1,
  gzip: false,
}
const deployed = { retentionHours: 168, deliverySeconds: 900, deliveryMb: 128, alarms: 21 }
const empty: Readout = {
  kinesis: {},
  lambda: {},
  s3: {},
  dynamodb: {},
  firehose: {},
  athena: { queries: 0, scannedBytes: 0, billedBytes: 0 },
  sqs: { requests: 0 },
}
const of = (requests: number) => ({
  requests,
  durationMs: 10 * requests,
  cpuMs: 4 * requests,
  gbSeconds: requests / 2,
  logBytes: 0,
  metrics: [`M of ${requests}`],
})
const gb = 2 ** 30
const month = 1e6 * monthDays

const front: Front = {
  units: {
    ...empty,
    kinesis: {
      'weir-local-raw': { putUnits: 1_000, records: 1_000, bytes: 1e6 },
      'weir-local-lanes': { putUnits: 10, records: 10, bytes: 2e5 },
    },
    lambda: { 'weir-local-archive': of(1), 'weir-local-enrich': of(2) },
    firehose: { 'weir-local-raw': { records: 1, bytes: 9, billedBytes: gb, convertedBytes: 0 } },
  },
  events: 1_000,
  delivered: { raw: { objects: 1, bytes: gb } },
  allEvents: 2_000,
  rawShards: 3,
  recordsPerEnrich: 500,
  awsPort: 0,
}
const back: Back = {
  units: {
    ...empty,
    lambda: { 'weir-local-enrich': of(99), 'weir-local-aggregate': of(4) },
    s3: { 'weir-local-state': { writes: 16, reads: 8, deletes: 1, bytesWritten: gb, delivered: {} } },
    dynamodb: {
      'weir-local-metrics': { writes: 5, writeUnits: 50, reads: 0, readUnits: 0, bytesWritten: 0 },
    },
    firehose: {
      'weir-local-events': { records: 1, bytes: 9, billedBytes: gb, convertedBytes: gb },
      'weir-local-sessions': { records: 1, bytes: 9, billedBytes: gb, convertedBytes: gb },
    },
  },
  events: 10_000,
  windows: 1,
  delivered: {},
  allEvents: 20_000,
  laneShards: 2,
  warmUpShare: 0.5,
  allSessionBytes: 0,
  items: [],
  nowMs: 0,
  perMinute: { ...empty, lambda: { 'weir-local-tick': of(5) } },
  perMinuteRuns: 5,
  night: { units: { ...empty, athena: { queries: 10, scannedBytes: 2e9, billedBytes: 0 } }, writtenBytes: 0 },
}
const units = monthlyUnits({ scenario, front, back }, deployed)

it('multiplies what was metered by the events of a month', () => {
  expect(units.putUnits).toEqual({ raw: month, lanes: month / 100 })
  expect(units.state).toMatchObject({ writes: (16 * month) / 10_000, reads: (8 * month) / 10_000 })
  expect(units.table.writeUnits).toBe((50 * month) / 10_000)
  expect(units.firehose.raw).toEqual({ gb: month / 1_000, convertedGb: 0 })
  expect(units.firehose.events).toEqual({ gb: month / 10_000, convertedGb: month / 10_000 })
})

it('takes each function from the run that is about it', () => {
  const { archive, enrich, aggregate, tick, ...others } = units.functions
  expect(archive?.requests).toBe(month / 1_000)
  expect(enrich?.requests).toBe((2 * month) / 1_000)
  expect(aggregate?.requests).toBe((4 * month) / 10_000)
  expect(tick?.requests).toBe(monthDays * 1440)
  expect(others).toEqual({})
})

it('tells work from waiting', () => {
  // `of`: each request takes 10 ms, 4 of them work, and half a GB-second.
  expect(units.functions.archive?.gbSeconds).toBeCloseTo(month / 2_000, 6)
  expect(units.functions.archive?.workGbSeconds).toBeCloseTo((0.4 * month) / 2_000, 6)
  expect(units.functions.archive?.memoryGb).toBeCloseTo(50, 8)
})

it('counts each custom metric of any function once', () => {
  expect(units.metrics).toBe(4)
})

it('has as many sessions as there would have been with all visits before', () => {
  expect(units.firehose.sessions?.gb).toBe((2 * month) / 10_000)
})

it('counts shard hours of both streams, and the bytes of a month in the lake', () => {
  expect(units.shardHours.raw).toBeCloseTo(3 * 24 * monthDays, 8)
  expect(units.shardHours.lanes).toBeCloseTo(2 * 24 * monthDays, 8)
  expect(units.lake.gb).toBeCloseTo(month / 2_000, 8)
})

it('adds up what each table keeps of an event, sessions for all visits before', () => {
  const lake = {
    ...back,
    delivered: {
      events: { objects: 1, bytes: 4e6 },
      sessions: { objects: 1, bytes: 1e6 },
      bad_events: { objects: 1, bytes: 2e5 },
    },
    // Rows of sessions become a fifth in Parquet; those metered are 9 bytes of 10,000 events, with half of the visits.
    allSessionBytes: 5e6,
    night: { ...back.night, writtenBytes: 2e6 },
  }
  const each = { raw: gb / 2_000, events: 200, sessions: 0.00036, bad: 10, daily: 100 }
  expect(lakeBytesOf({ front, back: lake })).toEqual(each)
  const { lake: kept } = monthlyUnits({ scenario, front, back: lake }, deployed)
  expect(kept.gb).toBeCloseTo((month * (gb / 2_000 + 310.00036)) / gb, 6)
})

it('counts an object of the lake for each interval of Firehose, or for each full buffer', () => {
  const writes = (more: object) =>
    monthlyUnits({ scenario, front, back }, { ...deployed, ...more }).lake.writes
  const full = Object.values(units.firehose).reduce((sum, one) => sum + (one.gb * 1024) / 128, 0)
  expect(writes({ deliveryMb: 1e12 })).toBeCloseTo(4 * monthDays * 96, 6)
  expect(writes({ deliverySeconds: 1e12 })).toBeCloseTo(full, 0)
})

it('keeps replaced versions of the state for a day', () => {
  expect(units.state.gb).toBeCloseTo(1e6 / 10_000, 8)
})

it('scans what a night scanned of its events once a day, 10 MB a query at the least', () => {
  expect(units.scannedTb).toBeCloseTo((2e9 * 50 * monthDays) / 2 ** 40, 8)
  const idle = {
    ...back,
    night: { ...back.night, units: { ...empty, athena: { queries: 10, scannedBytes: 1, billedBytes: 0 } } },
  }
  const { scannedTb } = monthlyUnits({ scenario, front, back: idle }, deployed)
  expect(scannedTb).toBeCloseTo((100 * 2 ** 20 * monthDays) / 2 ** 40, 8)
})

it('sizes the table by what a window holds and how long it is kept', () => {
  const minuteMs = 60_000
  const nowMs = 100 * minuteMs
  const item = (grain: string, startMs: number, bytes: number) => ({
    pk: { S: `m#${grain}#d` },
    windowStart: { N: String(startMs) },
    x: { B: Buffer.alloc(bytes).toString('base64') },
  })
  const empty = paneGbOf([], nowMs)
  const one = paneGbOf([item('1m', nowMs - 5 * minuteMs, 1_000)], nowMs)
  const two = paneGbOf(
    [3, 5].map((ago) => item('1m', nowMs - ago * minuteMs, 1_000)),
    nowMs,
  )
  const ahead = paneGbOf([item('1m', nowMs, 1_000)], nowMs)
  expect([empty, ahead]).toEqual([0, 0])
  expect(two).toBeCloseTo(one, 3)
  expect(one * gb).toBeGreaterThan(1_000 * 90 * 1440)
  expect(one * gb).toBeLessThan(1_200 * 90 * 1440)
})

it('subtracts one readout from another, whatever came up in between', () => {
  const earlier = { ...empty, lambda: { f: of(1) } }
  const later = { ...empty, lambda: { f: of(3), g: of(2) }, sqs: { requests: 4 } }
  expect(readoutDifference(later, earlier)).toMatchObject({
    lambda: { f: { requests: 2, gbSeconds: 1, metrics: ['M of 3'] }, g: { requests: 2 } },
    sqs: { requests: 4 },
  })
})

it.each([
  [1e6, 4],
  [300e6, 4],
  [300e6 + 1, 8],
  [1.7e9, 32],
  [4.8e9, 64],
])('gives %d events a day %d lanes where four are declared', (eventsPerDay, lanes) => {
  expect(lanesFor(eventsPerDay, 4)).toBe(lanes)
})
