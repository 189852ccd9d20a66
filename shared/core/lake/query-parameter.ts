const types = ['timestamp', 'integer', 'number', 'text', 'list', 'duration', 'choice'] as const

export type ParameterType = (typeof types)[number]

export type Parameter = {
  /** snake_case; the command line has it as `--kebab-case`. */
  readonly name: string
  readonly type: ParameterType
  /** What may be chosen; empty unless the type is `choice`. */
  readonly choices: readonly string[]
  /** Of an integer its value, of a list its length, both ends included; undefined when any will do. */
  readonly range: { readonly from: number; readonly to: number } | undefined
  readonly defaultText: string
  readonly comment: string
}

/**
 * `within duration 1d | comment`, `order choice(ordered|unordered) ordered | comment`, `limit integer(1..100) 20 | comment`,
 * `steps list(2..10) a,b | comment`. A default may be empty.
 */
export function parseParameter(line: string, fail: (problem: string) => never): Parameter {
  const [, name = '', typeText = '', bounds, defaultText = '', comment = ''] =
    /^([a-z]\w*) (\w+)(?:\(([^()]*)\))? (.*?) ?\| (.+)$/.exec(line) ??
    fail(`cannot read "parameter: ${line}"; it goes "-- parameter: name type default | comment"`)
  const type =
    types.find((known) => known === typeText) ??
    fail(`parameter "${name}" has the unknown type "${typeText}"; there are ${types.join(', ')}`)
  const choices = type === 'choice' && bounds ? bounds.split('|') : []
  const [, from, to] =
    /^(\d+)\.\.(\d+)$/.exec(type === 'integer' || type === 'list' ? (bounds ?? '') : '') ?? []
  const range = from === undefined || to === undefined ? undefined : { from: Number(from), to: Number(to) }
  const isBounded = choices.length > 0 || range !== undefined
  if (isBounded !== (type === 'choice' || bounds !== undefined))
    fail(`parameter "${name}": it takes choice(a|b), integer(1..9), list(2..9), or a type without brackets`)
  const parameter = { name, type, choices, range, defaultText, comment }
  const problem = refusal(parameter, defaultText)
  return problem === undefined ? parameter : fail(`default of parameter "${name}": it takes ${problem}`)
}

/** How the command line spells it. */
export const parameterFlag = (name: string): string => `--${name.replaceAll('_', '-')}`

/** `timestamp`, `choice(a|b)` or `integer(1..9)`. */
export const typeText = ({ type, choices, range }: Parameter): string =>
  type === 'choice' ? `choice(${choices.join('|')})` : range ? `${type}(${range.from}..${range.to})` : type

/** A literal of SQL. Throws, naming the flag, when the text does not fit the type. */
export function literal(parameter: Parameter, text: string): string {
  const problem = refusal(parameter, text)
  if (problem !== undefined) throw new Error(`${parameterFlag(parameter.name)} takes ${problem}`)
  switch (parameter.type) {
    case 'integer':
      return signed(text)
    case 'number':
      // Without an exponent it would be a decimal, which divides and rounds differently in each engine.
      return signed(/e/i.test(text) ? text : `${text}e0`)
    case 'timestamp':
      return `TIMESTAMP '${new Date(utcTime(text)).toISOString().replace('T', ' ').replace('Z', '')}'`
    case 'duration':
      // Of one type however small, so that sums with it do not overflow an integer.
      return `BIGINT '${durationMs(text)}'`
    case 'list':
      return quoted(items(text).join(','))
    case 'choice':
    case 'text':
      return quoted(text)
  }
}

/** What the parameter takes and the text is not; undefined when it fits. */
export function refusal({ type, choices, range }: Parameter, text: string): string | undefined {
  const but = (wanted: string, isFit: boolean) =>
    isFit ? undefined : `${wanted}, not ${JSON.stringify(text)}`
  switch (type) {
    case 'integer':
      return but(
        range ? `a whole number from ${range.from} to ${range.to}` : 'a whole number',
        /^-?\d{1,18}$/.test(text) && isWithin(range, Number(text)),
      )
    case 'number':
      return but('a number', /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(text) && Number.isFinite(Number(text)))
    case 'timestamp':
      return but('a UTC time such as 2026-11-21 or 2026-11-21T08:30', !Number.isNaN(utcTime(text)))
    case 'duration':
      return but('a duration such as 7d, 36h, 30m, 90s or 500ms', Number.isSafeInteger(durationMs(text)))
    case 'list':
      return but(
        `${range ? `${range.from} to ${range.to} ` : ''}values with commas between them`,
        isWithin(range, items(text).length) && (text.trim() === '' || !items(text).includes('')),
      )
    case 'choice':
      return but(`one of ${choices.join(', ')}`, choices.includes(text))
    case 'text':
      return undefined
  }
}

const isWithin = (range: Parameter['range'], number: number): boolean =>
  range === undefined || (number >= range.from && number <= range.to)

/** Epoch ms; NaN for what is no time. */
function utcTime(text: string): number {
  if (!/^\d{4}-\d\d-\d\d(?:[ T]\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?Z?)?$/.test(text)) return Number.NaN
  return new Date(text.length === 10 || text.endsWith('Z') ? text : `${text}Z`).getTime()
}

const unitMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
}

function durationMs(text: string): number {
  const [, count, unit = ''] = /^(\d{1,12})(ms|[smhdw])$/.exec(text) ?? []
  return Number(count) * (unitMs[unit] ?? Number.NaN)
}

const items = (text: string): string[] =>
  text.trim() === '' ? [] : text.split(',').map((item) => item.trim())
const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`
/** After a minus, a sign would begin a comment. */
const signed = (text: string): string => (text.startsWith('-') ? `(${text})` : text)
