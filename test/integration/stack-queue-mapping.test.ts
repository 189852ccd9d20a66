import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openSqs, type Sqs } from '../../local/aws/sqs/sqs.ts'
import type { QueueMappingDeclaration } from '../../local/stack/declaration.ts'
import type { Invocation } from '../../local/stack/invocation.ts'
import { QueueMapping } from '../../local/stack/queue-mapping.ts'
import { queueNamed } from '../support/sqs-queue.ts'

const declaration: QueueMappingDeclaration = {
  id: 'ReportMapping',
  queueName: 'jobs',
  queueArn: 'arn:aws:sqs:us-east-1:000000000000:jobs',
  functionName: 'weir-local-report',
  batchSize: 10,
  windowMs: 0,
  maxConcurrency: 2,
  reportsBatchItemFailures: true,
}

type Batch = { readonly ids: readonly string[]; readonly bodies: readonly string[] }
type Answer = (batch: Batch, nth: number) => unknown

let folder: string
let sqs: Sqs
let mapping: QueueMapping | undefined
let batches: Batch[]
let events: string[]

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'weir-queue-'))
  sqs = openSqs(folder)
  sqs.declare(queueNamed('dead'))
  sqs.declare(queueNamed('jobs'))
  batches = []
  events = []
  mapping = undefined
})

afterEach(async () => {
  await mapping?.stop()
  sqs.close()
  rmSync(folder, { recursive: true })
})

const jobs = () => sqs.queue('jobs')
const send = (...bodies: string[]) =>
  jobs().send(bodies.map((body) => ({ body, attributes: {}, senderId: 'me', delayMs: undefined })))
const nothingLeft = { visible: 0, inFlight: 0, delayed: 0 }
const seen = () => batches.map(({ bodies }) => bodies)

function start(answer: Answer, more: Partial<QueueMappingDeclaration> = {}): QueueMapping {
  mapping = new QueueMapping({
    declaration: { ...declaration, ...more },
    queue: jobs(),
    async invoke(payload): Promise<Invocation> {
      events.push(payload)
      const { Records }: { Records: { messageId: string; body: string }[] } = JSON.parse(payload)
      const batch = {
        ids: Records.map(({ messageId }) => messageId),
        bodies: Records.map(({ body }) => body),
      }
      batches.push(batch)
      try {
        const returned = JSON.stringify(await answer(batch, batches.length)) ?? 'null'
        return { kind: 'returned', requestId: 'r', payload: returned }
      } catch (error) {
        return {
          kind: 'failed',
          requestId: 'r',
          errorType: 'Error',
          errorMessage: String(error),
          timedOut: false,
        }
      }
    },
  })
  mapping.start((error) => {
    throw error
  })
  return mapping
}

const failing = (...ids: (string | undefined)[]) => ({
  batchItemFailures: ids.map((itemIdentifier) => ({ itemIdentifier })),
})

