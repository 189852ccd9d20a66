import { cached } from '../enrichment/bounded-cache.ts'
import type { JsonObject } from '../event/json.ts'
import { inNestedQuotes, inQuotes, jsonText } from './json-text.ts'

/**
 * Text that comes in many rows. Not with `+`: what that makes stays the pieces that it was made of, for each row to join anew.
 */
export const onePiece = (pieces: readonly string[]): string => pieces.join('')

/** Which members of an object are written. */
export type IsWritten = (key: string, value: unknown) => boolean

/**
 * A row of JSON in the making. Pieces are appended one by one, and nothing looks at the text before it is whole: so the engine
 * joins them once, at the end. `start` is what stands before a value. Pieces are what costs; hence a text column is left open,
 * for the start of what comes after it to end.
 */
export class RowText {
  text = ''
  readonly #escapeFree: boolean

  /** `escapeFree` as `Json` says it of the JSON that the client's values come from. */
  constructor({ escapeFree }: { readonly escapeFree: boolean }) {
    this.#escapeFree = escapeFree
  }

  append(piece: string): void {
    this.text += piece
  }

  /** A text in which nothing can need an escape. The empty text is left out, here and in the next two. */
  plain(start: string, text: string): void {
    if (text === '') return
    this.text += start
    this.text += text
  }

  /** A text as the client sent it. */
  sent(start: string, text: string): void {
    if (text === '') return
    this.text += start
    this.text += this.#escapeFree ? text : inQuotes(text)
  }

  /** A text decoded from what the client sent: for the `%22` of the client there is a quote in it. */
  decoded(start: string, text: string): void {
    if (text === '') return
    this.text += start
    this.text += decodedInQuotes(text)
  }

  /** A text of the client's JSON, whole, for once. `start` goes up to it, its quote included. */
  sentWhole(start: string, text: string): void {
    this.text += start
    this.text += this.#escapeFree ? text : inQuotes(text.toWellFormed())
    this.text += '"'
  }

  /** A value of the client's JSON that is no text. */
  value(start: string, value: unknown): void {
    this.text += start
    this.text += typeof value === 'number' ? value : jsonText(value)
  }

  /**
   * An object of the client's JSON as a text of JSON, `{\"a\":1}`: as if written as JSON twice, its lone surrogates replaced.
   * Left out when no member of it is written. Its numbers must be finite. `start` goes up to its brace.
   */
  nested(start: string, object: JsonObject, isWritten?: IsWritten): void {
    if (this.#members(start, object, isWritten)) this.text += '}"'
  }

  /** Whether there was any; `start` goes up to the brace. */
  #members(start: string, object: JsonObject, isWritten?: IsWritten): boolean {
    let isEmpty = true
    for (const key in object) {
      const value = object[key]
      if (value === undefined || isWritten?.(key, value) === false) continue
      const before = memberStarts(key)
      if (isEmpty) this.text += start
      if (typeof value === 'string') {
        this.text += isEmpty ? before.firstText : before.nextText
        this.text += this.#inNested(value)
        this.text += '\\"'
      } else {
        this.text += isEmpty ? before.first : before.next
        this.#nestedValue(value)
      }
      isEmpty = false
    }
    return !isEmpty
  }

  #nestedValue(value: unknown): void {
    if (typeof value === 'string') {
      this.text += '\\"'
      this.text += this.#inNested(value)
      this.text += '\\"'
    } else if (Array.isArray(value)) {
      for (let at = 0; at < value.length; at++) {
        this.text += at === 0 ? '[' : ','
        this.#nestedValue(value[at])
      }
      this.text += value.length === 0 ? '[]' : ']'
    } else if (typeof value === 'object' && value !== null) {
      const isEmpty = !this.#members('{', value as JsonObject)
      this.text += isEmpty ? '{}' : '}'
    } else {
      this.text += String(value)
    }
  }

  #inNested(text: string): string {
    return this.#escapeFree ? text : inNestedQuotes(text)
  }
}

/** What stands before the value of a member of a nested object, whether it is the first one and a text. Keys are few. */
const memberStarts = cached(1_000, (key) => {
  const first = ['\\"', inNestedQuotes(key), '\\":']
  return {
    first: onePiece(first),
    next: onePiece([',', ...first]),
    firstText: onePiece([...first, '\\"']),
    nextText: onePiece([',', ...first, '\\"']),
  }
})

/** Hosts and names of campaigns are few. */
const decodedInQuotes = cached(10_000, inQuotes)
