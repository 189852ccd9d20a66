export type SqlToken = {
  readonly kind: 'word' | 'quoted' | 'text' | 'number' | 'sign'
  readonly text: string
  /** From 1. */
  readonly line: number
}

const pattern =
  /(?<blank>\s+|--[^\n]*|\/\*[\s\S]*?\*\/)|(?<text>'(?:[^']|'')*')|(?<quoted>"(?:[^"]|"")*")|(?<number>\d+(?:\.\d*)?(?:[eE][+-]?\d+)?)|(?<word>[A-Za-z_]\w*)|(?<sign>::|->|\|\||<>|!=|<=|>=|=>|[\s\S])/g

/** SQL without its blanks and comments. Words are in small letters, since SQL does not tell them apart. */
export const sqlTokens = (sql: string): SqlToken[] => {
  const tokens: SqlToken[] = []
  let line = 1
  for (const { groups = {}, 0: found } of sql.matchAll(pattern)) {
    const kind = (['text', 'quoted', 'number', 'word', 'sign'] as const).find(
      (name) => groups[name] !== undefined,
    )
    if (kind !== undefined) tokens.push({ kind, text: kind === 'word' ? found.toLowerCase() : found, line })
    line += found.split('\n').length - 1
  }
  return tokens
}

/** Index behind the bracket that closes the one at `open`. */
export const endOfBrackets = (tokens: readonly SqlToken[], open: number): number => {
  let depth = 0
  for (let i = open; i < tokens.length; i++) {
    if ('(['.includes(tokens[i]?.text ?? ' ')) depth++
    if (')]'.includes(tokens[i]?.text ?? ' ') && --depth === 0) return i + 1
  }
  return tokens.length
}

/** The arguments between the brackets at `open`, each as its tokens. */
export const argumentsAt = (tokens: readonly SqlToken[], open: number): SqlToken[][] => {
  const end = endOfBrackets(tokens, open) - 1
  const found: SqlToken[][] = [[]]
  for (let i = open + 1; i < end; i++) {
    const token = tokens[i]
    if (token === undefined) break
    if ('(['.includes(token.text)) {
      const close = endOfBrackets(tokens, i)
      found.at(-1)?.push(...tokens.slice(i, close))
      i = close - 1
    } else if (token.text === ',') found.push([])
    else found.at(-1)?.push(token)
  }
  return found
}

/** Indices of the tokens that pass. */
export const each = (tokens: readonly SqlToken[], test: (index: number) => boolean): number[] =>
  tokens.flatMap((_, index) => (test(index) ? [index] : []))

export const textOf = (tokens: readonly SqlToken[]): string => tokens.map(({ text }) => text).join(' ')
