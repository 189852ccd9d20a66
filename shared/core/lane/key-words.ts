import { eventKeyBytes } from '../event/event-key.ts'

/** Words of 32 bits of an event key. */
export const wordsPerKey = eventKeyBytes / 4

/** One for all, since a key is asked for once an event. */
const words = new Uint32Array(wordsPerKey)

/** Of a key in hex; good until it is called again. */
export const keyWords = (key: string): Uint32Array => {
  for (let place = 0; place < wordsPerKey; place++) words[place] = wordAt(key, place * 8)
  return words
}

/** Eight digits, small letters. `parseInt` of a slice is ten times as slow. */
const wordAt = (key: string, start: number): number => {
  let word = 0
  for (let at = start; at < start + 8; at++) {
    const code = key.charCodeAt(at)
    word = (word << 4) | (code < 58 ? code - 48 : code - 87)
  }
  return word
}
