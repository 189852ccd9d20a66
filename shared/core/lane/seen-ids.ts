import { eventKeyBytes } from '../event/event-key.ts'
import type { EpochMs } from '../event/outcome.ts'
import { IdTable } from './id-table.ts'
import { wordsPerKey } from './key-words.ts'

const minuteMs = 60_000

/** Minutes since 1970 in which an event arrived. Ids are kept and forgotten by it. */
export const arrivalMinute = (receivedAt: EpochMs): number => Math.floor(receivedAt / minuteMs)

/** Of the first word of a key that many bits tell in which table it is. */
const tableBits = 6

/**
 * Event keys with the minute in which their event arrived, in 25 to 31 bytes a key; a `Set` of text takes 120 or more, and a lane may
 * hold an hour's ids. In many tables, since one that grows is there twice for a moment.
 */
export class SeenIds {
  readonly #tables = Array.from({ length: 2 ** tableBits }, () => new IdTable())
  /** Keys of an earlier minute are forgotten. */
  #firstMinute = 1

  /** Bytes of memory that the keys take. */
  get bytes(): number {
    return this.#tables.reduce((sum, { bytes }) => sum + bytes, 0)
  }

  /** The minute of a key (see `keyWords`) that is remembered, else undefined. */
  minuteOf(key: Uint32Array): number | undefined {
    return this.#tableOf(key).minuteOf(key, this.#firstMinute)
  }

  /** Remembers a key; of one that is there already, the later minute. */
  add(key: Uint32Array, minute: number): void {
    this.#tableOf(key).add(key, minute, this.#firstMinute)
  }

  /** Remembers keys that stand one after another, 16 bytes each. */
  addAll(keys: Uint8Array, minute: number): void {
    const bytes = new DataView(keys.buffer, keys.byteOffset, keys.byteLength)
    const key = new Uint32Array(wordsPerKey)
    for (let at = 0; at + eventKeyBytes <= keys.byteLength; at += eventKeyBytes) {
      for (let word = 0; word < wordsPerKey; word++) key[word] = bytes.getUint32(at + word * 4)
      this.add(key, minute)
    }
  }

  /** Forgets every key that arrived before that minute. */
  forgetBefore(minute: number): void {
    this.#firstMinute = Math.max(this.#firstMinute, minute)
  }

  /** How many keys are remembered. Walks the tables. */
  count(): number {
    return this.#tables.reduce((sum, table) => sum + table.count(this.#firstMinute), 0)
  }

  #tableOf(key: Uint32Array): IdTable {
    const table = this.#tables[(key[0] ?? 0) >>> (32 - tableBits)]
    if (table === undefined) throw new Error('a key of words has a table')
    return table
  }
}
