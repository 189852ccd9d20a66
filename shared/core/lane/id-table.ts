import { wordsPerKey } from './key-words.ts'

/** The key, and then its minute: 0 when the slot was never used. One place in memory, so that a search goes to it once. */
const wordsPerSlot = wordsPerKey + 1

/** So full it is when it is made, and so full it may become. Fuller costs searches more than it saves memory. */
const filledAtFirst = 0.65
const filledAtMost = 0.8

const fewestSlots = 8

/**
 * Event keys with their minutes: a hash table with open addressing, of 20 bytes a slot. Whoever asks says which minute is the first that is not
 * forgotten; slots of an earlier one are dead: they are used again, but a search goes on behind them.
 */
export class IdTable {
  #slots = fewestSlots
  #words = new Uint32Array(fewestSlots * wordsPerSlot)
  #used = 0

  get bytes(): number {
    return this.#words.byteLength
  }

  count(firstMinute: number): number {
    let live = 0
    for (let at = wordsPerKey; at < this.#words.length; at += wordsPerSlot)
      if ((this.#words[at] ?? 0) >= firstMinute) live++
    return live
  }

  minuteOf(key: Uint32Array, firstMinute: number): number | undefined {
    const words = this.#words
    for (let at = this.#home(key[1]); ; at = this.#after(at)) {
      const minute = words[at + wordsPerKey] ?? 0
      if (minute === 0) return undefined
      if (minute >= firstMinute && holds(words, at, key)) return minute
    }
  }

  /** Of a key that is there already, the later minute. */
  add(key: Uint32Array, minute: number, firstMinute: number): void {
    const words = this.#words
    let dead = -1
    let at = this.#home(key[1])
    for (; ; at = this.#after(at)) {
      const there = words[at + wordsPerKey] ?? 0
      if (there === 0) break
      if (there < firstMinute) {
        if (dead === -1) dead = at
      } else if (holds(words, at, key)) {
        if (there < minute) words[at + wordsPerKey] = minute
        return
      }
    }
    if (dead !== -1) copySlot(key, 0, words, dead, minute)
    else if (this.#used < this.#slots * filledAtMost - 1) {
      this.#used++
      copySlot(key, 0, words, at, minute)
    } else {
      this.#rebuild(firstMinute)
      this.add(key, minute, firstMinute)
    }
  }

  /** In the order of that word: what is copied into a larger table is read and written from end to end. */
  #home(word = 0): number {
    return Math.floor((word / 2 ** 32) * this.#slots) * wordsPerSlot
  }

  #after(at: number): number {
    const next = at + wordsPerSlot
    return next === this.#words.length ? 0 : next
  }

  /** As large as the living need, and leaves the dead behind. */
  #rebuild(firstMinute: number): void {
    const words = this.#words
    this.#used = this.count(firstMinute)
    this.#slots = Math.max(fewestSlots, Math.ceil((this.#used + 1) / filledAtFirst))
    this.#words = new Uint32Array(this.#slots * wordsPerSlot)
    for (let from = 0; from < words.length; from += wordsPerSlot) {
      const minute = words[from + wordsPerKey] ?? 0
      if (minute < firstMinute) continue
      let at = this.#home(words[from + 1])
      while (this.#words[at + wordsPerKey] !== 0) at = this.#after(at)
      copySlot(words, from, this.#words, at, minute)
    }
  }
}

/** A key and its minute. By hand, since `set` is a call out of JavaScript. */
const copySlot = (from: Uint32Array, fromAt: number, to: Uint32Array, at: number, minute: number): void => {
  to[at] = from[fromAt] ?? 0
  to[at + 1] = from[fromAt + 1] ?? 0
  to[at + 2] = from[fromAt + 2] ?? 0
  to[at + 3] = from[fromAt + 3] ?? 0
  to[at + wordsPerKey] = minute
}

const holds = (words: Uint32Array, at: number, key: Uint32Array): boolean =>
  words[at] === key[0] && words[at + 1] === key[1] && words[at + 2] === key[2] && words[at + 3] === key[3]
