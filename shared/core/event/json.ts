import type { BadReasonCode } from '../bad-row/bad-row.ts'

export type JsonObject = { readonly [key: string]: unknown }

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const jsonType = (value: unknown): string => {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'an array' : `a ${typeof value}`
}

export type Json = {
  readonly value: unknown
  /** There is no backslash in it. So no text in it needs an escape to be written again, nor holds half a surrogate pair. */
  readonly escapeFree: boolean
}

export type ParsedJson =
  | Json
  | { readonly code: BadReasonCode & ('not_json' | 'not_utf8'); readonly message: string }

export const parseJson = (bytes: Buffer): ParsedJson => {
  const text = bytes.toString('utf8')
  // A replacement character may have been sent as one; only then is it worth decoding strictly.
  if (text.includes('\ufffd') && !isUtf8(bytes)) return { code: 'not_utf8', message: 'not UTF-8' }
  try {
    return { value: JSON.parse(text), escapeFree: !text.includes('\\') }
  } catch {
    // The parser's own message quotes the event, and messages go where contents must not.
    return { code: 'not_json', message: 'not JSON' }
  }
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true })

export const isUtf8 = (bytes: Uint8Array): boolean => {
  try {
    strictUtf8.decode(bytes)
    return true
  } catch {
    return false
  }
}

/** The same bytes, not a copy. */
export const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

const isBlank = (byte: number | undefined): boolean =>
  byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09

/** Without the byte order mark and the blanks around it. */
export const trim = (bytes: Buffer): Buffer => {
  let start = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0
  let end = bytes.length
  while (start < end && isBlank(bytes[start])) start++
  while (end > start && isBlank(bytes[end - 1])) end--
  return start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end)
}

/** undefined when the value is nested too deep to be written again. */
export const jsonBytesOf = (value: unknown): Buffer | undefined => {
  try {
    return Buffer.from(JSON.stringify(value))
  } catch {
    return undefined
  }
}

/** Values nested deeper than this are refused: writing them again could overflow the stack. */
export const maxDepth = 64

export type Oddity = { readonly code: 'bad_number' | 'nested_too_deep'; readonly path: string }

const none: readonly Oddity[] = []

/** JSON has no infinity, yet 1e400 parses as one and would be written as null. */
export const findOddities = (value: unknown): readonly Oddity[] => {
  if (isPlain(value, 0)) return none
  const found: Oddity[] = []
  collectOddities(value, { path: '', depth: 0 }, found)
  return found
}

const isPlain = (value: unknown, depth: number): boolean => {
  if (typeof value === 'number') return Number.isFinite(value)
  if (typeof value !== 'object' || value === null) return true
  if (depth === maxDepth) return false
  if (Array.isArray(value)) {
    for (const item of value) if (!isPlain(item, depth + 1)) return false
    return true
  }
  for (const key in value) if (!isPlain((value as JsonObject)[key], depth + 1)) return false
  return true
}

const collectOddities = (value: unknown, at: { path: string; depth: number }, found: Oddity[]): void => {
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) found.push({ code: 'bad_number', path: at.path })
    return
  }
  if (typeof value !== 'object' || value === null) return
  if (at.depth === maxDepth) {
    found.push({ code: 'nested_too_deep', path: at.path })
    return
  }
  for (const [key, child] of Object.entries(value)) {
    const path = `${at.path}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`
    collectOddities(child, { path, depth: at.depth + 1 }, found)
  }
}
