import { join } from 'node:path'
import {
  DecreaseStreamRetentionPeriodCommand,
  DescribeStreamCommand,
  IncreaseStreamRetentionPeriodCommand,
  KinesisClient,
} from '@aws-sdk/client-kinesis'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { openKinesisStore } from '../../local/aws/kinesis/disk-store.ts'
import { extendRetention, hoursKept } from '../../shared/aws/kinesis.ts'
import { type EndpointFixture, openFixture } from './endpoint-fixture.ts'

let fixture: EndpointFixture
let kinesis: KinesisClient

beforeEach(async () => {
  fixture = await openFixture()
  kinesis = new KinesisClient(fixture.client)
  fixture.endpoint.kinesis.createStream({ name: 'clicks', shardCount: 1 })
})

afterEach(async () => {
  vi.useRealTimers()
  kinesis.destroy()
  await fixture.remove()
})

const increaseTo = (hours: number) =>
  kinesis.send(
    new IncreaseStreamRetentionPeriodCommand({ StreamName: 'clicks', RetentionPeriodHours: hours }),
  )
const decreaseTo = (hours: number) =>
  kinesis.send(
    new DecreaseStreamRetentionPeriodCommand({ StreamName: 'clicks', RetentionPeriodHours: hours }),
  )

describe('a stream', () => {
  it('keeps a day when it is made, and as long as it was extended to, over a restart too', async () => {
    expect(await hoursKept('clicks', kinesis)).toBe(24)
    await extendRetention('clicks', 168, kinesis)
    await fixture.restart()
    expect(await hoursKept('clicks', kinesis)).toBe(168)
    const { StreamDescription } = await kinesis.send(new DescribeStreamCommand({ StreamName: 'clicks' }))
    expect(StreamDescription?.RetentionPeriodHours).toBe(168)
  })

  it('is set back by the other action', async () => {
    await increaseTo(168)
    await decreaseTo(24)
    expect(await hoursKept('clicks', kinesis)).toBe(24)
  })

  it('is known by its ARN too', async () => {
    const StreamARN = fixture.endpoint.kinesis.describe('clicks').arn
    await kinesis.send(new IncreaseStreamRetentionPeriodCommand({ StreamARN, RetentionPeriodHours: 48 }))
    expect(await hoursKept('clicks', kinesis)).toBe(48)
  })

  it('may be told again what is so', async () => {
    await increaseTo(48)
    await increaseTo(48)
    await decreaseTo(48)
    expect(await hoursKept('clicks', kinesis)).toBe(48)
  })
})

describe('an extension', () => {
  it.each<[string, () => Promise<unknown>, RegExp]>([
    ['below a day', () => decreaseTo(23), /Minimum allowed retention period is 24 hours.*23 hours/],
    ['above a year', () => increaseTo(8761), /Maximum allowed retention period is 8760 hours.*8761 hours/],
    ['downwards', () => increaseTo(47), /clicks can not be shorter than existing.*48 hours/],
    ['upwards by the other action', () => decreaseTo(49), /clicks can not be longer than existing.*48 hours/],
  ])('%s is refused and changes nothing', async (_, change, message) => {
    await increaseTo(48)
    await expect(change()).rejects.toMatchObject({ name: 'InvalidArgumentException', message })
    expect(await hoursKept('clicks', kinesis)).toBe(48)
  })

  it('of a stream that does not exist is refused', async () => {
    await expect(extendRetention('nowhere', 168, kinesis)).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    })
  })
})

describe('records', () => {
  it.each([
    ['gone when the stream keeps a day', 24, 2],
    ['there when it keeps a week', 168, 18],
  ])('of 25 hours ago are %s', async (_, hours, recordsLeft) => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    let now = Date.UTC(2026, 10, 20)
    const dataDir = join(fixture.dataDir, 'other')
    const store = openKinesisStore(dataDir, () => now)
    store.createStream({ name: 'clicks', shardCount: 1 })
    const mebibyte = { partitionKey: 'p', data: Buffer.alloc(1024 * 1024 - 1) }
    const put = (count: number) => store.put('clicks', new Array(count).fill(mebibyte))
    // A file is forgotten as a whole, and the newest never: 16 MiB fill the first.
    put(16)
    put(1)
    now += 25 * 3_600_000
    put(1)
    store.setRetention('clicks', hours)
    await vi.advanceTimersByTimeAsync(10 * 60_000)
    const all = { stream: 'clicks', shardId: 'shardId-000000000000', after: null, maxRecords: 100 }
    const { records } = store.read({ ...all, maxBytes: 1e9 })
    await store.close()
    expect(records.length).toBe(recordsLeft)
  })
})
