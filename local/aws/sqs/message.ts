import { createHash } from 'node:crypto'

/** As the API has it: StringValue, or BinaryValue in base64. */
export type MessageAttribute = {
  readonly DataType: string
  readonly StringValue?: string
  readonly BinaryValue?: string
}

export type MessageAttributes = Readonly<Record<string, MessageAttribute>>

export type Message = {
  readonly id: string
  readonly body: string
  readonly attributes: MessageAttributes
  readonly senderId: string
  readonly sentMs: number
  /** Nobody receives it before. */
  visibleMs: number
  receiveCount: number
  firstReceivedMs: number | undefined
  /** Of the last receive. */
  receiptHandle: string | undefined
  /** Of the queue that it was moved from. */
  readonly deadLetterSource?: string
}

export const md5 = (text: string): string => createHash('md5').update(text).digest('hex')

const stringType = 1
const binaryType = 2

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html */
export function attributesMd5(attributes: MessageAttributes): string | undefined {
  const names = Object.keys(attributes).sort()
  if (names.length === 0) return undefined
  const hash = createHash('md5')
  const add = (bytes: Buffer) => {
    const length = Buffer.alloc(4)
    length.writeUInt32BE(bytes.length)
    hash.update(length).update(bytes)
  }
  for (const name of names) {
    const { DataType = '', StringValue, BinaryValue } = attributes[name] ?? {}
    add(Buffer.from(name))
    add(Buffer.from(DataType))
    hash.update(Buffer.of(BinaryValue === undefined ? stringType : binaryType))
    add(BinaryValue === undefined ? Buffer.from(StringValue ?? '') : Buffer.from(BinaryValue, 'base64'))
  }
  return hash.digest('hex')
}
