/**
 * An origin within its raw shard as 32-bit numbers: the sequence number, nine decimal digits to a word with the most significant first,
 * and then the index. Words compare as sequence numbers do, and the garbage collector never looks into them: as text in maps a minute
 * of origins is most of what it walks.
 */
const digitsPerWord = 9

/** Of a sequence number of up to 63 digits; today they have 56. */
export const usualWidth = 8

/** What a shard has most of by far; one for all, since it is asked for once an event. */
const usual = new Uint32Array(usualWidth)

/** Good until it is called again. Throws on what is not decimal. */
export const originWords = (sequenceNumber: string, index: number): Uint32Array => {
  const width = Math.max(usualWidth, Math.ceil(sequenceNumber.length / digitsPerWord) + 1)
  const words = width === usualWidth ? usual : new Uint32Array(width)
  if (sequenceNumber === '') throw new Error('"" is no sequence number')
  let end = sequenceNumber.length
  for (let place = width - 2; place >= 0; place--) {
    const start = end > digitsPerWord ? end - digitsPerWord : 0
    words[place] = decimal(sequenceNumber, start, end)
    end = start
  }
  words[width - 1] = index
  return words
}

/** After every index of a record. */
export const lastIndex = 2 ** 32 - 1

const decimal = (text: string, start: number, end: number): number => {
  let number = 0
  for (let at = start; at < end; at++) {
    const digit = text.charCodeAt(at) - 48
    if (!(digit >= 0 && digit <= 9)) throw new Error(`"${text}" is no sequence number`)
    number = number * 10 + digit
  }
  return number
}

/** The same origins, one after another, with more words to each. */
export const widened = (origins: Uint32Array, width: number, to: number): Uint32Array => {
  const wide = new Uint32Array((origins.length / width) * to)
  for (let at = 0, wideAt = to - width; at < origins.length; at += width, wideAt += to)
    wide.set(origins.subarray(at, at + width), wideAt)
  return wide
}

/** Below 0 when the first `count` words at `aAt` of `a` come before those at `bAt` of `b`. */
export const compareWords = (
  a: Uint32Array,
  aAt: number,
  b: Uint32Array,
  bAt: number,
  count: number,
): number => {
  for (let place = 0; place < count; place++) {
    const difference = (a[aAt + place] ?? 0) - (b[bAt + place] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}
