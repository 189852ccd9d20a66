import type { QueueDeclaration } from '../../local/aws/sqs/queue.ts'

/** A queue with the defaults of SQS but for what a test says. */
export const queueNamed = (name: string, more: Partial<QueueDeclaration> = {}): QueueDeclaration => ({
  name,
  visibilityTimeoutMs: 30_000,
  delayMs: 0,
  retentionMs: 345_600_000,
  receiveWaitMs: 0,
  redrive: undefined,
  ...more,
})
