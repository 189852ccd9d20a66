import { closeSync, fstatSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

/** A log of bounded size: what is full becomes `<file>.1`, in the place of the one before. */
export class LogFile {
  readonly file: string
  readonly #maxBytes: number
  #descriptor: number
  #closed = false
  #bytes: number

  constructor(file: string, maxBytes = 4_000_000) {
    mkdirSync(dirname(file), { recursive: true })
    this.file = file
    this.#maxBytes = maxBytes
    this.#descriptor = openSync(file, 'a')
    this.#bytes = fstatSync(this.#descriptor).size
  }

  write(text: string): void {
    // A container that was ended may still have had something to say.
    if (this.#closed) return
    if (this.#bytes > this.#maxBytes) this.#rotate()
    this.#bytes += writeSync(this.#descriptor, text)
  }

  close(): void {
    this.#closed = true
    closeSync(this.#descriptor)
  }

  #rotate(): void {
    closeSync(this.#descriptor)
    renameSync(this.file, `${this.file}.1`)
    this.#descriptor = openSync(this.file, 'a')
    this.#bytes = 0
  }
}
