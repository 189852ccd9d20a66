import { AwsError } from '../errors.ts'

/** A piece of SQL; blanks and comments are none. `value` is what a string or a quoted name stands for. */
export type Token = {
  readonly kind: 'word' | 'name' | 'text' | 'number' | 'symbol'
  readonly value: string
  readonly start: number
  readonly end: number
}

const pattern =
  /(?<blank>\s+|--[^\n]*|\/\*[\s\S]*?\*\/)|(?<text>'(?:[^']|'')*')|(?<name>"(?:[^"]|"")*"|`[^`]*`)|(?<word>[A-Za-z_][\w]*)|(?<number>\d+(?:\.\d*)?(?:[eE][-+]?\d+)?)|(?<symbol>.)/gsu

export function tokensOf(sql: string): Token[] {
  const tokens: Token[] = []
  for (const { groups = {}, index, 0: whole } of sql.matchAll(pattern)) {
    const place = { start: index, end: index + whole.length }
    if (groups.text !== undefined)
      tokens.push({ kind: 'text', value: whole.slice(1, -1).replaceAll("''", "'"), ...place })
    else if (groups.name !== undefined)
      tokens.push({ kind: 'name', value: whole.slice(1, -1).replaceAll('""', '"'), ...place })
    else if (groups.word !== undefined) tokens.push({ kind: 'word', value: whole, ...place })
    else if (groups.number !== undefined) tokens.push({ kind: 'number', value: whole, ...place })
    else if (groups.symbol !== undefined) tokens.push({ kind: 'symbol', value: whole, ...place })
  }
  return tokens
}

/** Reads a statement's tokens one after another. */
export class TokenReader {
  readonly sql: string
  readonly tokens: readonly Token[]
  #at = 0

  constructor(sql: string) {
    this.sql = sql
    const tokens = tokensOf(sql)
    while (tokens.at(-1)?.value === ';') tokens.pop()
    this.tokens = tokens
  }

  get isAtEnd(): boolean {
    return this.#at >= this.tokens.length
  }

  /** Takes these keywords and symbols when all of them come next. */
  accept(...words: string[]): boolean {
    const fits = words.every((word, index) => {
      const token = this.tokens[this.#at + index]
      return (
        token !== undefined &&
        (token.kind === 'word' || token.kind === 'symbol') &&
        token.value.toUpperCase() === word
      )
    })
    if (fits) this.#at += words.length
    return fits
  }

  expect(...words: string[]): void {
    if (!this.accept(...words)) this.fail(`Expecting: ${words.map((word) => `'${word}'`).join(' ')}`)
  }

  /** An identifier; names are without case in Athena. */
  name(): string {
    const token = this.tokens[this.#at]
    if (token?.kind !== 'word' && token?.kind !== 'name') this.fail('Expecting: <identifier>')
    this.#at++
    return token.value.toLowerCase()
  }

  text(): string {
    const token = this.tokens[this.#at]
    if (token?.kind !== 'text') this.fail('Expecting: <string>')
    this.#at++
    return token.value
  }

  /** A literal as it is written. */
  literal(): string {
    const start = this.#at
    let depth = 0
    for (let token = this.tokens[this.#at]; token; token = this.tokens[++this.#at]) {
      if (depth === 0 && (token.value === ',' || token.value === ')')) break
      if (token.value === '(') depth++
      if (token.value === ')') depth--
    }
    const [first, last] = [this.tokens[start], this.tokens[this.#at - 1]]
    if (!first || !last || this.#at === start) this.fail('Expecting: <expression>')
    return this.sql.slice(first.start, last.end)
  }

  /** All that is left, as it is written. */
  rest(): string {
    const [first, last] = [this.tokens[this.#at], this.tokens.at(-1)]
    if (!first || !last) this.fail('Expecting: <query>')
    this.#at = this.tokens.length
    return this.sql.slice(first.start, last.end)
  }

  end(): void {
    if (!this.isAtEnd) this.fail('Expecting: <EOF>')
  }

  /** In the words in which StartQueryExecution refuses what it cannot read. */
  fail(expecting: string): never {
    const token = this.tokens[this.#at]
    const before = this.sql.slice(0, token?.start ?? this.sql.length)
    const line = before.split('\n').length
    const column = before.length - before.lastIndexOf('\n')
    throw new AwsError(
      'InvalidRequestException',
      `line ${line}:${column}: mismatched input '${token ? this.sql.slice(token.start, token.end) : '<EOF>'}'. ${expecting}`,
      { detail: { AthenaErrorCode: 'MALFORMED_QUERY' } },
    )
  }
}
