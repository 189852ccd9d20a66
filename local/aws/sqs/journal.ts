import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { isMissing, replaceFile } from '../file.ts'
import type { Message } from './message.ts'

/** A message as it is from now on; without one, it is gone. */
type Line = { readonly id: string; readonly message?: Message }

/** Lines that are no longer true may be this many times those that are, before the file is written anew. */
const maxRatio = 4
const minLines = 1_000

/** The messages of a queue as a file of changes. A change is in the file when the call returns, so it survives a kill. */
export class Journal {
  readonly #path: string
  readonly #messages: ReadonlyMap<string, Message>
  #fd: number
  #lines = 0

  constructor(path: string, messages: Map<string, Message>) {
    mkdirSync(dirname(path), { recursive: true })
    for (const { id, message } of linesIn(path)) {
      if (message) messages.set(id, message)
      else messages.delete(id)
    }
    this.#path = path
    this.#messages = messages
    this.#fd = this.#rewrite()
  }

  write(changes: readonly Line[]): void {
    writeFileSync(this.#fd, changes.map((line) => `${JSON.stringify(line)}\n`).join(''))
    this.#lines += changes.length
    if (this.#lines <= minLines || this.#lines <= this.#messages.size * maxRatio) return
    closeSync(this.#fd)
    this.#fd = this.#rewrite()
  }

  close(): void {
    closeSync(this.#fd)
  }

  #rewrite(): number {
    const lines = [...this.#messages].map(([id, message]) => `${JSON.stringify({ id, message })}\n`)
    replaceFile(this.#path, lines.join(''))
    this.#lines = lines.length
    return openSync(this.#path, 'a')
  }
}

/** What a killed process left half written is no change, and nothing stands behind it. */
function linesIn(path: string): Line[] {
  try {
    const whole = readFileSync(path, 'utf8').split('\n').slice(0, -1)
    return whole.map((line) => JSON.parse(line))
  } catch (error) {
    if (isMissing(error)) return []
    throw new Error(`${path} does not read: remove it, and the queue starts empty`, { cause: error })
  }
}
