import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { ShardLog } from '../../local/aws/kinesis/shard-log.ts'

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