describe('the mapping of a queue', () => {
  it('hands over messages with the event that Lambda makes, and deletes them', async () => {
    const [message] = send('a')
    start(() => ({}))
    await expect.poll(() => jobs().counts()).toEqual(nothingLeft)
    const [event = ''] = events
    expect(JSON.parse(event).Records).toEqual([
      {
        messageId: message?.id,
        receiptHandle: expect.stringMatching(/.+/),
        body: 'a',
        attributes: {
          ApproximateReceiveCount: '1',
          SentTimestamp: String(message?.sentMs),
          SenderId: 'me',
          ApproximateFirstReceiveTimestamp: expect.stringMatching(/^\d{13}$/),
        },
        messageAttributes: {},
        md5OfBody: '0cc175b9c0f1b6a831c399e269772661',
        eventSource: 'aws:sqs',
        eventSourceARN: declaration.queueArn,
        awsRegion: 'us-east-1',
      },
    ])
  })

  it('cuts batches at the batch size, beyond what one receive takes too', async () => {
    send(...Array.from({ length: 25 }, (_, i) => String(i)))
    start(() => ({}), { batchSize: 20, maxConcurrency: 1, windowMs: 100 })
    await expect.poll(() => jobs().counts()).toEqual(nothingLeft)
    expect(seen().map(({ length }) => length)).toEqual([20, 5])
  })

  it('gathers messages until the window has passed', async () => {
    start(() => ({}), { windowMs: 200, maxConcurrency: 1 })
    send('a')
    send('b')
    await expect.poll(() => jobs().counts()).toEqual(nothingLeft)
    expect(seen()).toEqual([['a', 'b']])
  })

  it('invokes so many at a time and no more', async () => {
    send('a', 'b', 'c', 'd', 'e')
    let running = 0
    let most = 0
    const go = Promise.withResolvers<void>()
    start(
      async () => {
        most = Math.max(most, ++running)
        await go.promise
        running--
      },
      { batchSize: 1, maxConcurrency: 3 },
    )
    await expect.poll(() => batches.length).toBe(3)
    expect(jobs().counts()).toEqual({ visible: 2, inFlight: 3, delayed: 0 })
    go.resolve()
    await expect.poll(() => jobs().counts()).toEqual(nothingLeft)
    expect(most).toBe(3)
  })

  it('goes on with others while one is slow', async () => {
    send('slow', 'b', 'c', 'd')
    const slow = Promise.withResolvers<void>()
    start(({ bodies }) => (bodies.includes('slow') ? slow.promise : {}), { batchSize: 1 })
    await expect.poll(() => jobs().counts()).toEqual({ visible: 0, inFlight: 1, delayed: 0 })
    expect(seen().flat().sort()).toEqual(['b', 'c', 'd', 'slow'])
    slow.resolve()
    await expect.poll(() => jobs().counts()).toEqual(nothingLeft)
  })

  it('holds back batches while it is paused', async () => {
    const paused = start(() => ({}))
    paused.pause()
    send('a')
    await expect.poll(() => jobs().counts()).toEqual({ visible: 0, inFlight: 1, delayed: 0 })
    expect([batches, paused.isCaughtUp]).toEqual([[], false])
    paused.resume()
    await expect.poll(() => paused.isCaughtUp).toBe(true)
    expect(seen()).toEqual([['a']])
  })

  it('finishes the invocation in flight when it stops, and leaves the others to the next start', async () => {
    send('a')
    const inFlight = Promise.withResolvers<void>()
    const answer = Promise.withResolvers<void>()
    const first = start(() => {
      inFlight.resolve()
      return answer.promise
    })
    await inFlight.promise
    first.pause()
    send('b')
    await expect.poll(() => jobs().counts().inFlight).toBe(2)
    const stopped = first.stop()
    answer.resolve()
    await stopped
    expect(jobs().counts()).toEqual({ visible: 1, inFlight: 0, delayed: 0 })
    expect(seen()).toEqual([['a']])
  })
})

describe('a message that fails', () => {
  const again = () => sqs.declare(queueNamed('jobs', { visibilityTimeoutMs: 50 }))

  it('comes again alone when the others of its batch did not', async () => {
    again()
    const [, b] = send('a', 'b', 'c')
    start((_, nth) => (nth === 1 ? failing(b?.id) : {}))
    await expect.poll(() => jobs().counts()).toEqual(nothingLeft)
    expect(seen()).toEqual([['a', 'b', 'c'], ['b']])
  })

  it.each<[string, Answer]>([
    ['throws', () => Promise.reject(new Error('no'))],
    ['reports an id of no message', () => failing('none')],
    ['reports no id', () => failing(undefined)],
    ['reports what is no list', () => ({ batchItemFailures: 'all' })],
  ])('comes again with its whole batch when the function %s', async (_, answer) => {
    again()
    send('a', 'b')
    start((batch, nth) => (nth === 1 ? answer(batch, nth) : {}))
    await expect.poll(() => jobs().counts()).toEqual(nothingLeft)
    expect(seen().flat().sort()).toEqual(['a', 'a', 'b', 'b'])
  })

  it('is not asked for when the mapping does not take reports', async () => {
    const [a] = send('a')
    start(() => failing(a?.id), { reportsBatchItemFailures: false })
    await expect.poll(() => jobs().counts()).toEqual(nothingLeft)
    expect(batches).toHaveLength(1)
  })

  it('goes to the dead-letter queue after as many receives as the queue allows', async () => {
    sqs.declare(
      queueNamed('jobs', {
        visibilityTimeoutMs: 20,
        redrive: { deadLetterQueue: 'dead', maxReceiveCount: 3 },
      }),
    )
    send('poison')
    start(() => Promise.reject(new Error('always')))
    await expect.poll(() => sqs.queue('dead').counts().visible).toBe(1)
    expect(seen()).toEqual([['poison'], ['poison'], ['poison']])
    expect(jobs().counts()).toEqual(nothingLeft)
  })
})
