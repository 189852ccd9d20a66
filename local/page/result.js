/** From the answer of a named query to what is shown and saved of it. No clock, no document. */

/**
 * @typedef {null | boolean | number | string} Value
 * @typedef {{ name: string, columns: readonly { name: string, type: string }[], rows: readonly (readonly Value[])[],
 *   truncated: boolean, scannedBytes: number, elapsedMs: number }} Result
 * @typedef {{ kind: 'lines', frame: import('./series.js').Frame }} Lines
 * @typedef {{ kind: 'bars', bars: { name: string, value: number | null, part: number }[] }} Bars
 */

const maxLines = 5
export const maxBars = 20
/** Columns that say where in an order a row stands, and nothing that is worth drawing. */
const places = new Set(['step', 'period'])
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
  return columns
    .filter((column, at) => isNumeric(column) && !keys.has(at) && !places.has(column.name))
    .map(({ name }) => name)
}

/**
 * Lines over time when the first column is a time, one for each value of what tells rows of one time apart; else, and
 * of a single time, bars in the order of the result.
 * @param {Result} result @param {string} measure @returns {Lines | Bars}
 */
export function chartOf({ columns, rows }, measure) {
  const keys = keysOf({ columns, rows }) ?? []
  const place = columns.findIndex(({ name }) => name === measure)
  /** @param {readonly Value[]} row @param {readonly number[]} from */
  const nameOf = (row, from) =>
    from.map((at) => cellText(row[at] ?? null, columns[at]?.type) || '(none)').join(' · ')
  const points = rows.map((row) => ({
    startMs: Date.parse(String(row[0])),
    label: keys.length === 0 ? measure : nameOf(row, keys),
    name: nameOf(row, [0, ...keys]),
    value: typeof row[place] === 'number' ? row[place] : null,
  }))
  const timed = points.filter(({ startMs }) => !Number.isNaN(startMs))
  const starts = [...new Set(timed.map(({ startMs }) => startMs))].sort((a, b) => a - b)
  return isOverTime(columns) && starts.length > 1 ? linesOf(timed, starts) : barsOf(points)
}

/** @typedef {{ startMs: number, label: string, name: string, value: number | null }} Point */

/** @param {readonly Point[]} points @returns {Bars} */
function barsOf(points) {
  const shown = points.slice(0, maxBars)
  const largest = Math.max(...shown.map(({ value }) => Math.abs(value ?? 0))) || 1
  const bars = shown.map(({ name, value }) => ({ name, value, part: Math.abs(value ?? 0) / largest }))
  return { kind: 'bars', bars }
}

/** @param {readonly Point[]} points @param {number[]} starts @returns {Lines} */
function linesOf(points, starts) {
  const lines = Map.groupBy(points, ({ label }) => label)
  const largest = [...lines].sort(([, a], [, b]) => sumOf(b) - sumOf(a)).slice(0, maxLines)
  const series = largest.map(([label, line]) => {
    const values = new Map(line.map(({ startMs, value }) => [startMs, value]))
    return { label, values: starts.map((ms) => values.get(ms) ?? null) }
  })
  const stepMs = Math.min(...starts.slice(1).map((ms, at) => ms - (starts[at] ?? 0)))
  return { kind: 'lines', frame: { starts, open: starts.map(() => false), stepMs, series } }
}

/** @param {readonly Point[]} line */
const sumOf = (line) => line.reduce((sum, { value }) => sum + (value ?? 0), 0)

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

/** As a table shows it: a time to the second. @param {Value} value @param {string} [type] */
export const cellText = (value, type = '') =>
  type.startsWith('timestamp') ? plainText(value).slice(0, 19).replace('T', ' ') : plainText(value)

/** @param {Value} value */
const plainText = (value) => (value === null ? '' : String(value))

/** RFC 4180: a header, CRLF, quotes where they are needed; NULL is empty. @param {Result} result */
export function csvOf({ columns, rows }) {
  const field = (/** @type {string} */ text) =>
    /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
  return [columns.map(({ name }) => name), ...rows.map((row) => row.map(plainText))]
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
