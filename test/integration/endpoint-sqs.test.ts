import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  type Message,
  type QueueAttributeName,
  ReceiveMessageCommand,
  type ReceiveMessageCommandInput,
  SendMessageBatchCommand,
  SendMessageCommand,
  type SendMessageCommandInput,
  SQSClient,
} from '@aws-sdk/client-sqs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { queueNamed } from '../support/sqs-queue.ts'
import { type EndpointFixture, openFixture } from './endpoint-fixture.ts'

let fixture: EndpointFixture
let sqs: SQSClient

beforeAll(async () => {
  fixture = await openFixture('sender')
  sqs = new SQSClient(fixture.client)
})

afterAll(() => fixture.remove())

let made = 0
/** A queue of its own for a test; answers its address. */
async function queue(more: Parameters<typeof queueNamed>[1] = {}): Promise<string> {
  const QueueName = `queue-${made++}`
  fixture.endpoint.sqs.declare(queueNamed(QueueName, more))
  return (await sqs.send(new GetQueueUrlCommand({ QueueName }))).QueueUrl ?? ''
}

const send = (QueueUrl: string, MessageBody: string, more: Partial<SendMessageCommandInput> = {}) =>
  sqs.send(new SendMessageCommand({ QueueUrl, MessageBody, ...more }))

async function receive(QueueUrl: string, more: Partial<ReceiveMessageCommandInput> = {}): Promise<Message[]> {
  const answer = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, ...more }))
  return answer.Messages ?? []
}

const bodies = (messages: readonly Message[]) => messages.map(({ Body }) => Body).sort()

async function attributes(QueueUrl: string, ...AttributeNames: QueueAttributeName[]) {
  return (await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames }))).Attributes
}

describe('a message', () => {
  it('comes with checksums that the SDK has checked, its attributes and who sent it', async () => {
    const url = await queue()
    const MessageAttributes = {
      colour: { DataType: 'String', StringValue: 'grün' },
      blob: { DataType: 'Binary', BinaryValue: Buffer.from([1, 2]) },
      count: { DataType: 'Number', StringValue: '7' },
    }
    const sent = await send(url, 'héllo\n"world"', { MessageAttributes })
    const [message] = await receive(url, {
      MessageSystemAttributeNames: ['All'],
      MessageAttributeNames: ['All'],
    })
    expect(message).toMatchObject({
      MessageId: sent.MessageId,
      Body: 'héllo\n"world"',
      Attributes: { SenderId: 'sender', ApproximateReceiveCount: '1' },
      MessageAttributes: { colour: MessageAttributes.colour, count: MessageAttributes.count },
      // Reckoned apart from this code, from the form in the developer guide.
      MD5OfMessageAttributes: '8e531e18b9de4ce021b6f22b4bfb59f4',
    })
    expect(message?.MessageAttributes?.blob?.BinaryValue).toEqual(new Uint8Array([1, 2]))
  })

  it('is received by one receiver until its visibility timeout is over, then again', async () => {
    const url = await queue({ visibilityTimeoutMs: 300 })
    await send(url, 'once')
    const [first] = await receive(url)
    expect(await receive(url)).toEqual([])
    const startedMs = performance.now()
    const [second] = await receive(url, {
      WaitTimeSeconds: 5,
      MessageSystemAttributeNames: ['ApproximateReceiveCount'],
    })
    expect(performance.now() - startedMs).toBeGreaterThan(100)
    expect(second).toMatchObject({
      MessageId: first?.MessageId,
      Attributes: { ApproximateReceiveCount: '2' },
    })
    // The handle of the first receive is worth nothing any more.
    await sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: first?.ReceiptHandle ?? '' }))
    expect(await attributes(url, 'ApproximateNumberOfMessagesNotVisible')).toEqual({
      ApproximateNumberOfMessagesNotVisible: '1',
    })
    await sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: second?.ReceiptHandle ?? '' }))
    expect(await attributes(url, 'ApproximateNumberOfMessagesNotVisible')).toEqual({
      ApproximateNumberOfMessagesNotVisible: '0',
    })
  })

  it('is visible sooner or later when its receiver says so', async () => {
    const url = await queue()
    await send(url, 'given back')
    const [message] = await receive(url)
    const change = (VisibilityTimeout: number) =>
      sqs.send(
        new ChangeMessageVisibilityCommand({
          QueueUrl: url,
          ReceiptHandle: message?.ReceiptHandle,
          VisibilityTimeout,
        }),
      )
    await change(60)
    expect(await receive(url)).toEqual([])
    await change(0)
    expect(bodies(await receive(url))).toEqual(['given back'])
  })

  it('waits for its delay', async () => {
    const url = await queue()
    await send(url, 'later', { DelaySeconds: 1 })
    expect(await attributes(url, 'ApproximateNumberOfMessagesDelayed')).toEqual({
      ApproximateNumberOfMessagesDelayed: '1',
    })
    expect(await receive(url)).toEqual([])
    expect(bodies(await receive(url, { WaitTimeSeconds: 5 }))).toEqual(['later'])
  })

  it('expires', async () => {
    const url = await queue({ retentionMs: 1 })
    await send(url, 'old')
    await expect
      .poll(() => attributes(url, 'ApproximateNumberOfMessages'))
      .toEqual({ ApproximateNumberOfMessages: '0' })
  })

  it('is given to who waits for it the moment it is sent', async () => {
    const url = await queue()
    const startedMs = performance.now()
    const waiting = receive(url, { WaitTimeSeconds: 20 })
    await send(url, 'at last')
    expect(bodies(await waiting)).toEqual(['at last'])
    expect(performance.now() - startedMs).toBeLessThan(5_000)
  })
})

