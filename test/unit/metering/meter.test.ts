import { beforeEach, expect, it } from 'vitest'
import { Meter } from '../../../local/metering/meter.ts'

let meter: Meter

beforeEach(() => {
  meter = new Meter()
})

it('bills Lambda by the millisecond begun, in GB of the memory it is declared with', () => {
  meter.invoked('f', { memoryMb: 512, usage: { durationMs: 1000.1, cpuMs: 400 } })
  meter.invoked('f', { memoryMb: 512, usage: { durationMs: 999, cpuMs: 400 } })
  expect(meter.readout().lambda.f).toMatchObject({ requests: 2, cpuMs: 800, gbSeconds: 1 })
})

it('counts an invocation that never ran as a request', () => {
  meter.invoked('f', { memoryMb: 512, usage: undefined })
  expect(meter.readout().lambda.f).toMatchObject({ requests: 1, gbSeconds: 0 })
})

it('counts bytes of logs, and each custom metric once', () => {
  const embedded =
    '{"_aws":{"CloudWatchMetrics":[{"Dimensions":[["service"]],"Metrics":[{"Name":"M"}]}]},"service":"é"}\n'
  meter.logged('f', embedded)
  meter.logged('f', embedded)
  const { logBytes, metrics } = meter.readout().lambda.f ?? {}
  expect([logBytes, metrics]).toEqual([2 * Buffer.byteLength(embedded), ['M service=é']])
})

it('bills a query of Athena for the MB begun, 10 at the least, and one that failed or defines for nothing', () => {
  const mb = 1024 * 1024
  meter.queried({ kind: 'select', state: 'SUCCEEDED', scannedBytes: 1 })
  meter.queried({ kind: 'create-table', state: 'SUCCEEDED', scannedBytes: 20 * mb + 1 })
  meter.queried({ kind: 'select', state: 'CANCELLED', scannedBytes: 10 * mb })
  meter.queried({ kind: 'select', state: 'FAILED', scannedBytes: 99 * mb })
  meter.queried({ kind: 'create-view', state: 'SUCCEEDED', scannedBytes: 0 })
  expect(meter.readout().athena).toEqual({
    queries: 3,
    scannedBytes: 30 * mb + 2,
    billedBytes: (10 + 21 + 10) * mb,
  })
})

it('hands out a readout that no later call changes', () => {
  meter.putRecords('raw', [{ data: Buffer.alloc(1), partitionKey: 'k' }])
  const readout = meter.readout()
  meter.putRecords('raw', [{ data: Buffer.alloc(1), partitionKey: 'k' }])
  expect([readout.kinesis.raw?.records, meter.readout().kinesis.raw?.records]).toEqual([1, 2])
})
