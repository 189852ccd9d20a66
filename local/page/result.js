/** From the answer of a named query to what is shown and saved of it. No clock, no document. */

/**
 * @typedef {null | boolean | number | string} Value
 * @typedef {{ name: string, columns: readonly { name: string, type: string }[], rows: readonly (readonly Value[])[],
 *   truncated: boolean, scannedBytes: number, elapsedMs: number }} Result
 * @typedef {{ kind: 'lines', frame: import('./series.js').Frame }} Lines
 * @typedef {{ kind: 'bars', bars: { name: string, value: number | null, part: number }[] }} Bars
 */

const dayMs = 86_400_000
const maxLines = 5
const maxBars = 20
const numeric = /^(tinyint|smallint|integer|bigint|float|double|decimal)/
const ofTime = /^(date|timestamp)/

/** @param {Result['columns']} columns */
const isOverTime = (columns) => ofTime.test(columns[0]?.type ?? '')

/** @param {{ type: string }} column */
export const isNumeric = ({ type }) => numeric.test(type)

/** Columns that a chart can show, by name. @param {Result} result */
export function measuresOf({ columns, rows }) {
  const found = keysOf({ columns, rows })
  // Of two values of one line at one time, a chart would hide one.
  if (rows.length === 0 || (found === undefined && isOverTime(columns))) return []
  const keys = new Set([0, ...(found ?? [])])
  return columns.filter((column, at) => isNumeric(column) && !keys.has(at)).map(({ name }) => name)
}

/**
 * Lines over time when the first column is a time, one for each value of what tells rows of one time apart; else bars
 * in the order of the result.
 * @param {Result} result @param {string} measure @returns {Lines | Bars}
 */
export function chartOf({ columns, rows }, measure) {
  const keys = keysOf({ columns, rows }) ?? []
  const place = columns.findIndex(({ name }) => name === measure)
  const numberIn = (/** @type {readonly Value[]} */ row) => {
    const value = row[place]
    return typeof value === 'number' ? value : null
  }
  const nameOf = (/** @type {readonly Value[]} */ row, /** @type {readonly number[]} */ places) =>
    places.map((at) => cellText(row[at] ?? null) || '(none)').join(' · ')
  if (!isOverTime(columns)) {
    const shown = rows
      .slice(0, maxBars)
      .map((row) => ({ name: nameOf(row, [0, ...keys]), value: numberIn(row) }))
    const largest = Math.max(...shown.map(({ value }) => Math.abs(value ?? 0))) || 1
    const bars = shown.map((bar) => ({ ...bar, part: Math.abs(bar.value ?? 0) / largest }))
    return { kind: 'bars', bars }
  }
  /** @type {Map<string, Map<number, number | null>>} */
  const lines = new Map()
  for (const row of rows) {
    if (row[0] === null) continue
    const label = keys.length === 0 ? measure : nameOf(row, keys)
    const line = lines.get(label) ?? new Map()
    lines.set(label, line.set(Date.parse(String(row[0])), numberIn(row)))
  }
  const starts = [...new Set([...lines.values()].flatMap((line) => [...line.keys()]))].sort((a, b) => a - b)
  const series = [...lines]
    .sort(([, a], [, b]) => sumOf(b) - sumOf(a))
    .slice(0, maxLines)
    .map(([label, line]) => ({ label, values: starts.map((ms) => line.get(ms) ?? null) }))
  return { kind: 'lines', frame: { starts, open: starts.map(() => false), stepMs: stepOf(starts), series } }
}

/**
 * The columns that, beside the first, tell every row from the others: none, one of text, all of text, or a number.
 * Undefined when even that does not.
 * @param {Pick<Result, 'columns' | 'rows'>} result @returns {readonly number[] | undefined}
 */
function keysOf({ columns, rows }) {
  const others = [...columns.keys()].slice(1)
  const texts = others.filter((at) => columns[at]?.type.startsWith('varchar'))
  const numbers = others.filter((at) => isNumeric(columns[at] ?? { type: '' }))
  const candidates = [[], ...texts.map((at) => [at]), texts, ...numbers.map((at) => [at])]
  const isUnique = (/** @type {readonly number[]} */ keys) =>
    new Set(rows.map((row) => JSON.stringify([0, ...keys].map((at) => row[at])))).size === rows.length
  return candidates.find(isUnique)
}

/** @param {ReadonlyMap<number, number | null>} line */
const sumOf = (line) => [...line.values()].reduce((/** @type {number} */ sum, value) => sum + (value ?? 0), 0)

/** The smallest step between two; a day when there is none. @param {readonly number[]} starts */
const stepOf = (starts) => {
  const steps = starts.slice(1).map((ms, at) => ms - (starts[at] ?? 0))
  return steps.length === 0 ? dayMs : Math.min(...steps)
}

/** @param {Value} value */
export const cellText = (value) => (value === null ? '' : String(value))

/** RFC 4180: a header, CRLF, quotes where they are needed; NULL is empty. @param {Result} result */
export function csvOf({ columns, rows }) {
  const field = (/** @type {string} */ text) =>
    /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
  return [columns.map(({ name }) => name), ...rows.map((row) => row.map(cellText))]
    .map((fields) => `${fields.map(field).join(',')}\r\n`)
    .join('')
}

/** An array of row objects. @param {Result} result */
export const jsonOf = ({ columns, rows }) =>
  JSON.stringify(
    rows.map((row) => Object.fromEntries(columns.map(({ name }, at) => [name, row[at] ?? null]))),
    undefined,
    1,
  )
