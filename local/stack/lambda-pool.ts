import { randomUUID } from 'node:crypto'
import type { Invocation } from './invocation.ts'
import { type ContainerOptions, LambdaContainer } from './lambda-container.ts'

export interface PoolOptions extends ContainerOptions {
  /** Invocations that may run at the same time; more wait their turn. */
  readonly maxContainers: number
  onFailure(failed: Extract<Invocation, { kind: 'failed' }>): void
}

/** The containers of one function: idle ones are used again, more are made while all are busy. */
export class LambdaPool {
  readonly #options: PoolOptions
  readonly #idle: LambdaContainer[] = []
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

  async invoke(payload: string): Promise<Invocation> {
    const container = await this.#take()
    const invocation = await container.invoke(randomUUID(), payload)
    this.#giveBack(container)
    if (invocation.kind === 'failed') this.#options.onFailure(invocation)
    return invocation
  }

  async close(): Promise<void> {
    await Promise.all([...this.#all].map((container) => container.close()))
    this.#all.clear()
    this.#idle.length = 0
  }

  async #take(): Promise<LambdaContainer> {
    for (let idle = this.#idle.pop(); idle; idle = this.#idle.pop()) {
      if (idle.alive) return idle
      this.#all.delete(idle)
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
    else if (container.alive) this.#idle.push(container)
  }
}
