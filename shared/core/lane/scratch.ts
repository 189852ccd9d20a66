/** Memory that is used again and again, for one thing at a time. */
export class Scratch {
  #memory = Buffer.alloc(0)

  /** Whoever took some before must be done with it. */
  readonly take = (bytes: number): Buffer => {
    if (this.#memory.length < bytes) this.#memory = Buffer.allocUnsafe(bytes * 2)
    return this.#memory.subarray(0, bytes)
  }

  /** The parts one after another. */
  join(parts: readonly Uint8Array[]): Buffer {
    const joined = this.take(parts.reduce((total, { length }) => total + length, 0))
    let at = 0
    for (const part of parts) {
      joined.set(part, at)
      at += part.length
    }
    return joined
  }
}
