import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs'
import { pause } from './backoff.ts'

export type OutgoingMessage = {
  readonly body: string
  /** Nobody receives it before; at most 15 minutes. */
  readonly delaySeconds?: number
}

export type MessageSender = {
  /** Sends every message, or throws. After a throw any of them may be in the queue, as any may be there twice. */
  send(messages: readonly OutgoingMessage[]): Promise<void>
}

// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html
const maxMessagesPerRequest = 10
const maxBytesPerRequest = 1024 * 1024

export const createMessageSender = (o: {
  readonly queueUrl: string
  readonly client?: SQSClient
  /** In a row without one message taken. */
  readonly maxAttempts?: number
}): MessageSender => ({
  async send(messages) {
    for (const request of splitIntoRequests(messages)) await sendAll(request, o)
  },
})

function splitIntoRequests(messages: readonly OutgoingMessage[]): OutgoingMessage[][] {
  const requests: OutgoingMessage[][] = []
  let bytes = 0
  for (const message of messages) {
    const size = Buffer.byteLength(message.body)
    const last = requests.at(-1)
    if (last && last.length < maxMessagesPerRequest && bytes + size <= maxBytesPerRequest) {
      last.push(message)
      bytes += size
    } else {
      requests.push([message])
      bytes = size
    }
  }
  return requests
}

/** SendMessageBatch refuses single messages inside a 200: those are sent again until all are taken. */
async function sendAll(
  request: readonly OutgoingMessage[],
  o: Parameters<typeof createMessageSender>[0],
): Promise<void> {
  const { queueUrl, client = sharedClient(), maxAttempts = 10 } = o
  let waiting = request
  for (let attempt = 1; ; attempt++) {
    const offered = waiting
    const answer = await client.send(
      new SendMessageBatchCommand({
        QueueUrl: queueUrl,
        Entries: offered.map(({ body, delaySeconds }, index) => ({
          Id: String(index),
          MessageBody: body,
          DelaySeconds: delaySeconds,
        })),
      }),
    )
    const failed = answer.Failed ?? []
    if (failed.length === 0) return
    const [last] = failed
    const reason = `${last?.Code}: ${last?.Message}`
    // What is the sender's fault is refused for ever.
    const isHopeless = failed.some(({ SenderFault }) => SenderFault)
    if (failed.length < offered.length) attempt = 1
    if (isHopeless || attempt === maxAttempts)
      throw new Error(`${queueUrl} refused ${failed.length} messages; last: ${reason}`)
    await pause(attempt)
    const refused = new Set(failed.map(({ Id }) => Id))
    waiting = offered.filter((_, index) => refused.has(String(index)))
  }
}

let client: SQSClient | undefined
/** Made at the first call, not at import: commands set the endpoint in the environment first. */
function sharedClient(): SQSClient {
  // The address of a queue names it; where SQS is, the SDK knows: on the laptop another port than the template's.
  client ??= new SQSClient({ useQueueUrlAsEndpoint: false })
  return client
}
