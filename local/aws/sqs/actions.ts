import { accountId, arnOf } from '../arn.ts'
import type { Faults } from '../call.ts'
import { AwsError } from '../errors.ts'
import { Input } from '../input.ts'
import type { ActionContext, JsonService } from '../json-service.ts'
import { attributesMd5, type Message, type MessageAttributes, md5 } from './message.ts'
import type { Queue, Sent } from './queue.ts'
import type { Sqs } from './sqs.ts'
import { systemAttributes } from './system-attributes.ts'

const maxBodyBytes = 1024 * 1024
const maxEntries = 10

/** The API of SQS for standard queues, in its JSON protocol. */
export function sqsActions(sqs: Sqs, faults: Faults): JsonService {
  const queueOf = (input: Input): Queue => sqs.queue(nameOf(input))
  const urlOf = (name: string, { host }: ActionContext) => `http://${host}/${accountId}/${name}`

  function sendMessage(input: Input, { principal }: ActionContext) {
    const [message] = queueOf(input).send([sentOf(input, principal)])
    return message && shownSent(message)
  }

  function sendMessageBatch(input: Input, { principal }: ActionContext) {
    const entries = entriesOf(input)
    const sent = entries.map(({ entry }) => sentOf(entry, principal))
    if (sent.reduce((bytes, { body }) => bytes + Buffer.byteLength(body), 0) > maxBodyBytes)
      throw new AwsError('BatchRequestTooLong', `Batch requests cannot be longer than ${maxBodyBytes} bytes.`)
    const resource = nameOf(input)
    const refusals = sent.map(({ body }, index) =>
      faults.entry?.({ service: 'sqs', resource, index, data: Buffer.from(body) }),
    )
    const taken = entries.filter((_, index) => !refusals[index])
    const messages = queueOf(input).send(sent.filter((_, index) => !refusals[index]))
    return {
      Successful: messages.map((message, index) => ({ Id: taken[index]?.id, ...shownSent(message) })),
      Failed: entries.flatMap(({ id }, index) => {
        const fault = refusals[index]
        return fault ? [{ Id: id, Code: fault.code, Message: fault.message, SenderFault: false }] : []
      }),
    }
  }

  async function receiveMessage(input: Input) {
    const queue = queueOf(input)
    const maxMessages = numberIn(input, 'MaxNumberOfMessages', { from: 1, to: 10 }) ?? 1
    const messages = await queue.receive({
      maxMessages,
      waitMs:
        milliseconds(numberIn(input, 'WaitTimeSeconds', { from: 0, to: 20 })) ??
        queue.declaration.receiveWaitMs,
      visibilityTimeoutMs: milliseconds(numberIn(input, 'VisibilityTimeout', { from: 0, to: 43_200 })),
      signal: sqs.closing,
    })
    const wanted = [
      ...(input.optionalList('MessageSystemAttributeNames') ?? []),
      ...(input.optionalList('AttributeNames') ?? []),
    ].map(String)
    const attributeNames = (input.optionalList('MessageAttributeNames') ?? []).map(String)
    return { Messages: messages.map((message) => shownReceived(message, wanted, attributeNames)) }
  }

  function deleteMessage(input: Input) {
    queueOf(input).delete(input.text('ReceiptHandle'))
    return {}
  }

  function deleteMessageBatch(input: Input) {
    const queue = queueOf(input)
    const entries = entriesOf(input)
    for (const { entry } of entries) queue.delete(entry.text('ReceiptHandle'))
    return { Successful: entries.map(({ id }) => ({ Id: id })), Failed: [] }
  }

  function changeMessageVisibility(input: Input) {
    const seconds = numberIn(input, 'VisibilityTimeout', { from: 0, to: 43_200 }) ?? 0
    queueOf(input).changeVisibility(input.text('ReceiptHandle'), seconds * 1000)
    return {}
  }

  function getQueueAttributes(input: Input) {
    const { declaration, ...queue } = {
      declaration: queueOf(input).declaration,
      counts: queueOf(input).counts(),
    }
    const { redrive } = declaration
    const all: Record<string, string> = {
      QueueArn: arnOf('sqs', declaration.name),
      ApproximateNumberOfMessages: String(queue.counts.visible),
      ApproximateNumberOfMessagesNotVisible: String(queue.counts.inFlight),
      ApproximateNumberOfMessagesDelayed: String(queue.counts.delayed),
      VisibilityTimeout: String(declaration.visibilityTimeoutMs / 1000),
      DelaySeconds: String(declaration.delayMs / 1000),
      MessageRetentionPeriod: String(declaration.retentionMs / 1000),
      ReceiveMessageWaitTimeSeconds: String(declaration.receiveWaitMs / 1000),
      MaximumMessageSize: String(maxBodyBytes),
      ...(redrive && {
        RedrivePolicy: JSON.stringify({
          deadLetterTargetArn: arnOf('sqs', redrive.deadLetterQueue),
          maxReceiveCount: redrive.maxReceiveCount,
        }),
      }),
    }
    const names = (input.optionalList('AttributeNames') ?? []).map(String)
    const isWanted = (name: string) => names.includes('All') || names.includes(name)
    return { Attributes: Object.fromEntries(Object.entries(all).filter(([name]) => isWanted(name))) }
  }

  return {
    service: 'sqs',
    actions: {
      SendMessage: sendMessage,
      SendMessageBatch: sendMessageBatch,
      ReceiveMessage: receiveMessage,
      DeleteMessage: deleteMessage,
      DeleteMessageBatch: deleteMessageBatch,
      ChangeMessageVisibility: changeMessageVisibility,
      GetQueueAttributes: getQueueAttributes,
      GetQueueUrl: (input, context) => {
        const name = input.text('QueueName')
        sqs.queue(name)
        return { QueueUrl: urlOf(name, context) }
      },
      ListQueues: (input, context) => {
        const prefix = input.optionalText('QueueNamePrefix') ?? ''
        return {
          QueueUrls: sqs
            .names()
            .filter((name) => name.startsWith(prefix))
            .map((name) => urlOf(name, context)),
        }
      },
      PurgeQueue: (input) => {
        queueOf(input).purge()
        return {}
      },
    },
    resource: (input) =>
      input.optionalText('QueueName') ?? (input.optionalText('QueueUrl') ? nameOf(input) : '*'),
    payload,
  }
}

