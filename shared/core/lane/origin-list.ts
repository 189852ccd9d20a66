import { compareWords, lastIndex, originWords, usualWidth, widened } from './origin-words.ts'

/** Some origins in their order; `words` has room for more than those. */
type Chunk = { words: Uint32Array; used: number }

const firstChunkOrigins = 16
const chunkOrigins = 512

/**
 * Origins of one raw shard, each once, in order: 32 bytes for each, outside the heap of JavaScript. Nearly all come in that order and are
 * written behind the last; what comes again or late is searched for, and moves no more than the chunk that it falls into.
 */
export class OriginList {
  #width = usualWidth
  /** In order; none is empty for longer than it takes to add what it is made for. */
  #chunks: Chunk[] = []
  #records = 0

  /** How many raw records they are of. */
  get records(): number {
    return this.#records
  }

  /** Words of an origin. */
  get width(): number {
    return this.#width
  }

  /** All of them, one after another: views. */
  get words(): Uint32Array[] {
    return this.#chunks.map(({ words, used }) => words.subarray(0, used))
  }

  /** False when it is there already. */
  add(origin: Uint32Array): boolean {
    return this.#add(this.#fitted(origin), 0)
  }

  addAll(list: OriginList): void {
    for (const words of list.words) this.addWords(words, list.#width)
  }

  clear(): void {
    this.#chunks = []
    this.#records = 0
  }

  /** Forgets all of the records up to this one. */
  forgetThrough(sequenceNumber: string): void {
    const last = this.#fitted(originWords(sequenceNumber, lastIndex))
    const forgotten: Chunk[] = []
    for (let chunk = this.#chunks[0]; chunk !== undefined; chunk = this.#chunks[0]) {
      const place = this.#placeIn(chunk, last, 0)
      if (place > 0) forgotten.push({ words: chunk.words, used: place })
      if (place < chunk.used) {
        this.#chunks[0] = { words: chunk.words.slice(place, chunk.used), used: chunk.used - place }
        break
      }
      this.#chunks.shift()
    }
    this.#records -= this.#recordsOf(forgotten)
  }

  /** Origins one after another, of so many words each. */
  addWords(words: Uint32Array, width: number): void {
    if (width > this.#width) this.#widen(width)
    const own = width < this.#width ? widened(words, width, this.#width) : words
    for (let at = 0; at < own.length; at += this.#width) this.#add(own, at)
  }

  #add(from: Uint32Array, at: number): boolean {
    if (this.#chunks.length === 0) this.#chunks.push(newChunk(noWords, firstChunkOrigins * this.#width))
    const index = this.#chunkOf(from, at)
    const chunk = this.#chunks[index]
    if (chunk === undefined) throw new Error(`there are ${this.#chunks.length} chunks, and none at ${index}`)
    const place = this.#placeIn(chunk, from, at)
    if (this.#isAt(chunk, place, from, at)) return false
    // Its neighbours tell whether the record is a new one. Nothing stands before the first chunk's first.
    const next = place < chunk.used ? { chunk, place } : { chunk: this.#chunks[index + 1], place: 0 }
    if (
      !this.#isOfRecord(chunk, place - this.#width, from, at) &&
      !this.#isOfRecord(next.chunk, next.place, from, at)
    )
      this.#records++
    this.#insert(index, place, from, at)
    return true
  }

  #insert(index: number, place: number, from: Uint32Array, at: number): void {
    const chunk = this.#chunks[index]
    if (chunk === undefined) return
    const { words, used } = chunk
    if (used < words.length) {
      if (place < used) words.copyWithin(place + this.#width, place, used)
      // By hand: a view for `set` is one more object for each event.
      for (let word = 0; word < this.#width; word++) words[place + word] = from[at + word] ?? 0
      chunk.used += this.#width
      return
    }
    const full = chunkOrigins * this.#width
    if (used < full) {
      this.#chunks[index] = newChunk(words, Math.min(full, used * 4))
      this.#insert(index, place, from, at)
    } else if (place === used) {
      this.#chunks.splice(index + 1, 0, newChunk(noWords, full))
      this.#insert(index + 1, 0, from, at)
    } else {
      const half = (chunkOrigins / 2) * this.#width
      const halves = [words.subarray(0, half), words.subarray(half)]
      this.#chunks.splice(index, 1, ...halves.map((of) => newChunk(of, full)))
      if (place <= half) this.#insert(index, place, from, at)
      else this.#insert(index + 1, place - half, from, at)
    }
  }

  /** The last chunk that begins at it or before it; the first when none does. */
  #chunkOf(from: Uint32Array, at: number): number {
    let low = 0
    let high = this.#chunks.length - 1
    // Mostly it is the last.
    for (let middle = high; low < high; middle = (low + high + 1) >> 1) {
      const chunk = this.#chunks[middle]
      if (chunk !== undefined && compareWords(chunk.words, 0, from, at, this.#width) <= 0) low = middle
      else high = middle - 1
    }
    return low
  }

  /** Where the first that is not before it stands. */
  #placeIn({ words, used }: Chunk, from: Uint32Array, at: number): number {
    const width = this.#width
    if (compareWords(words, used - width, from, at, width) < 0) return used
    let low = 0
    let high = used / width - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if (compareWords(words, middle * width, from, at, width) < 0) low = middle + 1
      else high = middle
    }
    return low * width
  }

  #isAt(chunk: Chunk, place: number, from: Uint32Array, at: number): boolean {
    return place < chunk.used && compareWords(chunk.words, place, from, at, this.#width) === 0
  }

  #isOfRecord(chunk: Chunk | undefined, place: number, from: Uint32Array, at: number): boolean {
    if (chunk === undefined || place < 0) return false
    return compareWords(chunk.words, place, from, at, this.#width - 1) === 0
  }

  #recordsOf(chunks: readonly Chunk[]): number {
    let records = 0
    let before: { chunk: Chunk; place: number } | undefined
    for (const chunk of chunks)
      for (let place = 0; place < chunk.used; place += this.#width) {
        if (before === undefined || !this.#isOfRecord(before.chunk, before.place, chunk.words, place))
          records++
        before = { chunk, place }
      }
    return records
  }

  /** Of as many words as the others, one of which it may be the longest. */
  #fitted(origin: Uint32Array): Uint32Array {
    if (origin.length === this.#width) return origin
    if (origin.length < this.#width) return widened(origin, origin.length, this.#width)
    this.#widen(origin.length)
    return origin
  }

  #widen(width: number): void {
    this.#chunks = this.#chunks.map(({ words, used }) => {
      const wide = widened(words.subarray(0, used), this.#width, width)
      return { words: wide, used: wide.length }
    })
    this.#width = width
  }
}

/** That of the raw shard; an empty one when there is none. */
export const listOf = (lists: Map<string, OriginList>, shardId: string): OriginList => {
  const known = lists.get(shardId)
  if (known !== undefined) return known
  const list = new OriginList()
  lists.set(shardId, list)
  return list
}

const noWords = new Uint32Array(0)

const newChunk = (origins: Uint32Array, length: number): Chunk => {
  const words = new Uint32Array(length)
  words.set(origins)
  return { words, used: origins.length }
}
