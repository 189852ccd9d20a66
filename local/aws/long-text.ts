import { randomUUID } from 'node:crypto'

/** A long text within a JSON document, as the bytes that stood between its quotes: there is no escape among them. */
export class LongText {
  readonly bytes: Buffer

  constructor(bytes: Buffer) {
    this.bytes = bytes
  }

  decode(encoding: 'utf8' | 'latin1'): string {
    return this.bytes.toString(encoding)
  }
}

/** Shorter ones are not worth it. */
const leastBytes = 256
const quote = 0x22
const backslash = 0x5c

/** What no client can have sent. */
const mark = randomUUID()

/**
 * JSON.parse, but with a LongText for each long text without an escape. A request of 5 MB of base64 is thus never a text
 * of 7 MB, and then as much again in pieces.
 */
export function parseWithLongTexts(body: Buffer): unknown {
  const texts: LongText[] = []
  let short = ''
  let taken = 0
  let nextEscape = -1
  for (let start = body.indexOf(quote); start >= 0; ) {
    let end = body.indexOf(quote, start + 1)
    if (nextEscape < start) nextEscape = next(body, backslash, start)
    while (end > nextEscape && isEscaped(body, end)) end = body.indexOf(quote, end + 1)
    if (end < 0) break
    if (end < nextEscape && end - start > leastBytes) {
      short += `${body.toString('utf8', taken, start + 1)}${mark}${texts.length}`
      texts.push(new LongText(body.subarray(start + 1, end)))
      taken = end
    }
    start = body.indexOf(quote, end + 1)
  }
  return restored(JSON.parse(short + body.toString('utf8', taken)), texts)
}

function next(body: Buffer, byte: number, from: number): number {
  const at = body.indexOf(byte, from)
  return at < 0 ? Number.POSITIVE_INFINITY : at
}

/** An even number of backslashes before a quote escapes backslashes only. */
function isEscaped(body: Buffer, at: number): boolean {
  let first = at
  while (body[first - 1] === backslash) first--
  return (at - first) % 2 === 1
}

function restored(value: unknown, texts: readonly LongText[]): unknown {
  if (texts.length === 0) return value
  if (typeof value === 'string') return longTextFor(value, texts) ?? value
  if (Array.isArray(value)) return value.map((one) => restored(one, texts))
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).map(([name, member]) => [
    longTextFor(name, texts)?.decode('utf8') ?? name,
    restored(member, texts),
  ])
  return Object.fromEntries(members)
}

function longTextFor(text: string, texts: readonly LongText[]): LongText | undefined {
  return text.startsWith(mark) ? texts[Number(text.slice(mark.length))] : undefined
}
