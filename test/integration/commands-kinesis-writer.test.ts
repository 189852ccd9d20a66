import { KinesisClient } from '@aws-sdk/client-kinesis'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createRecordWriter, listShards, streamCreatedMs } from '../../shared/aws/kinesis.ts'
import { type EndpointFixture, openFixture } from './endpoint-fixture.ts'

const streamName = 'weir-test-raw'

let fixture: EndpointFixture
let client: KinesisClient

beforeEach(async () => {
  fixture = await openFixture()
  fixture.endpoint.kinesis.createStream({ name: streamName, shardCount: 2 })
  client = new KinesisClient(fixture.client)
})
afterEach(async () => {
  client.destroy()
  await fixture.remove()
})

const record = (text: string, explicitHashKey = '0') => ({
  data: Buffer.from(text),
  partitionKey: 'p',
  explicitHashKey,
})
const stored = () =>
  fixture.endpoint.kinesis.listShards(streamName).flatMap(({ shardId }) => {
    const all = { stream: streamName, shardId, after: null, maxRecords: 10_000, maxBytes: 1e9 }
    return fixture.endpoint.kinesis.read(all).records.map((found) => ({ ...found, shardId }))
  })
const putRequests = () => {
  let count = 0
  fixture.endpoint.onCall(({ action }) => {
    if (action === 'PutRecords') count++
  })
  return () => count
}

describe('createRecordWriter', () => {
  it('says where each record went, in the order given', async () => {
    const [low, high] = (await listShards(streamName, client)).map(({ startingHashKey }) => startingHashKey)
    const records = [record('a', high), record('b', low), record('c', high)]
    const placed = await createRecordWriter({ streamName, client }).put(records)
    const byPlace = new Map(
      stored().map((found) => [`${found.shardId}:${found.sequenceNumber}`, String(found.data)]),
    )
    expect(placed.map(({ shardId, sequenceNumber }) => byPlace.get(`${shardId}:${sequenceNumber}`))).toEqual([
      'a',
      'b',
      'c',
    ])
    expect(new Set(placed.map(({ shardId }) => shardId)).size).toBe(2)
  })

  it('sends again what was refused inside a 200, and only that', async () => {
    const refusals = new Map<string, number>()
    fixture.endpoint.faults.entry = ({ data }) => {
      const refused = refusals.get(String(data)) ?? 0
      if (!['b', 'd'].includes(String(data)) || refused === 2) return undefined
      refusals.set(String(data), refused + 1)
      return { code: 'ProvisionedThroughputExceededException' }
    }
    const placed = await createRecordWriter({ streamName, client }).put(
      ['a', 'b', 'c', 'd'].map((text) => record(text)),
    )
    expect(
      stored()
        .map(({ data }) => String(data))
        .sort(),
    ).toEqual(['a', 'b', 'c', 'd'])
    expect(placed.every(({ sequenceNumber }) => sequenceNumber !== '')).toBe(true)
  })

  it('splits at 500 records and at 5 MiB', async () => {
    const requests = putRequests()
    const writer = createRecordWriter({ streamName, client })
    await writer.put(Array.from({ length: 501 }, (_, n) => record(String(n))))
    expect(requests()).toBe(2)
    await writer.put(Array.from({ length: 6 }, () => record('x'.repeat(1024 * 1024 - 10))))
    expect(requests()).toBe(4)
    expect(stored()).toHaveLength(507)
  })

  it('gives up a stream that takes nothing, and says why', async () => {
    fixture.endpoint.faults.entry = () => ({ code: 'InternalFailure', message: 'out of order' })
    const put = createRecordWriter({ streamName, client, maxAttempts: 3 }).put([record('a')])
    await expect(put).rejects.toThrow(
      'weir-test-raw refused 1 records 3 times; last: InternalFailure: out of order',
    )
    expect(stored()).toEqual([])
  })

  it('ends at once when it is told to', async () => {
    fixture.endpoint.faults.entry = () => ({ code: 'InternalFailure' })
    const put = createRecordWriter({ streamName, client }).put([record('a')], {
      signal: AbortSignal.timeout(200),
    })
    await expect(put).rejects.toThrow(/abort/i)
  })
})

describe('listShards', () => {
  it('tells parents and which shards are open', async () => {
    const [first] = fixture.endpoint.kinesis.listShards(streamName)
    if (!first) throw new Error('no shard')
    fixture.endpoint.kinesis.split({ stream: streamName, shardId: first.shardId, newStartingHashKey: '1000' })
    const shards = await listShards(streamName, client)
    expect(shards.map(({ open }) => open)).toEqual([false, true, true, true])
    expect(shards.slice(2).map(({ parents, startingHashKey }) => [parents, startingHashKey])).toEqual([
      [[first.shardId], '0'],
      [[first.shardId], '1000'],
    ])
  })
})

describe('streamCreatedMs', () => {
  it('is the time that the stream was made', async () => {
    const { createdMs } = fixture.endpoint.kinesis.describe(streamName)
    expect(Math.abs((await streamCreatedMs(streamName, client)) - createdMs)).toBeLessThan(1_000)
  })
})
