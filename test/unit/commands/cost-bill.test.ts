import { expect, it } from 'vitest'
import { billOf, dollarsOfWaiting } from '../../../commands/cost/bill.ts'
import type { MonthlyUnits } from '../../../commands/cost/monthly-units.ts'
import { quantity } from '../../../commands/cost/quantity.ts'
import { shardsFor } from '../../../commands/cost/scenario.ts'

const nothing: MonthlyUnits = {
  shardHours: { raw: 0, lanes: 0 },
  retentionHours: 24,
  putUnits: { raw: 0, lanes: 0 },
  functions: {},
  state: { writes: 0, reads: 0, gb: 0 },
  lake: { writes: 0, gb: 0 },
  table: { writeUnits: 0, readUnits: 0, gb: 0 },
  firehose: {},
  scannedTb: 0,
  logGb: 0,
  metrics: 0,
  alarms: 0,
  sqsRequests: 0,
}

it.each<[string, Partial<MonthlyUnits>, number]>([
  ['Kinesis shards', { shardHours: { raw: 730, lanes: 730 } }, 21.9],
  ['Kinesis PUT units', { putUnits: { raw: 300e6, lanes: 4e6 } }, 4.256],
  [
    'Lambda duration',
    { functions: { enrich: { requests: 0, workGbSeconds: 1e6, gbSeconds: 3e6, memoryGb: 1 } } },
    13.3334,
  ],
  [
    'Lambda requests',
    { functions: { enrich: { requests: 2e6, workGbSeconds: 0, gbSeconds: 0, memoryGb: 0 } } },
    0.4,
  ],
  ['S3 requests', { state: { writes: 1e6, reads: 1e6, gb: 0 }, lake: { writes: 1e6, gb: 0 } }, 10.4],
  ['S3 storage', { state: { writes: 0, reads: 0, gb: 1 }, lake: { writes: 0, gb: 99 } }, 2.3],
  ['DynamoDB writes', { table: { writeUnits: 40e6, readUnits: 0, gb: 0 } }, 25],
  ['DynamoDB reads', { table: { writeUnits: 0, readUnits: 8e6, gb: 0 } }, 1],
  ['DynamoDB storage', { table: { writeUnits: 0, readUnits: 0, gb: 10 } }, 4.5],
  [
    'Firehose bytes',
    { firehose: { raw: { gb: 100, convertedGb: 0 }, bad: { gb: 100, convertedGb: 0 } } },
    5.8,
  ],
  ['Athena, daily tables', { scannedTb: 2 }, 10],
  ['CloudWatch logs', { logGb: 4 }, 2],
  ['CloudWatch metrics and alarms', { metrics: 10, alarms: 20 }, 5],
  ['SQS requests', { sqsRequests: 1e6 }, 0.4],
])('%s stand alone in the bill when nothing else was used', (term, units, dollars) => {
  const bill = billOf({ ...nothing, ...units })
  expect(bill.terms[term]).toBeCloseTo(dollars, 8)
  expect(bill.total).toBeCloseTo(dollars, 8)
})

it('adds the conversion to the bytes', () => {
  const { terms, total } = billOf({ ...nothing, firehose: { events: { gb: 100, convertedGb: 100 } } })
  expect(terms['Firehose conversion']).toBeCloseTo(1.8, 8)
  expect(total).toBeCloseTo(2.9 + 1.8, 8)
})

it('says what waiting would add, by requests and memory', () => {
  const functions = { enrich: { requests: 1e6, workGbSeconds: 0, gbSeconds: 0, memoryGb: 2 } }
  expect(dollarsOfWaiting({ ...nothing, functions }, 0.1)).toBeCloseTo(2e5 * 0.0000133334, 8)
})

it('bills retention beyond a day by the shard hour, however long it is', () => {
  const bill = (retentionHours: number) =>
    billOf({ ...nothing, shardHours: { raw: 730, lanes: 0 }, retentionHours }).terms['Kinesis retention']
  expect([bill(24), bill(25), bill(168)]).toEqual([0, 14.6, 14.6])
})

it.each([
  ['10M', 10e6],
  ['1.7B', 1.7e9],
  ['250k', 250e3],
  ['8640000', 8.64e6],
])('reads %s as a number', (text, value) => {
  expect(quantity('events-per-day', text)).toBe(value)
})

it.each(['', 'M', '-1', '0', '1e6', '10 M', '10MB'])('refuses %j as a number', (text) => {
  expect(() => quantity('events-per-day', text)).toThrow('--events-per-day takes a number such as')
})

it('takes as many shards as bytes or records need, a fifth left free', () => {
  const shard = 1024 * 1024 * 0.8
  expect([0, shard, shard + 1, 10 * shard].map((bytes) => shardsFor({ bytes, records: 0 }))).toEqual([
    1, 1, 2, 10,
  ])
  expect([800, 801].map((records) => shardsFor({ bytes: 0, records }))).toEqual([1, 2])
})
