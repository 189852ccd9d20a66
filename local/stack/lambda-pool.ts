import { randomUUID } from 'node:crypto'
import type { Invocation, Payload } from './invocation.ts'
import { type ContainerOptions, LambdaContainer } from './lambda-container.ts'

export interface PoolOptions extends ContainerOptions {
  /** Invocations that may run at the same time; more wait their turn. */
  readonly maxContainers: number
  /** How long an idle container is kept: Infinity where it must never be missed. */
  readonly keepIdleMs: number
  onFailure(failed: Extract<Invocation, { kind: 'failed' }>): void
}

type Idle = { readonly container: LambdaContainer; readonly timer: NodeJS.Timeout | undefined }

/**
 * The containers of one function: idle ones are used again for a while, as Lambda does, more are made while all are busy.
 */
export class LambdaPool {
  readonly #options: PoolOptions
  readonly #idle: Idle[] = []
  readonly #waiting: ((container: LambdaContainer) => void)[] = []
  readonly #all = new Set<LambdaContainer>()

  constructor(options: PoolOptions) {
    this.#options = options
  }

  /** Loads a first container, so that the first invocation need not wait and a broken bundle shows at once. */
  async warm(): Promise<void> {
    const container = await this.#take()
    const failed = await container.load(randomUUID())
    if (failed?.kind === 'failed') this.#options.onFailure(failed)
    this.#giveBack(container)
  }

  async invoke(event: Payload | (() => Payload)): Promise<Invocation> {
    const container = await this.#take()
    const invocation = await this.#invokeIn(container, event)
    if (invocation.kind === 'failed') this.#options.onFailure(invocation)
    return invocation
  }

  async #invokeIn(container: LambdaContainer, event: Payload | (() => Payload)): Promise<Invocation> {
    try {
      // Records that are gone from disk throw here: whoever waits for the container must get it all the same.
      const payload = typeof event === 'function' ? event() : event
      return await container.invoke(randomUUID(), payload)
    } finally {
      this.#giveBack(container)
    }
  }

  async close(): Promise<void> {
    for (const { timer } of this.#idle.splice(0)) clearTimeout(timer)
    await Promise.all([...this.#all].map((container) => container.close()))
    this.#all.clear()
  }

  async #take(): Promise<LambdaContainer> {
    for (let idle = this.#idle.pop(); idle; idle = this.#idle.pop()) {
      clearTimeout(idle.timer)
      if (idle.container.alive) return idle.container
      this.#all.delete(idle.container)
    }
    if (this.#all.size < this.#options.maxContainers) return this.#make()
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  #make(): LambdaContainer {
    const container = new LambdaContainer(this.#options)
    this.#all.add(container)
    return container
  }

  #giveBack(container: LambdaContainer): void {
    if (!container.alive) this.#all.delete(container)
    const next = this.#waiting.shift()
    if (next) next(container.alive ? container : this.#make())
    else if (container.alive) this.#keep(container)
  }

  #keep(container: LambdaContainer): void {
    const { keepIdleMs } = this.#options
    const timer = Number.isFinite(keepIdleMs) ? setTimeout(() => this.#retire(idle), keepIdleMs) : undefined
    const idle = { container, timer }
    this.#idle.push(idle)
  }

  #retire(idle: Idle): void {
    this.#idle.splice(this.#idle.indexOf(idle), 1)
    this.#all.delete(idle.container)
    void idle.container.close()
  }
}
