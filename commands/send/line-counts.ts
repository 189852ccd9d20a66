import { hash } from 'node:crypto'

/**
 * Counts equal lines of a file: 24 bytes a line, however long the lines. A Map ends at 16 million entries, which a
 * log of a few GB exceeds. Lines are told apart by 64 bits of their MD5: with a hundred million lines the chance
 * that any two different ones are taken for equal is 1 in 3,000.
 */
export class LineCounts {
  #slots = 1 << 16
  #used = 0
  #keys = new BigUint64Array(this.#slots)
  #counts = new Uint32Array(this.#slots)

  /** How many lines equal to this one were counted before; counts it. */
  countBefore(line: Uint8Array): number {
    const key = hash('md5', line, 'buffer').readBigUInt64LE(0)
    const slot = this.#slotOf(key)
    const before = this.#counts[slot] ?? 0
    if (before === 0) {
      this.#keys[slot] = key
      this.#used++
    }
    this.#counts[slot] = before + 1
    if (this.#used * 2 > this.#slots) this.#grow()
    return before
  }

  /** The slot of the key, or the empty one it belongs in. */
  #slotOf(key: bigint): number {
    let slot = Number(key & 0xffff_ffffn) & (this.#slots - 1)
    while (this.#counts[slot] !== 0 && this.#keys[slot] !== key) slot = (slot + 1) & (this.#slots - 1)
    return slot
  }

  #grow(): void {
    const [keys, counts] = [this.#keys, this.#counts]
    this.#slots *= 2
    this.#keys = new BigUint64Array(this.#slots)
    this.#counts = new Uint32Array(this.#slots)
    for (const [index, count] of counts.entries()) {
      if (count === 0) continue
      const key = keys[index] ?? 0n
      const slot = this.#slotOf(key)
      this.#keys[slot] = key
      this.#counts[slot] = count
    }
  }
}
