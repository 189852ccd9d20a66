const chunkBytes = 256 * 1024
/** Chunks that were given back, for the next arena. */
const spare: Buffer[] = []
const maxSpare = 64

/**
 * Memory for many short runs of bytes that live and die together. A buffer of its own for each costs the garbage collector
 * more than what is in it.
 */
export class Arena {
  #chunk: Buffer = Buffer.alloc(0)
  #used = 0
  #full: Buffer[] = []

  /** The text in UTF-8. */
  text(text: string): Buffer {
    // A UTF-16 unit takes three bytes at most.
    this.#reserve(text.length * 3)
    return this.#take(this.#chunk.write(text, this.#used))
  }

  /** The text, all ASCII, and then the bytes. */
  join(text: string, bytes: Uint8Array): Buffer {
    const size = text.length + bytes.length
    this.#reserve(size)
    this.#chunk.set(bytes, this.#used + this.#chunk.write(text, this.#used, 'latin1'))
    return this.#take(size)
  }

  /** Nobody may look at what was taken from it any more. */
  release(): void {
    for (const chunk of [...this.#full, this.#chunk])
      if (chunk.length === chunkBytes && spare.length < maxSpare) spare.push(chunk)
    this.#full = []
    this.#chunk = Buffer.alloc(0)
    this.#used = 0
  }

  #reserve(bytes: number): void {
    if (this.#used + bytes <= this.#chunk.length) return
    this.#full.push(this.#chunk)
    this.#chunk =
      (bytes <= chunkBytes ? spare.pop() : undefined) ?? Buffer.allocUnsafe(Math.max(chunkBytes, bytes))
    this.#used = 0
  }

  #take(bytes: number): Buffer {
    const taken = this.#chunk.subarray(this.#used, this.#used + bytes)
    this.#used += bytes
    return taken
  }
}
