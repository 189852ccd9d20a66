/** From the answer of the query API to columns that a chart draws. No clock, no document. */

/**
 * @typedef {number | Readonly<Record<string, number>> | null} CellValue
 * @typedef {{ by: Readonly<Record<string, string>>, value: CellValue }} Cell
 * @typedef {{ start: number, end: number, complete: boolean, cells: readonly Cell[] }} Window
 * @typedef {{ grain: string, windows: readonly Window[] }} Answer every window of the range, empty ones too
 * @typedef {{ label: string, values: (number | null)[] }} Series
 * @typedef {{ starts: number[], open: boolean[], stepMs: number, series: Series[] }} Frame
 */

export const otherLabel = 'other'

/**
 * One line per value of `by` (the `top` largest, the rest as one), or one line for all when `by` is absent.
 * @param {Answer} answer @param {{ label: string, by?: string, top?: number }} wish
 * @returns {Frame}
 */
export function sums({ windows }, { label, by, top = 5 }) {
  const axis = axisOf(windows)
  if (by === undefined) {
    const values = windows.map(({ cells }) => total(cells))
    return { ...axis, series: [{ label, values }] }
  }
  const names = ranked(cellsOf({ windows }), by).map(({ name }) => name)
  const shown = new Set(names.slice(0, names.length > top ? top - 1 : top))
  const rest = names.length > shown.size
  const valuesOf = (/** @type {(name: string) => boolean} */ wanted) =>
    windows.map(({ cells }) => total(cells.filter((cell) => wanted(cell.by[by] ?? ''))))
  const series = [...shown].map((name) => ({ label: name, values: valuesOf((each) => each === name) }))
  if (rest) series.push({ label: otherLabel, values: valuesOf((each) => !shown.has(each)) })
  return { ...axis, series }
}

/**
 * One line per named part of a value that has several, such as p50 and p95; empty windows have none.
 * @param {Answer} answer @param {readonly string[]} names
 * @returns {Frame}
 */
export function parts({ windows }, names) {
  const series = names.map((part) => ({
    label: part,
    values: windows.map(({ cells }) => partOf(cells[0]?.value, part)),
  }))
  return { ...axisOf(windows), series }
}

/**
 * One frame divided by another, window by window; a window with nothing below the line has no value.
 * @param {Frame} above @param {Frame} below @param {string} label
 * @returns {Frame}
 */
export function ratio(above, below, label) {
  const [dividends = [], divisors = []] = [above, below].map(({ series }) => series[0]?.values)
  const values = dividends.map((dividend, index) => {
    const divisor = divisors[index] ?? 0
    return dividend === null || divisor === 0 ? null : dividend / divisor
  })
  return { ...above, series: [{ label, values }] }
}

/**
 * The values of a dimension by weight, heaviest first.
 * @param {readonly Cell[]} cells @param {string} by
 * @returns {{ name: string, value: number }[]}
 */
export function ranked(cells, by) {
  const totals = new Map()
  for (const cell of cells) {
    const name = cell.by[by] ?? ''
    totals.set(name, (totals.get(name) ?? 0) + numberOf(cell.value))
  }
  return [...totals]
    .map(([name, value]) => ({ name, value }))
    .filter(({ value }) => value !== 0)
    .sort((a, b) => b.value - a.value || a.name.localeCompare(b.name))
}

/** @param {Pick<Answer, 'windows'>} answer @returns {Cell[]} */
export const cellsOf = ({ windows }) => windows.flatMap(({ cells }) => cells)

/** Values that no line reaches, since there is none on either side. @param {readonly (number | null)[]} values */
export const lonely = (values) =>
  [...values.keys()].filter((at) => values[at] != null && values[at - 1] == null && values[at + 1] == null)

/** @param {readonly Window[]} windows */
const axisOf = (windows) => ({
  starts: windows.map(({ start }) => start),
  open: windows.map(({ complete }) => !complete),
  stepMs: windows[0] ? windows[0].end - windows[0].start : 0,
})

/** @param {Frame} frame @returns {number} */
export const totalOf = ({ series }) => series.flatMap(({ values }) => values).reduce(addUp, 0)

/** @param {readonly Cell[]} cells */
const total = (cells) => cells.map(({ value }) => numberOf(value)).reduce(addUp, 0)

/** @param {number} sum @param {number | null} value */
const addUp = (sum, value) => sum + (value ?? 0)

/** @param {CellValue | undefined} value */
const numberOf = (value) => (typeof value === 'number' ? value : 0)

/** @param {CellValue | undefined} value @param {string} part */
const partOf = (value, part) => (typeof value === 'object' && value !== null ? (value[part] ?? null) : null)
