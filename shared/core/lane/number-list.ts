type Numbers = Int32Array<ArrayBuffer> | Uint32Array<ArrayBuffer> | Float64Array<ArrayBuffer>

/**
 * Numbers of a pack or of a commit in the making, as the bytes that they travel in: a JavaScript array of them outlives the young heap and is copied
 * into such bytes in the end all the same.
 */
export class NumberList<List extends Numbers> {
  length = 0
  #numbers: List
  readonly #make: (length: number) => List

  constructor(make: (length: number) => List) {
    this.#make = make
    this.#numbers = make(1_024)
  }

  push(number: number): void {
    if (this.length === this.#numbers.length) this.#grow()
    this.#numbers[this.length++] = number
  }

  /** Of what was pushed: a view, for as long as nothing more is. */
  bytes(): Uint8Array {
    const { buffer, BYTES_PER_ELEMENT } = this.#numbers
    return new Uint8Array(buffer, 0, this.length * BYTES_PER_ELEMENT)
  }

  #grow(): void {
    const longer = this.#make(this.#numbers.length * 4)
    longer.set(this.#numbers)
    this.#numbers = longer
  }
}

export const integerList = () => new NumberList((length) => new Int32Array(length))

export const wordList = () => new NumberList((length) => new Uint32Array(length))

export const floatList = () => new NumberList((length) => new Float64Array(length))
