import { argumentsAt, each, type SqlToken } from './sql-tokens.ts'

/** `SELECT f(x) AS day … GROUP BY day`, within the same brackets. `f(day) AS day` is fine: both group by the column. */
export function groupedByAlias(tokens: readonly SqlToken[]): number[] {
  return each(tokens, (i) => tokens[i]?.text === 'group' && tokens[i + 1]?.text === 'by').flatMap((group) => {
    const aliases = new Set(
      selectItemsBefore(tokens, group)
        .filter(
          (item) =>
            item.at(-2)?.text === 'as' && item.slice(0, -2).every(({ text }) => text !== item.at(-1)?.text),
        )
        .map((item) => item.at(-1)?.text ?? ''),
    )
    const found: number[] = []
    let depth = 0
    for (let i = group + 2; i < tokens.length; i++) {
      const text = tokens[i]?.text ?? ''
      if ('(['.includes(text)) depth++
      if (')]'.includes(text) && --depth < 0) break
      if (depth > 0) continue
      if (endsGroupBy.includes(text)) break
      const isAlone =
        [',', 'by'].includes(tokens[i - 1]?.text ?? '') &&
        [',', ')', ...endsGroupBy, undefined].includes(tokens[i + 1]?.text)
      if (isAlone && aliases.has(text)) found.push(i)
    }
    return found
  })
}
const endsGroupBy = ['order', 'having', 'limit', 'union', 'window', 'offset']

/** What is selected by the SELECT that a GROUP BY belongs to. */
const selectItemsBefore = (tokens: readonly SqlToken[], group: number): SqlToken[][] => {
  let depth = 0
  let from = group
  for (let i = group - 1; i >= 0; i--) {
    const text = tokens[i]?.text ?? ''
    if (')]'.includes(text)) depth++
    if ('(['.includes(text)) depth--
    if (depth < 0) return []
    if (depth === 0 && text === 'from') from = i
    if (depth === 0 && text === 'select')
      return argumentsAt([bracket, ...tokens.slice(i + 1, from), closing], 0)
  }
  return []
}
const bracket: SqlToken = { kind: 'sign', text: '(', line: 0 }
const closing: SqlToken = { kind: 'sign', text: ')', line: 0 }
