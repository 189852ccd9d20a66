import { endOfBrackets, type SqlToken, sqlTokens, textOf } from './sql-tokens.ts'

/** Columns said to be above 0. */
export type Positive = ReadonlySet<string>

/** `-- never 0: people, n, places - 2` names columns and terms that are above 0, whatever the data. */
export const positiveNames = (sql: string): ReadonlySet<string> =>
  new Set(
    Array.from(sql.matchAll(/^\s*-- never 0: (.+)$/gm), ([, terms = '']) => terms.split(','))
      .flat()
      .map((term) => textOf(sqlTokens(term))),
  )

/** Tokens of the operand that begins at `first`: a number, a name, also of a table, or a bracket with what is called. */
export const operandAfter = (tokens: readonly SqlToken[], first: number): readonly SqlToken[] => {
  let end = tokens[first]?.text === '(' ? first : first + 1
  if (tokens[end]?.kind === 'text') end++
  while (tokens[end]?.text === '.') end += 2
  return tokens.slice(first, tokens[end]?.text === '(' ? endOfBrackets(tokens, end) : end)
}

export const isDecimal = (token: SqlToken | undefined): boolean =>
  token?.kind === 'number' && token.text.includes('.') && !/e/i.test(token.text)

/** A number that is not 0, or nullif(…, 0), or sums and products of what is above 0. */
export const isNeverZero = (operand: readonly SqlToken[], positive: Positive): boolean => {
  const text = textOf(operand)
  if (operand.length === 1 && operand[0]?.kind === 'number') return Number(text) !== 0
  if (/^bigint '-?[1-9]\d*'$/.test(text) || /^(cast \( )?nullif \(/.test(text)) return true
  if (positive.has(text.replace(/^\( (.*) \)$/, '$1'))) return true
  // coalesce(x, 0) may be added.
  const added = sqlTokens(text.replace(/\+ coalesce \( [^()]* , 0 \)/g, ''))
  return added.every(({ kind, text: word }, index) => {
    if (kind === 'number') return Number(word) > 0
    if (kind === 'sign') return '()+*/.'.includes(word)
    // What stands before a point is the table.
    return positive.has(word) || added[index + 1]?.text === '.' || keepsAboveZero.includes(word)
  })
}
const keepsAboveZero = ['sum', 'min', 'max', 'avg', 'sqrt', 'exp', 'pi', 'cast', 'as', 'double']
