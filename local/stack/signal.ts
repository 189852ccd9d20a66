/** Wakes who waits. A wake-up while nobody waits is kept for the next one who does. */
export class Signal {
  #woken = false
  #wake: (() => void) | undefined

  wake(): void {
    this.#woken = true
    this.#wake?.()
  }

  /** Resolves at the next wake-up, or when the time is over. */
  async wait(maxMs: number): Promise<void> {
    if (!this.#woken && maxMs > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, maxMs)
        this.#wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
    this.#wake = undefined
    this.#woken = false
  }
}

/** Lets through while open; holds who comes while shut. */
export class Gate {
  #shut: PromiseWithResolvers<void> | undefined

  shut(): void {
    this.#shut ??= Promise.withResolvers<void>()
  }

  open(): void {
    this.#shut?.resolve()
    this.#shut = undefined
  }

  async pass(): Promise<void> {
    while (this.#shut) await this.#shut.promise
  }
}
