/** Smaller bodies come and go with their requests. */
const leastBytes = 64 * 1024
const maxKeptBytes = 16 * 1024 * 1024

/**
 * Memory for the bodies of requests, lent for as long as a call takes. Megabytes for each call, soon let go, would have
 * the whole heap marked for them: V8 counts them and cannot see that they die young.
 */
export class BodyRooms {
  readonly #free: Buffer[] = []
  #freeBytes = 0

  /** What is in it is what was in it last. */
  lend(bytes: number): Buffer {
    if (bytes < leastBytes) return Buffer.allocUnsafe(bytes)
    const fits = this.#free.findIndex((room) => room.length >= bytes)
    const [room] = fits === -1 ? [] : this.#free.splice(fits, 1)
    if (!room) return Buffer.allocUnsafeSlow(2 ** Math.ceil(Math.log2(bytes)))
    this.#freeBytes -= room.length
    return room
  }

  /** Nobody may look at it any more. */
  giveBack(room: Buffer): void {
    if (room.length < leastBytes || this.#freeBytes + room.length > maxKeptBytes) return
    this.#freeBytes += room.length
    this.#free.push(room)
    // The smallest that fits comes first.
    this.#free.sort((a, b) => a.length - b.length)
  }
}