/** Whatever host the address names: only its path says which queue. */
function nameOf(input: Input): string {
  const url = input.text('QueueUrl')
  return url.slice(url.lastIndexOf('/') + 1)
}

function entriesOf(input: Input): { id: string; entry: Input }[] {
  const entries = input.list('Entries').map((value) => new Input(value))
  if (entries.length === 0)
    throw new AwsError('EmptyBatchRequest', 'There should be at least one entry in the request.')
  if (entries.length > maxEntries)
    throw new AwsError(
      'TooManyEntriesInBatchRequest',
      `Maximum number of entries per request are ${maxEntries}.`,
    )
  const ids = entries.map((entry) => entry.text('Id'))
  if (new Set(ids).size < ids.length)
    throw new AwsError(
      'BatchEntryIdsNotDistinct',
      'Two or more batch entries in the request have the same Id.',
    )
  return entries.map((entry, index) => ({ id: ids[index] ?? '', entry }))
}

function sentOf(input: Input, senderId: string): Sent {
  const body = input.text('MessageBody')
  if (body === '' || Buffer.byteLength(body) > maxBodyBytes)
    throw invalid(`The message must have from 1 to ${maxBodyBytes} bytes`)
  const delayMs = milliseconds(numberIn(input, 'DelaySeconds', { from: 0, to: 900 }))
  const attributes = (input.optionalRecord('MessageAttributes') ?? {}) as MessageAttributes
  return { body, attributes, senderId, delayMs }
}

const milliseconds = (seconds: number | undefined): number | undefined =>
  seconds === undefined ? undefined : seconds * 1000

function numberIn(
  input: Input,
  name: string,
  { from, to }: { from: number; to: number },
): number | undefined {
  const value = input.optionalNumber(name)
  if (value !== undefined && (value < from || value > to))
    throw invalid(
      `Value ${value} for parameter ${name} is invalid. Reason: Must be between ${from} and ${to}.`,
    )
  return value
}

const invalid = (message: string) => new AwsError('InvalidParameterValue', message)

function shownSent({ id, body, attributes }: Message) {
  return { MessageId: id, MD5OfMessageBody: md5(body), MD5OfMessageAttributes: attributesMd5(attributes) }
}

function shownReceived(message: Message, systemNames: readonly string[], names: readonly string[]) {
  const pick = <T>(all: Readonly<Record<string, T>>, isWanted: (name: string) => boolean) => {
    const found = Object.entries(all).filter(([name]) => isWanted(name))
    return found.length === 0 ? undefined : Object.fromEntries(found)
  }
  const matches = (name: string) =>
    names.some(
      (one) => one === 'All' || one === name || (one.endsWith('.*') && name.startsWith(one.slice(0, -2))),
    )
  const attributes = pick(message.attributes, matches)
  return {
    MessageId: message.id,
    ReceiptHandle: message.receiptHandle,
    Body: message.body,
    MD5OfBody: md5(message.body),
    Attributes: pick(
      systemAttributes(message),
      (name) => systemNames.includes('All') || systemNames.includes(name),
    ),
    MessageAttributes: attributes,
    MD5OfMessageAttributes: attributes && attributesMd5(attributes),
  }
}

function payload(action: string, input: Input): (() => unknown) | undefined {
  if (action === 'SendMessage') return () => [input.optionalText('MessageBody')]
  if (action === 'SendMessageBatch')
    return () =>
      (input.optionalList('Entries') ?? []).map((entry) => new Input(entry).optionalText('MessageBody'))
  return undefined
}
