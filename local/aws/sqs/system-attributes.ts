import { arnOf } from '../arn.ts'
import type { Message } from './message.ts'

/** System attributes of a received message, as text. */
export function systemAttributes(message: Message): Record<string, string> {
  return {
    SenderId: message.senderId,
    SentTimestamp: String(message.sentMs),
    ApproximateReceiveCount: String(message.receiveCount),
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedMs ?? 0),
    ...(message.deadLetterSource && { DeadLetterQueueSourceArn: arnOf('sqs', message.deadLetterSource) }),
  }
}
