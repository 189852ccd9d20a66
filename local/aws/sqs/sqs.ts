import { setMaxListeners } from 'node:events'
import { join } from 'node:path'
import { AwsError } from '../errors.ts'
import { Queue, type QueueDeclaration } from './queue.ts'

export type Sqs = {
  /** Of a queue that exists, its settings change. */
  declare(queue: QueueDeclaration): void
  queue(name: string): Queue
  names(): string[]
  /** Answers every receive that waits, and lets no other wait: before the endpoint closes. */
  release(): void
  /** Aborted by `release`. */
  readonly closing: AbortSignal
  close(): void
}

/** Standard queues, each with a file of its messages. */
export function openSqs(dataDir: string): Sqs {
  const queues = new Map<string, Queue>()
  const closing = new AbortController()
  // One for each receive that waits, as many as there are.
  setMaxListeners(0, closing.signal)

  function queue(name: string): Queue {
    const found = queues.get(name)
    if (!found) throw new AwsError('QueueDoesNotExist', 'The specified queue does not exist.')
    return found
  }

  return {
    declare(declaration) {
      const { name } = declaration
      if (name.endsWith('.fifo')) throw new Error(`${name}: the local SQS has standard queues only`)
      const present = queues.get(name)
      if (present) present.declaration = declaration
      else {
        const path = join(dataDir, 'sqs', `${name}.jsonl`)
        const made = new Queue({
          declaration,
          path,
          moveToDeadLetters(message) {
            const { redrive } = made.declaration
            if (redrive) queue(redrive.deadLetterQueue).adopt({ ...message, deadLetterSource: name })
          },
        })
        queues.set(name, made)
      }
    },
    queue,
    names: () => [...queues.keys()].sort(),
    release: () => closing.abort(),
    closing: closing.signal,
    close() {
      for (const one of queues.values()) one.close()
    },
  }
}