describe('a batch', () => {
  it('is sent and deleted, each of its messages answered by its id', async () => {
    const url = await queue()
    const Entries = ['a', 'b', 'c'].map((Id) => ({ Id, MessageBody: `body ${Id}` }))
    const sent = await sqs.send(new SendMessageBatchCommand({ QueueUrl: url, Entries }))
    expect(sent.Successful?.map(({ Id }) => Id)).toEqual(['a', 'b', 'c'])
    const messages = await receive(url)
    expect(bodies(messages)).toEqual(['body a', 'body b', 'body c'])
    const deleted = messages.map(({ MessageId: Id, ReceiptHandle }) => ({ Id, ReceiptHandle }))
    await sqs.send(new DeleteMessageBatchCommand({ QueueUrl: url, Entries: deleted }))
    expect(await attributes(url, 'ApproximateNumberOfMessagesNotVisible')).toEqual({
      ApproximateNumberOfMessagesNotVisible: '0',
    })
  })

  it.each([
    ['none', [], 'EmptyBatchRequest'],
    ['more than ten', Array.from({ length: 11 }, (_, i) => String(i)), 'TooManyEntriesInBatchRequest'],
    ['two of one id', ['a', 'a'], 'BatchEntryIdsNotDistinct'],
  ])('of %s is refused', async (_, ids, name) => {
    const QueueUrl = await queue()
    const Entries = ids.map((Id) => ({ Id, MessageBody: 'x' }))
    await expect(sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }))).rejects.toMatchObject({ name })
  })
})

describe('a queue', () => {
  it('that nobody declared does not exist', async () => {
    await expect(sqs.send(new GetQueueUrlCommand({ QueueName: 'none' }))).rejects.toMatchObject({
      name: 'QueueDoesNotExist',
    })
  })

  it('gives what was received too often to its dead-letter queue, and tells of that', async () => {
    const dead = await queue()
    const name = dead.split('/').at(-1) ?? ''
    const url = await queue({
      visibilityTimeoutMs: 0,
      redrive: { deadLetterQueue: name, maxReceiveCount: 2 },
    })
    const sent = await send(url, 'poison')
    expect(bodies(await receive(url))).toEqual(['poison'])
    expect(bodies(await receive(url))).toEqual(['poison'])
    expect(await receive(url)).toEqual([])
    const [buried] = await receive(dead, { MessageSystemAttributeNames: ['All'] })
    expect(buried).toMatchObject({
      MessageId: sent.MessageId,
      Body: 'poison',
      Attributes: { ApproximateReceiveCount: '3' },
    })
    expect(buried?.Attributes?.DeadLetterQueueSourceArn).toBe(
      `arn:aws:sqs:us-east-1:000000000000:${url.split('/').at(-1)}`,
    )
    expect(JSON.parse((await attributes(url, 'RedrivePolicy'))?.RedrivePolicy ?? '')).toEqual({
      deadLetterTargetArn: `arn:aws:sqs:us-east-1:000000000000:${name}`,
      maxReceiveCount: 2,
    })
  })

  it('keeps nine thousand changes in a file that does not grow without end', async () => {
    const name = 'busy'
    fixture.endpoint.sqs.declare(queueNamed(name))
    const busy = fixture.endpoint.sqs.queue(name)
    const sent = { body: 'x', attributes: {}, senderId: 'me', delayMs: undefined }
    for (let round = 0; round < 3_000; round++) {
      busy.send([sent])
      for (const { receiptHandle } of await busy.receive({ maxMessages: 10, waitMs: 0 }))
        busy.delete(receiptHandle ?? '')
    }
    busy.send([sent])
    const { size } = await import('node:fs').then(({ statSync }) =>
      statSync(join(fixture.dataDir, 'sqs/busy.jsonl')),
    )
    expect(size).toBeLessThan(400_000)
    expect(busy.counts()).toEqual({ visible: 1, inFlight: 0, delayed: 0 })
  })
})

it('closes while receivers wait', async () => {
  const url = await queue()
  const arrived = Promise.withResolvers<void>()
  fixture.endpoint.faults.call = () => void arrived.resolve()
  const waiting = receive(url, { WaitTimeSeconds: 20 })
  await arrived.promise
  const startedMs = performance.now()
  await fixture.restart()
  expect(performance.now() - startedMs).toBeLessThan(5_000)
  expect(await waiting).toEqual([])
})

it('survives a kill: sent messages are there, deleted ones are not, received ones are still with their receiver', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'weir-sqs-'))
  const begin = async () => {
    const process_ = spawn(process.execPath, ['test/integration/endpoint-process.ts', dataDir], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [line] = await once(process_.stdout, 'data')
    return {
      process: process_,
      client: new SQSClient({ ...fixture.client, endpoint: `http://127.0.0.1:${Number(line)}` }),
    }
  }
  const url = 'http://127.0.0.1/000000000000/jobs'
  try {
    const first = await begin()
    sqs = first.client
    for (const body of ['deleted', 'in flight', 'sent']) await send(url, body)
    const received = await receive(url, { MaxNumberOfMessages: 2, VisibilityTimeout: 600 })
    const gone = received.find(({ Body }) => Body === 'deleted')
    await sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: gone?.ReceiptHandle }))
    first.process.kill('SIGKILL')
    await once(first.process, 'exit')

    const second = await begin()
    sqs = second.client
    expect(bodies(await receive(url))).toEqual(['sent'])
    expect(await attributes(url, 'ApproximateNumberOfMessagesNotVisible')).toEqual({
      ApproximateNumberOfMessagesNotVisible: '2',
    })
    second.process.kill('SIGKILL')
    await once(second.process, 'exit')
  } finally {
    rmSync(dataDir, { recursive: true })
  }
})
