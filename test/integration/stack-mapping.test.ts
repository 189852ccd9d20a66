import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { openKinesisStore } from '../../local/aws/kinesis/disk-store.ts'
import {
  type Answer,
  failing,
  type MappingBench,
  openStream,
  putTexts,
  startMapping,
  stream,
} from '../support/stack-mapping.ts'

const open: MappingBench[] = []

function start(...parameters: Parameters<typeof startMapping>): MappingBench {
  const bench = startMapping(...parameters)
  open.push(bench)
  return bench
}

afterEach(async () => {
  for (const bench of open.splice(0)) await bench.stop()
})

const succeed: Answer = () => ({})
const textsOf = (bench: MappingBench) => bench.batches.map(({ texts }) => texts)
const caughtUp = (bench: MappingBench) =>
  expect.poll(() => bench.mapping.isCaughtUp, { interval: 5 }).toBe(true)

describe('an event source mapping', () => {
  it('hands over the records of a shard in order, with the event that Lambda makes', async () => {
    const bench = start(openStream(), succeed)
    const before = Date.now() / 1000
    bench.put('a', 'b')
    await caughtUp(bench)
    const [event = ''] = bench.events
    const [first] = JSON.parse(event).Records
    const [sequenceNumber] = bench.batches[0]?.sequenceNumbers ?? []
    expect(textsOf(bench)).toEqual([['a', 'b']])
    expect(first).toEqual({
      kinesis: {
        kinesisSchemaVersion: '1.0',
        partitionKey: 'a',
        sequenceNumber,
        data: 'YQ==',
        approximateArrivalTimestamp: expect.closeTo(before, -1),
      },
      eventSource: 'aws:kinesis',
      eventVersion: '1.0',
      eventID: `shardId-000000000000:${sequenceNumber}`,
      eventName: 'aws:kinesis:record',
      invokeIdentityArn: expect.stringMatching(/^arn:aws:iam::000000000000:role\//),
      awsRegion: 'us-east-1',
      eventSourceARN: `arn:aws:kinesis:us-east-1:000000000000:stream/${stream}`,
    })
  })

  it('cuts batches at the batch size', async () => {
    const store = openStream()
    putTexts(store.kinesis, 'a', 'b', 'c', 'd', 'e')
    const bench = start(store, succeed, { batchSize: 2 })
    await caughtUp(bench)
    expect(textsOf(bench)).toEqual([['a', 'b'], ['c', 'd'], ['e']])
  })

  it('cuts batches below 6 MB of payload', async () => {
    const store = openStream()
    putTexts(store.kinesis, ...['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((text) => text.repeat(1_000_000)))
    const bench = start(store, succeed)
    await caughtUp(bench)
    expect(bench.batches.map(({ texts }) => texts.length)).toEqual([4, 3])
    expect(bench.events.every((event) => event.length <= 6 * 1024 * 1024)).toBe(true)
  })

  it('gathers records until the window has passed since the first of them', async () => {
    const bench = start(openStream(), succeed, { windowMs: 150 })
    const startedMs = performance.now()
    bench.put('a')
    bench.put('b')
    await expect.poll(() => performance.now() - startedMs).toBeGreaterThan(50)
    expect(bench.batches).toEqual([])
    bench.put('c')
    await caughtUp(bench)
    expect(textsOf(bench)).toEqual([['a', 'b', 'c']])
    expect(performance.now() - startedMs).toBeGreaterThan(140)
  })

  it('gathers the next batch while the function works, so that its window counts from its first record', async () => {
    const windowMs = 1_000
    const working = Promise.withResolvers<void>()
    const answer: Answer = (_, nth) => (nth === 1 ? working.promise : {})
    const bench = start(openStream(), answer, { windowMs, batchSize: 2 })
    bench.put('a', 'b')
    await expect.poll(() => bench.batches.length, { interval: 5 }).toBe(1)
    bench.put('c')
    const putMs = performance.now()
    await expect.poll(() => performance.now() - putMs, { timeout: 3_000 }).toBeGreaterThan(windowMs)
    working.resolve()
    const freeMs = performance.now()
    await caughtUp(bench)
    expect(textsOf(bench)).toEqual([['a', 'b'], ['c']])
    expect(performance.now() - freeMs).toBeLessThan(windowMs)
  })

  it('lets a whole window pass after what was left behind a full batch', async () => {
    const bench = start(openStream(), succeed, { windowMs: 300, batchSize: 2 })
    const startedMs = performance.now()
    bench.put('a', 'b', 'c')
    await caughtUp(bench)
    expect(textsOf(bench)).toEqual([['a', 'b'], ['c']])
    expect(performance.now() - startedMs).toBeGreaterThan(290)
  })

  it('does not wait for the window when the batch is full', async () => {
    const bench = start(openStream(), succeed, { windowMs: 300_000, batchSize: 2 })
    bench.put('a', 'b')
    await caughtUp(bench)
    expect(textsOf(bench)).toEqual([['a', 'b']])
  })

  it('starts at the end for LATEST, and delivers what came while it was stopped', async () => {
    const store = openStream()
    putTexts(store.kinesis, 'before')
    const first = start(store, succeed, { startingPosition: 'LATEST' })
    await first.stop()
    putTexts(store.kinesis, 'between')
    const second = start(store, succeed, { startingPosition: 'LATEST' })
    await caughtUp(second)
    expect(textsOf(second)).toEqual([['between']])
  })

  it('continues after its checkpoint when it starts again', async () => {
    const store = openStream()
    const first = start(store, succeed)
    first.put('a', 'b')
    await caughtUp(first)
    await first.stop()
    putTexts(store.kinesis, 'c')
    const second = start(store, succeed)
    await caughtUp(second)
    expect(textsOf(second)).toEqual([['c']])
  })

  it('starts over on a new stream of the same name', async () => {
    const store = openStream()
    const first = start(store, succeed)
    first.put('a')
    await caughtUp(first)
    await first.stop()
    const { createdMs } = store.kinesis.describe(stream)
    store.kinesis.deleteStream(stream)
    await expect.poll(() => Date.now()).toBeGreaterThan(createdMs)
    store.kinesis.createStream({ name: stream, shardCount: 1 })
    putTexts(store.kinesis, 'again')
    const second = start(store, succeed)
    await caughtUp(second)
    expect(textsOf(second)).toEqual([['again']])
  })

  it('finishes the invocation in flight when it stops, and keeps its checkpoint', async () => {
    const store = openStream()
    const inFlight = Promise.withResolvers<void>()
    const answer = Promise.withResolvers<object>()
    const first = start(store, () => {
      inFlight.resolve()
      return answer.promise
    })
    first.put('a')
    await inFlight.promise
    const stopped = first.stop()
    answer.resolve({})
    await stopped
    const second = start(store, succeed)
    second.put('b')
    await caughtUp(second)
    expect(textsOf(second)).toEqual([['b']])
  })

  it('holds back batches while it is paused', async () => {
    const bench = start(openStream(), succeed)
    bench.mapping.pause()
    bench.put('a')
    bench.put('b')
    expect(bench.mapping.isCaughtUp).toBe(false)
    bench.mapping.resume()
    await caughtUp(bench)
    expect(textsOf(bench).flat()).toEqual(['a', 'b'])
  })
})

describe('shards', () => {
  it('are each read in order, side by side', async () => {
    const bench = start(openStream(2), succeed)
    const texts = Array.from({ length: 200 }, (_, index) => `record ${index}`)
    for (const text of texts) bench.put(text)
    await caughtUp(bench)
    const byShard = Map.groupBy(bench.batches, ({ shardId }) => shardId)
    expect(byShard.size).toBe(2)
    expect(textsOf(bench).flat().toSorted()).toEqual(texts.toSorted())
    for (const batches of byShard.values()) {
      const numbers = batches.flatMap(({ texts }) => texts.map((text) => Number(text.split(' ')[1])))
      expect(numbers).toEqual(numbers.toSorted((a, b) => a - b))
    }
  })

  it('are read to their end before their children', async () => {
    const store = openStream()
    putTexts(store.kinesis, 'parent 1', 'parent 2')
    const [parent] = store.kinesis.listShards(stream)
    const middle = (2n ** 127n).toString()
    store.kinesis.split({ stream, shardId: parent?.shardId ?? '', newStartingHashKey: middle })
    putTexts(store.kinesis, 'child 1', 'child 2', 'child 3')
    const bench = start(store, (_, nth) => (nth < 4 ? failing('') : {}), { batchSize: 1 })
    await caughtUp(bench)
    const texts = textsOf(bench).flat()
    expect(texts.slice(0, 5)).toEqual(['parent 1', 'parent 1', 'parent 1', 'parent 1', 'parent 2'])
    expect(texts.slice(5).toSorted()).toEqual(['child 1', 'child 2', 'child 3'])
  })

  it('that are made by a split while it runs are read too', async () => {
    const bench = start(openStream(), succeed)
    bench.put('parent')
    bench.kinesis.updateShardCount(stream, 2)
    bench.put('child a', 'child b', 'child c', 'child d')
    await expect.poll(() => textsOf(bench).flat().length).toBe(5)
    await caughtUp(bench)
    expect(new Set(bench.batches.map(({ shardId }) => shardId)).size).toBe(3)
  })
})

describe('a batch that fails', () => {
  it('is retried whole when the function throws, and blocks what is behind it', async () => {
    const store = openStream()
    putTexts(store.kinesis, 'a', 'b', 'c')
    const bench = start(
      store,
      (_, nth) => {
        if (nth < 3) throw new Error('no')
      },
      { batchSize: 2 },
    )
    await caughtUp(bench)
    expect(textsOf(bench)).toEqual([['a', 'b'], ['a', 'b'], ['a', 'b'], ['c']])
  })

  it('is retried from the lowest sequence number it reports', async () => {
    const store = openStream()
    const [, b = '', c = ''] = putTexts(store.kinesis, 'a', 'b', 'c')
    const bench = start(store, (_, nth) => (nth === 1 ? failing(c, b) : {}))
    await caughtUp(bench)
    expect(textsOf(bench)).toEqual([
      ['a', 'b', 'c'],
      ['b', 'c'],
    ])
  })

  it('keeps the reported checkpoint over a restart', async () => {
    const store = openStream()
    const [, b = ''] = putTexts(store.kinesis, 'a', 'b')
    const first = start(store, ({ texts }) => (texts.includes('b') ? failing(b) : {}))
    await expect.poll(() => first.batches.length).toBeGreaterThan(1)
    await first.stop()
    const second = start(store, succeed)
    await caughtUp(second)
    expect(textsOf(second)).toEqual([['b']])
  })

  it.each([
    ['an empty identifier', failing('')],
    ['no identifier', failing(undefined)],
    ['an identifier of no record', failing('123')],
    ['a list that is none', { batchItemFailures: 'all' }],
    ['a known and an unknown identifier', failing('123', undefined)],
  ])('is retried whole when it reports %s', async (_, answer) => {
    const store = openStream()
    putTexts(store.kinesis, 'a', 'b')
    const bench = start(store, (_batch, nth) => (nth === 1 ? answer : {}))
    await caughtUp(bench)
    expect(textsOf(bench)).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ])
  })

  it.each([
    ['nothing', undefined],
    ['null', null],
    ['an empty object', {}],
    ['an empty list', failing()],
    ['a null list', { batchItemFailures: null }],
  ])('did not fail when it returns %s', async (_, answer) => {
    const bench = start(openStream(), () => answer)
    bench.put('a', 'b')
    await caughtUp(bench)
    expect(bench.batches).toHaveLength(1)
  })

  it('did not fail, whatever it returns, when the mapping does not ask for reports', async () => {
    const bench = start(openStream(), () => failing(''), { reportsBatchItemFailures: false })
    bench.put('a')
    await caughtUp(bench)
    expect(bench.batches).toHaveLength(1)
  })

  it('is split in two until the bad record stands alone, which takes nothing from its retries', async () => {
    const store = openStream()
    putTexts(store.kinesis, 'a', 'b', 'bad', 'd')
    const answer: Answer = ({ texts }) => {
      if (texts.includes('bad')) throw new Error('bad')
    }
    const bench = start(store, answer, { bisects: true, maxRetries: 1, onFailureBucket: 'failures' })
    await caughtUp(bench)
    expect(textsOf(bench)).toEqual([
      ['a', 'b', 'bad', 'd'],
      ['a', 'b'],
      ['bad', 'd'],
      ['bad'],
      ['bad'],
      ['d'],
    ])
    expect(bench.objects.map(({ body }) => JSON.parse(body).KinesisBatchInfo.batchSize)).toEqual([1])
  })

  it('is given up after its retries, and written to the bucket with its event', async () => {
    const store = openStream()
    const [a = '', b = ''] = putTexts(store.kinesis, 'a', 'b', 'c')
    const answer: Answer = ({ texts }) => {
      if (texts.includes('a')) throw new Error('bad')
    }
    const bench = start(store, answer, { batchSize: 2, maxRetries: 2, onFailureBucket: 'failures' })
    await caughtUp(bench)
    const [object] = bench.objects
    const record = JSON.parse(object?.body ?? '{}')
    expect(textsOf(bench)).toEqual([['a', 'b'], ['a', 'b'], ['a', 'b'], ['c']])
    expect(object?.bucket).toBe('failures')
    expect(object?.key).toMatch(
      /^aws\/lambda\/EnrichMapping\/shardId-000000000000\/\d{4}\/\d\d\/\d\d\/[\d-]{10}T[\d.]{8}-[\da-f-]{36}$/,
    )
    expect(record).toMatchObject({
      requestContext: { condition: 'RetryAttemptsExhausted', approximateInvokeCount: 3 },
      responseContext: { statusCode: 200, functionError: 'Unhandled' },
      KinesisBatchInfo: { startSequenceNumber: a, endSequenceNumber: b, batchSize: 2 },
    })
    expect(JSON.parse(record.payload).Records).toHaveLength(2)
  })

  it('loses its records that are too old, without an invocation', async () => {
    const store = openStream()
    putTexts(store.kinesis, 'old')
    await expect.poll(() => Date.now() - store.kinesis.describe(stream).createdMs).toBeGreaterThan(60)
    const bench = start(store, succeed, { maxRecordAgeMs: 50, onFailureBucket: 'failures' })
    await caughtUp(bench)
    expect(bench.batches).toEqual([])
    expect(JSON.parse(bench.objects[0]?.body ?? '{}').requestContext.condition).toBe('RecordAgeExceeded')
  })

  it('goes no further than its own records when they are too old, and delivers those that are not', async () => {
    let arrivalMs = Date.now() - 3_600_000
    const dataDir = mkdtempSync(join(tmpdir(), 'weir-mapping-'))
    const kinesis = openKinesisStore(dataDir, () => arrivalMs)
    kinesis.createStream({ name: stream, shardCount: 1 })
    putTexts(kinesis, 'a', 'b', 'c')
    arrivalMs = Date.now()
    putTexts(kinesis, 'd', 'e')
    const limits = { batchSize: 2, maxRecordAgeMs: 600_000, onFailureBucket: 'failures' }
    const bench = start({ dataDir, kinesis }, succeed, limits)
    await caughtUp(bench)
    expect(textsOf(bench)).toEqual([['d'], ['e']])
    const discarded = bench.objects.map(({ body }) => JSON.parse(body).KinesisBatchInfo.batchSize)
    expect(discarded).toEqual([2, 1])
  })

  it('is not done with when the mapping stops, so that it comes again', async () => {
    const store = openStream()
    const first = start(store, () => failing(''))
    first.put('a')
    await expect.poll(() => first.batches.length).toBeGreaterThan(0)
    await first.stop()
    const second = start(store, succeed)
    await caughtUp(second)
    expect(textsOf(second)).toEqual([['a']])
  })
})
