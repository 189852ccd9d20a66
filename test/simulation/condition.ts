import type { PutCondition } from '../../shared/core/metric/put-condition.ts'

export type Stored = Readonly<Record<string, string | number | undefined>>

/** Whether DynamoDB would put an item on this condition. Reads what our conditions are made of, and throws on the rest. */
export const holds = (condition: PutCondition, stored: Stored | undefined): boolean => {
  const tokens = tokensOf(condition.expression)
  let at = 0
  const next = (): string => {
    const token = tokens[at++]
    if (token === undefined) throw new Error(`the condition ends early: ${condition.expression}`)
    return token
  }
  const take = (token: string): boolean => {
    if (tokens[at] !== token) return false
    at++
    return true
  }
  const value = (token: string): string | number | undefined =>
    token.startsWith(':')
      ? (condition.numbers[token] ?? condition.texts[token])
      : stored?.[condition.names[token] ?? token]
  const either = (): boolean => {
    let result = both()
    while (take('OR')) result = both() || result
    return result
  }
  const both = (): boolean => {
    let result = one()
    while (take('AND')) result = one() && result
    return result
  }
  const bracketed = <T>(inner: () => T): T => {
    if (!take('(')) throw new Error(`a bracket is missing: ${condition.expression}`)
    const result = inner()
    if (!take(')')) throw new Error(`a bracket is missing: ${condition.expression}`)
    return result
  }
  const one = (): boolean => {
    if (tokens[at] === '(') return bracketed(either)
    if (take('attribute_not_exists')) return bracketed(() => value(next())) === undefined
    if (take('attribute_exists')) return bracketed(() => value(next())) !== undefined
    return compare(value(next()), next(), value(next()))
  }
  const result = either()
  if (at !== tokens.length) throw new Error(`the condition goes on after its end: ${condition.expression}`)
  return result
}

/** A comparison with what is not there is false. */
const compare = (
  a: string | number | undefined,
  operator: string,
  b: string | number | undefined,
): boolean => {
  if (a === undefined || b === undefined) return false
  switch (operator) {
    case '<':
      return a < b
    case '<=':
      return a <= b
    case '=':
      return a === b
    case '>=':
      return a >= b
    case '>':
      return a > b
    default:
      throw new Error(`no operator: ${operator}`)
  }
}

const tokenized = new Map<string, readonly string[]>()

const tokensOf = (expression: string): readonly string[] => {
  const tokens = tokenized.get(expression) ?? expression.match(/[()]|[<>]=?|=|[#:]?\w+/g) ?? []
  tokenized.set(expression, tokens)
  return tokens
}
