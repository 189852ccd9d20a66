const chunkBytes = 256 * 1024

/**
 * Memory for many short runs of bytes that live and die together. A buffer of its own for each costs the garbage collector
 * more than what is in it.
 */
export class Arena {
  #chunk = Buffer.alloc(0)
  #used = 0

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

  #reserve(bytes: number): void {
    if (this.#used + bytes <= this.#chunk.length) return
    this.#chunk = Buffer.allocUnsafe(Math.max(chunkBytes, bytes))
    this.#used = 0
  }

  #take(bytes: number): Buffer {
    const taken = this.#chunk.subarray(this.#used, this.#used + bytes)
    this.#used += bytes
    return taken
  }
}
