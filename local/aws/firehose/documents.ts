import { isUtf8 } from 'node:buffer'

export type Documents = {
  /** Whole lines, one JSON document each, every line ended; as far as can be told without parsing them. */
  lines: Buffer
  count: number
  /** What is not even text. */
  unreadable: Buffer[]
}

const newline = 10
const openBrace = 123
const closeBrace = 125
const openBracket = 91
const closeBracket = 93
const quote = 34
const backslash = 92

/** Splits a Firehose record into its JSON documents: NDJSON in one pass, documents set end to end by their nesting. */
export function documentsIn(record: Buffer): Documents {
  if (isUtf8(record) && isPlainNdjson(record)) {
    const isEnded = record.at(-1) === newline
    const lines = isEnded ? record : Buffer.concat([record, Buffer.of(newline)])
    return { lines, count: newlinesIn(lines), unreadable: [] }
  }
  const all = nestedDocuments(record)
  const isText = (one: Buffer) => isUtf8(one) && !one.includes(0) && !one.includes(1)
  const texts = all.filter(isText).map(onOneLine)
  return {
    lines: Buffer.concat(texts.flatMap((text) => [text, Buffer.of(newline)])),
    count: texts.length,
    unreadable: all.filter((one) => !isText(one)),
  }
}

/** Every line from brace to brace, and nothing that could hide the end of a document within one. */
function isPlainNdjson(record: Buffer): boolean {
  if (record.includes('}{') || record.includes(0) || record.includes(1) || record.includes(13)) return false
  let start = 0
  while (start < record.length) {
    const found = record.indexOf(newline, start)
    const end = found < 0 ? record.length : found
    if (record[start] !== openBrace || record[end - 1] !== closeBrace) return false
    start = end + 1
  }
  return true
}

function newlinesIn(lines: Buffer): number {
  let count = 0
  for (let at = lines.indexOf(newline); at >= 0; at = lines.indexOf(newline, at + 1)) count++
  return count
}

/** A document ends where its outermost bracket closes; what stands outside of any is cut at line ends. */
function nestedDocuments(record: Buffer): Buffer[] {
  const documents: Buffer[] = []
  let depth = 0
  let start = 0
  let isInString = false
  const cut = (end: number) => {
    const piece = record.subarray(start, end)
    if (piece.toString('latin1').trim() !== '') documents.push(piece)
    start = end
  }
  for (let at = 0; at < record.length; at++) {
    const byte = record[at]
    if (isInString) {
      if (byte === backslash) at++
      else if (byte === quote) isInString = false
    } else if (byte === quote && depth > 0) isInString = true
    else if (byte === openBrace || byte === openBracket) depth++
    else if (byte === closeBrace || byte === closeBracket) {
      depth = Math.max(0, depth - 1)
      if (depth === 0) cut(at + 1)
    } else if (byte === newline && depth === 0) cut(at + 1)
  }
  cut(record.length)
  return documents
}

/** A raw line end within a JSON string is an error anyway; between tokens it means as much as a space. */
function onOneLine(document: Buffer): Buffer {
  return Buffer.from(
    document
      .toString('utf8')
      .replace(/[\r\n]/g, ' ')
      .trim(),
  )
}
