import { eventKeyBytes } from '../event/event-key.ts'
import type { EpochMs } from '../event/outcome.ts'

const wordsPerKey = eventKeyBytes / 4
const minuteMs = 60_000

/** Minutes since 1970 in which an event arrived. Ids are kept and forgotten by it. */
export const arrivalMinute = (receivedAt: EpochMs): number => Math.floor(receivedAt / minuteMs)

/**
 * Event keys with the minute in which their event arrived: an open-addressing hash table of 20 bytes a slot, at most
 * two thirds full, so 30 to 60 bytes a key. A `Set` of text takes 120 or more, and a lane may hold an hour's ids.
 */
export class SeenIds {
  #slots: number
  #keys: Uint32Array
  /** Minute of the slot, 0 when it was never used. */
  #minutes: Uint32Array
  #used = 0
  /** Slots of an earlier minute are dead: as good as empty, but a search goes on behind them. */
  #firstMinute = 1

  constructor(slots = 1024) {
    this.#slots = slots
    this.#keys = new Uint32Array(slots * wordsPerKey)
    this.#minutes = new Uint32Array(slots)
  }

  /** Bytes of memory that the table takes. */
  get bytes(): number {
    return this.#keys.byteLength + this.#minutes.byteLength
  }

  /** The minute of a key that is remembered, else undefined. */
  minuteOf(key: string): number | undefined {
    const slot = this.#find(wordsOf(key))
    return slot === -1 ? undefined : this.#minutes[slot]
  }

  /** Remembers a key; of one that is there already, the later minute. */
  add(key: string, minute: number): void {
    this.#add(wordsOf(key), minute)
  }

  /** Remembers keys that stand one after another, 16 bytes each. */
  addAll(keys: Uint8Array, minute: number): void {
    const words = new DataView(keys.buffer, keys.byteOffset, keys.byteLength)
    for (let at = 0; at + eventKeyBytes <= keys.byteLength; at += eventKeyBytes)
      this.#add(
        [words.getUint32(at), words.getUint32(at + 4), words.getUint32(at + 8), words.getUint32(at + 12)],
        minute,
      )
  }

  #add(words: Words, minute: number): void {
    const found = this.#find(words)
    if (found !== -1) {
      this.#minutes[found] = Math.max(this.#minutes[found] ?? 0, minute)
      return
    }
    if ((this.#used + 1) * 3 > this.#slots * 2) this.#rebuild()
    this.#place(words, minute)
  }

  /** Forgets every key that arrived before that minute. */
  forgetBefore(minute: number): void {
    this.#firstMinute = Math.max(this.#firstMinute, minute)
  }

  /** How many keys are remembered. Walks the table. */
  count(): number {
    let live = 0
    for (const minute of this.#minutes) if (minute >= this.#firstMinute) live++
    return live
  }

  #find(words: Words): number {
    const mask = this.#slots - 1
    for (let slot = words[0] & mask; ; slot = (slot + 1) & mask) {
      const minute = this.#minutes[slot] ?? 0
      if (minute === 0) return -1
      if (minute >= this.#firstMinute && this.#holds(slot, words)) return slot
    }
  }

  #holds(slot: number, words: Words): boolean {
    const at = slot * wordsPerKey
    const keys = this.#keys
    return (
      keys[at] === words[0] &&
      keys[at + 1] === words[1] &&
      keys[at + 2] === words[2] &&
      keys[at + 3] === words[3]
    )
  }

  #place(words: Words, minute: number): void {
    const mask = this.#slots - 1
    let slot = words[0] & mask
    while (this.#minutes[slot] !== 0) slot = (slot + 1) & mask
    this.#keys.set(words, slot * wordsPerKey)
    this.#minutes[slot] = minute
    this.#used++
  }

  /** Leaves the dead behind; grows when the living are more than a third. */
  #rebuild(): void {
    const { keys, minutes } = { keys: this.#keys, minutes: this.#minutes }
    if (this.count() * 3 > this.#slots) this.#slots *= 2
    this.#keys = new Uint32Array(this.#slots * wordsPerKey)
    this.#minutes = new Uint32Array(this.#slots)
    this.#used = 0
    for (const [slot, minute] of minutes.entries()) {
      if (minute < this.#firstMinute) continue
      const at = slot * wordsPerKey
      this.#place([keys[at] ?? 0, keys[at + 1] ?? 0, keys[at + 2] ?? 0, keys[at + 3] ?? 0], minute)
    }
  }
}

type Words = [number, number, number, number]

const wordsOf = (key: string): Words => [wordAt(key, 0), wordAt(key, 8), wordAt(key, 16), wordAt(key, 24)]

/** Eight digits, small letters. Asked for twice an event, and `parseInt` of a slice is ten times as slow. */
const wordAt = (key: string, start: number): number => {
  let word = 0
  for (let at = start; at < start + 8; at++) {
    const code = key.charCodeAt(at)
    word = (word << 4) | (code < 58 ? code - 48 : code - 87)
  }
  return word >>> 0
}
