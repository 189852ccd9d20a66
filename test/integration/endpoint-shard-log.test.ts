import { randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { msOfTick } from '../../local/aws/kinesis/sequence.ts'
import { ShardLog } from '../../local/aws/kinesis/shard-log.ts'
import type { RecordSize } from '../../local/aws/kinesis/store.ts'

const segmentBytes = 1000
let folder: string
let log: ShardLog

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'weir-log-'))
  log = new ShardLog(folder, 0, { segmentBytes })
})

afterEach(() => {
  log.close()
  rmSync(folder, { recursive: true })
})

const append = (n: number) => log.append([{ partitionKey: String(n), data: Buffer.alloc(200) }])
const keys = (fromTick: number, maxRecords = 1000) =>
  log.read({ fromTick, maxRecords, maxBytes: 1e9 }).map(({ partitionKey }) => Number(partitionKey))
const upTo = (count: number) => Array.from({ length: count }, (_, n) => n)

it('reads on from file to file', () => {
  const ticks = upTo(20).flatMap(append)
  expect(readdirSync(folder).length).toBeGreaterThan(3)
  expect(keys(0)).toEqual(upTo(20))
  for (const [n, tick] of ticks.entries()) expect(keys(tick)).toEqual(upTo(20).slice(n))
  expect(keys(ticks[7] ?? 0, 5)).toEqual([7, 8, 9, 10, 11])
})

it('is found again as it was', () => {
  const ticks = upTo(20).flatMap(append)
  log.close()
  log = new ShardLog(folder, 0, { segmentBytes })
  expect(log.lastTick).toBe(ticks.at(-1))
  expect(append(20)[0]).toBeGreaterThan(ticks.at(-1) ?? 0)
  expect(keys(0)).toEqual(upTo(21))
})

it('forgets whole files of old records, never the newest', () => {
  upTo(20).forEach(append)
  log.trim(Date.now() + 60_000)
  expect(readdirSync(folder).length).toBe(1)
  expect(keys(0).at(-1)).toBe(19)
  expect(append(20).length).toBe(1)
})

it('keeps files whose records may still be wanted', () => {
  upTo(20).forEach(append)
  log.trim(Date.now() - 60_000)
  expect(keys(0)).toEqual(upTo(20))
})

it('tells the sizes of the records from a tick on, until one is not wanted', () => {
  const ticks = upTo(20).flatMap(append)
  const sizes: RecordSize[] = []
  const take = (most: number) => (size: RecordSize) => sizes.length < most && sizes.push(size) > 0
  expect(log.measure(ticks[5] ?? 0, take(8))).toBe(ticks[12])
  expect(sizes).toEqual(
    upTo(13)
      .slice(5)
      .map((n) => ({ dataBytes: 200, keyBytes: String(n).length })),
  )
  expect(log.measure(0, () => false)).toBeUndefined()
  expect(log.measure((ticks[19] ?? 0) + 1, () => true)).toBeUndefined()
})

const record = fc.record(
  {
    partitionKey: fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }),
    explicitHashKey: fc.nat().map(String),
    data: fc
      .oneof({ weight: 20, arbitrary: fc.nat(400) }, { weight: 1, arbitrary: fc.constant(600_000) })
      .map((bytes) => randomBytes(bytes)),
  },
  { requiredKeys: ['partitionKey', 'data'] },
)

it('answers in columns, in memory of their own, what it answers record by record', () => {
  fc.assert(
    fc.property(fc.array(record, { minLength: 1, maxLength: 40 }), fc.nat(), fc.nat(), (records, a, b) => {
      const ticks = log.append(records)
      const from = a % ticks.length
      const through = from + (b % (ticks.length - from))
      const fromTick = ticks[from] ?? 0
      const found = log.columns(fromTick, ticks[through] ?? 0)
      const frames = log.read({ fromTick, maxRecords: through - from + 1, maxBytes: 1e9 })
      const { data, ends } = found
      expect(found.ticks).toEqual(frames.map(({ tick }) => tick))
      expect(found.partitionKeys).toEqual(frames.map(({ partitionKey }) => partitionKey))
      expect(found.arrivalsMs).toEqual(frames.map(({ tick }) => msOfTick(tick)))
      expect(
        ends.map((end, index) =>
          data.compare(frames[index]?.data ?? Buffer.of(), 0, undefined, ends[index - 1] ?? 0, end),
        ),
      ).toEqual(ends.map(() => 0))
      expect(data.buffer.byteLength).toBe(ends.at(-1))
    }),
    { numRuns: 50 },
  )
})
