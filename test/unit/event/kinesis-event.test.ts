import { describe, expect, it } from 'vitest'
import { batchSpan, rawRecords } from '../../../shared/core/event/kinesis-event.ts'
import { sequence } from '../../support/lane-events.ts'

const delivered = (n: number, data: string, approximateArrivalTimestamp = 1_795_176_000) => ({
  eventID: `shardId-000000000003:${sequence(n)}`,
  kinesis: { partitionKey: 'key', sequenceNumber: sequence(n), data, approximateArrivalTimestamp },
})

describe('rawRecords', () => {
  it('names the shard of each record, whatever the one before it was', () => {
    const ids = ['shardId-1:7', 'shardId-1:8', 'shardId-12:9', 'shardId-1:10', ':11']
    const records = rawRecords({ Records: ids.map((eventID) => ({ ...delivered(1, ''), eventID })) })
    expect(records.map(({ shardId }) => shardId)).toEqual([
      'shardId-1',
      'shardId-1',
      'shardId-12',
      'shardId-1',
      '',
    ])
  })

  it('reads shard, sequence number, arrival and bytes off what Lambda hands over', () => {
    const records = rawRecords({ Records: [delivered(1, 'AP/+gA=='), delivered(2, '')] })
    const read = records.map(({ shardId, sequenceNumber, partitionKey, arrivalMs, data }) => {
      return { shardId, sequenceNumber, partitionKey, arrivalMs, data }
    })
    expect(read).toEqual([
      {
        shardId: 'shardId-000000000003',
        sequenceNumber: sequence(1),
        partitionKey: 'key',
        arrivalMs: 1_795_176_000_000,
        data: Buffer.from([0, 0xff, 0xfe, 0x80]),
      },
      {
        shardId: 'shardId-000000000003',
        sequenceNumber: sequence(2),
        partitionKey: 'key',
        arrivalMs: 1_795_176_000_000,
        data: Buffer.alloc(0),
      },
    ])
  })

  it.each([
    [1_795_176_000.001, 1],
    [1_795_176_000.000_999_7, 1],
    [1_795_176_000.001_000_2, 1],
    [1_795_176_000.999, 999],
  ])('takes the arrival %d, seconds as a float, as the nearest millisecond', (seconds, ms) => {
    const [record] = rawRecords({ Records: [delivered(1, '', seconds)] })
    expect(record?.arrivalMs).toBe(1_795_176_000_000 + ms)
  })
})

describe('batchSpan', () => {
  it('names the shard, both ends and the count, and nothing of the content', () => {
    const records = rawRecords({ Records: [1, 2, 3].map((n) => delivered(n, 'c2VjcmV0')) })
    expect(batchSpan(records)).toEqual({
      shard: 'shardId-000000000003',
      firstSequenceNumber: sequence(1),
      lastSequenceNumber: sequence(3),
      records: 3,
    })
  })

  it('is of nothing when there is nothing', () => {
    expect(batchSpan([])).toEqual({ records: 0 })
  })
})
