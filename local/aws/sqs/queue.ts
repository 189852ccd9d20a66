import { randomUUID } from 'node:crypto'
import { AwsError } from '../errors.ts'
import { Journal } from './journal.ts'
import type { Message, MessageAttributes } from './message.ts'

export type QueueDeclaration = {
  readonly name: string
  readonly visibilityTimeoutMs: number
  readonly delayMs: number
  readonly retentionMs: number
  readonly receiveWaitMs: number
  /** What was received more often than this goes to the dead-letter queue. */
  readonly redrive: { readonly deadLetterQueue: string; readonly maxReceiveCount: number } | undefined
}

export type Sent = {
  readonly body: string
  readonly attributes: MessageAttributes
  readonly senderId: string
  readonly delayMs: number | undefined
}

export type Receive = {
  readonly maxMessages: number
  readonly waitMs: number
  readonly visibilityTimeoutMs?: number | undefined
  /** Ends the waiting. */
  readonly signal?: AbortSignal
}

export type QueueOptions = {
  readonly declaration: QueueDeclaration
  readonly path: string
  /** Takes what was received too often. */
  moveToDeadLetters(message: Message): void
}

/** A standard queue: at least once, in no promised order. */
export class Queue {
  declaration: QueueDeclaration
  readonly #messages = new Map<string, Message>()
  readonly #journal: Journal
  readonly #moveToDeadLetters: (message: Message) => void
  readonly #waiting = new Set<() => void>()

  constructor({ declaration, path, moveToDeadLetters }: QueueOptions) {
    this.declaration = declaration
    this.#moveToDeadLetters = moveToDeadLetters
    this.#journal = new Journal(path, this.#messages)
  }

  send(sent: readonly Sent[]): Message[] {
    const now = Date.now()
    const messages = sent.map(({ body, attributes, senderId, delayMs = this.declaration.delayMs }) => ({
      id: randomUUID(),
      body,
      attributes,
      senderId,
      sentMs: now,
      visibleMs: now + delayMs,
      receiveCount: 0,
      firstReceivedMs: undefined,
      receiptHandle: undefined,
    }))
    this.#put(messages)
    return messages
  }

  /** From another queue, as it is. Does nothing when it came before: the move was interrupted between its two writes. */
  adopt(message: Message): void {
    if (!this.#messages.has(message.id))
      this.#put([{ ...message, visibleMs: Date.now(), receiptHandle: undefined }])
  }

  /** Waits for a first message as long as it may, then takes what there is. */
  async receive(o: Receive): Promise<Message[]> {
    const deadline = Date.now() + o.waitMs
    for (;;) {
      const received = this.#take(o)
      const leftMs = deadline - Date.now()
      if (received.length > 0 || leftMs <= 0 || o.signal?.aborted) return received
      await this.#changed(leftMs, o.signal)
    }
  }

  /** False when the handle is not of the message's last receive; what is gone already counts as deleted. */
  delete(receiptHandle: string): boolean {
    const [id = ''] = receiptHandle.split('#')
    const message = this.#messages.get(id)
    if (!message) return true
    if (message.receiptHandle !== receiptHandle) return false
    this.#messages.delete(id)
    this.#journal.write([{ id }])
    return true
  }

  changeVisibility(receiptHandle: string, timeoutMs: number): void {
    const message = this.#messages.get(receiptHandle.split('#')[0] ?? '')
    if (message?.receiptHandle !== receiptHandle)
      throw new AwsError('ReceiptHandleIsInvalid', 'The input receipt handle is invalid.')
    if (message.visibleMs <= Date.now())
      throw new AwsError('MessageNotInflight', 'The message referred to is not in flight.')
    message.visibleMs = Date.now() + timeoutMs
    this.#journal.write([{ id: message.id, message }])
    this.#wake()
  }

  /** How many can be received now, are with a receiver, and are not yet to be received. */
  counts(): { visible: number; inFlight: number; delayed: number } {
    const now = Date.now()
    const counts = { visible: 0, inFlight: 0, delayed: 0 }
    for (const { visibleMs, receiveCount } of this.#living(now)) {
      if (visibleMs <= now) counts.visible++
      else if (receiveCount > 0) counts.inFlight++
      else counts.delayed++
    }
    return counts
  }

  purge(): void {
    this.#journal.write([...this.#messages.keys()].map((id) => ({ id })))
    this.#messages.clear()
  }

  close(): void {
    this.#wake()
    this.#journal.close()
  }

  #put(messages: readonly Message[]): void {
    for (const message of messages) this.#messages.set(message.id, message)
    this.#journal.write(messages.map((message) => ({ id: message.id, message })))
    this.#wake()
  }

  #take({ maxMessages, visibilityTimeoutMs = this.declaration.visibilityTimeoutMs }: Receive): Message[] {
    const now = Date.now()
    const taken: Message[] = []
    for (const message of this.#living(now)) {
      if (taken.length === maxMessages) break
      if (message.visibleMs > now || this.#redriven(message)) continue
      message.receiveCount++
      message.firstReceivedMs ??= now
      message.visibleMs = now + visibilityTimeoutMs
      message.receiptHandle = `${message.id}#${randomUUID()}`
      taken.push({ ...message })
    }
    if (taken.length > 0) this.#journal.write(taken.map((message) => ({ id: message.id, message })))
    return taken
  }

  #redriven(message: Message): boolean {
    const { redrive } = this.declaration
    if (!redrive || message.receiveCount < redrive.maxReceiveCount) return false
    // There first: a kill between the two leaves it in both, and the next move finds it there.
    this.#moveToDeadLetters(message)
    this.#messages.delete(message.id)
    this.#journal.write([{ id: message.id }])
    return true
  }

  #living(now: number): Message[] {
    const oldest = now - this.declaration.retentionMs
    const expired = [...this.#messages.values()].filter(({ sentMs }) => sentMs < oldest)
    for (const { id } of expired) this.#messages.delete(id)
    if (expired.length > 0) this.#journal.write(expired.map(({ id }) => ({ id })))
    return [...this.#messages.values()]
  }

  /** Resolves when something was sent or became visible, when the time is over, or at the signal. */
  async #changed(maxMs: number, signal: AbortSignal | undefined): Promise<void> {
    const nextMs = Math.min(...[...this.#messages.values()].map(({ visibleMs }) => visibleMs))
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, Math.max(1, Math.min(maxMs, nextMs - Date.now())))
    this.#waiting.add(resolve)
    const onAbort = () => resolve()
    signal?.addEventListener('abort', onAbort)
    await promise
    signal?.removeEventListener('abort', onAbort)
    clearTimeout(timer)
    this.#waiting.delete(resolve)
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve()
  }
}
