/** More is needed seldom, as when large segments are merged, and not kept. */
const maxKeptBytes = 4 * 1024 * 1024

/** Memory that is used again and again, for one thing at a time. */
export class Scratch {
  #memory = Buffer.alloc(0)

  /** Whoever took some before must be done with it. */
  readonly take = (bytes: number): Buffer => {
    if (bytes > maxKeptBytes) return Buffer.allocUnsafe(bytes)
    if (this.#memory.length < bytes)
      this.#memory = Buffer.allocUnsafeSlow(Math.min(maxKeptBytes, Math.ceil(bytes * 1.5)))
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
