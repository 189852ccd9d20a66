import { SQSClient } from '@aws-sdk/client-sqs'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import type { Call } from '../../local/aws/call.ts'
import { createMessageSender } from '../../shared/aws/sqs.ts'
import { queueNamed } from '../support/sqs-queue.ts'
import { type EndpointFixture, openFixture } from './endpoint-fixture.ts'

// As the template names it: the port is not where the endpoint is.
const queueUrl = 'http://127.0.0.1:1/000000000000/jobs'

let fixture: EndpointFixture
let client: SQSClient

beforeAll(async () => {
  fixture = await openFixture()
  client = new SQSClient({ ...fixture.client, useQueueUrlAsEndpoint: false })
  fixture.endpoint.sqs.declare(queueNamed('jobs'))
})
beforeEach(() => {
  fixture.endpoint.faults.entry = undefined
  fixture.endpoint.sqs.queue('jobs').purge()
})
afterAll(() => fixture.remove())

async function sent(): Promise<string[]> {
  const all = await fixture.endpoint.sqs.queue('jobs').receive({ maxMessages: 1_000, waitMs: 0 })
  return all.map(({ body }) => body).sort()
}

const numbered = (count: number) => Array.from({ length: count }, (_, i) => String(i).padStart(2, '0'))
const messages = (bodies: readonly string[]) => bodies.map((body) => ({ body }))

it('sends ten messages in a request, or as many as fit', async () => {
  const sizes: number[] = []
  const stop = fixture.endpoint.onCall(({ payload }: Call) =>
    sizes.push(Array.isArray(payload) ? payload.length : 0),
  )
  await createMessageSender({ queueUrl, client }).send(messages(numbered(25)))
  await createMessageSender({ queueUrl, client }).send(
    messages(['a', 'b', 'c'].map((text) => text.repeat(500_000))),
  )
  stop()
  expect(sizes).toEqual([10, 10, 5, 2, 1])
  expect((await sent()).filter((body) => body.length === 2)).toEqual(numbered(25))
})

it('sends refused messages again until each is taken once', async () => {
  let refusals = 0
  fixture.endpoint.faults.entry = ({ index }) =>
    index % 2 === 1 && refusals++ < 8 ? { code: 'ServiceUnavailable', message: 'later' } : undefined
  await createMessageSender({ queueUrl, client }).send(messages(numbered(10)))
  expect(refusals).toBeGreaterThan(5)
  expect(await sent()).toEqual(numbered(10))
})

it('gives up, with the reason, when none is taken again and again', async () => {
  fixture.endpoint.faults.entry = () => ({ code: 'ServiceUnavailable', message: 'never' })
  const sending = createMessageSender({ queueUrl, client, maxAttempts: 2 }).send(messages(['x']))
  await expect(sending).rejects.toThrow('refused 1 messages; last: ServiceUnavailable: never')
})

it('delays a message', async () => {
  await createMessageSender({ queueUrl, client }).send([{ body: 'later', delaySeconds: 60 }, { body: 'now' }])
  expect(await sent()).toEqual(['now'])
  expect(fixture.endpoint.sqs.queue('jobs').counts().delayed).toBe(1)
})
