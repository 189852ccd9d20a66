/** The result of a query as a chart, a table and two files. */
import { Chart } from './chart.js'
import { element } from './dom.js'
import { formatBytes, formatCount, formatNumber, formatTick } from './format.js'
import { selectOf } from './query-form.js'
import { cellText, chartOf, csvOf, isNumeric, jsonOf, maxBars, measuresOf } from './result.js'

/** @typedef {import('./result.js').Result} Result */

const maxTableRows = 200
const root = byId('result')
const plot = element('div', 'plot')
plot.setAttribute('role', 'img')
const readout = element('p', 'readout')
const lines = element('div', '', plot, readout)
const bars = element('ol', 'bars')
const chart = new Chart(plot, readout, { draw: 'lines', format: formatNumber, tick: formatTick, apart: true })
/** Of the files of the result that is shown. @type {string[]} */
const addresses = []

export function hideResult() {
  root.hidden = true
  for (const address of addresses.splice(0)) URL.revokeObjectURL(address)
}

/**
 * Answers what there is to say of it in a line.
 * @param {Result} result @param {import('./query-form.js').Query} query
 */
export function showResult(result, query) {
  hideResult()
  const { parts, draw } = charted(result)
  root.replaceChildren(files(result), ...parts, tableOf(result, query))
  root.hidden = false
  // A plot takes its width from the page, so it is drawn once it stands there.
  draw()
  return summary(result)
}

/** @param {Result} result */
function summary({ rows, truncated, scannedBytes, elapsedMs }) {
  const count = `${formatCount(rows.length)} ${rows.length === 1 ? 'row' : 'rows'}`
  const shown = rows.length > maxTableRows ? `, of which the table has the first ${maxTableRows}` : ''
  const more = truncated ? ', and there are more: npm run query has them all' : ''
  return `${count}${shown}${more} (${formatBytes(scannedBytes)} scanned, ${(elapsedMs / 1000).toFixed(1)} s)`
}

/** @param {Result} result */
function files(result) {
  const kinds = [
    { label: 'CSV', type: 'text/csv', ending: 'csv', text: csvOf(result) },
    { label: 'JSON', type: 'application/json', ending: 'json', text: jsonOf(result) },
  ]
  const links = kinds.map(({ label, type, ending, text }) => {
    const address = URL.createObjectURL(new Blob([text], { type }))
    addresses.push(address)
    const link = element('a', '', label)
    Object.assign(link, { href: address, download: `${result.name}.${ending}` })
    return link
  })
  return element('p', 'files', 'Save as ', ...links)
}

/** A chart with the choice of its column; nothing when there is no number to draw. @param {Result} result */
function charted(result) {
  const measures = measuresOf(result)
  const [first] = measures
  if (first === undefined) return { parts: [], draw() {} }
  const choice = /** @type {HTMLSelectElement} */ (selectOf(measures))
  const draw = () => drawChart(result, choice.value)
  choice.addEventListener('change', draw)
  const isLines = chartOf(result, first).kind === 'lines'
  const part = !isLines && result.rows.length > maxBars ? `, the first ${maxBars} rows` : ''
  const label = element('label', 'measure', 'Chart of ', choice, part)
  return { parts: [label, isLines ? lines : bars], draw }
}

/** @param {Result} result @param {string} measure */
function drawChart(result, measure) {
  const drawn = chartOf(result, measure)
  if (drawn.kind === 'lines') {
    const { starts, series } = drawn.frame
    const count = `${series.length} ${series.length === 1 ? 'line' : 'lines'}`
    plot.setAttribute('aria-label', `${measure} over time: ${starts.length} points, ${count}`)
    return chart.show(drawn.frame)
  }
  bars.setAttribute('aria-label', `${measure}, by row`)
  bars.replaceChildren(...drawn.bars.map(barOf))
}

/** @param {{ name: string, value: number | null, part: number }} bar */
function barOf({ name, value, part }) {
  const row = element('li', '', element('span', 'name', name), element('span', 'value', formatNumber(value)))
  row.style.setProperty('--part', `${(100 * part).toFixed(1)}%`)
  return row
}

/** @param {Result} result @param {import('./query-form.js').Query} query */
function tableOf({ name, columns, rows }, query) {
  const classOf = (/** @type {number} */ at) => (isNumeric(columns[at] ?? { type: '' }) ? 'number' : '')
  const heads = columns.map(({ name: column }, at) => {
    const head = element('th', classOf(at), column)
    head.setAttribute('scope', 'col')
    head.title = query.columns.find((known) => known.name === column)?.comment ?? ''
    return head
  })
  const body = rows
    .slice(0, maxTableRows)
    .map((row) =>
      element(
        'tr',
        '',
        ...row.map((value, at) => element('td', classOf(at), cellText(value, columns[at]?.type))),
      ),
    )
  const table = element(
    'table',
    '',
    element('caption', 'unseen', query.question),
    element('thead', '', element('tr', '', ...heads)),
    element('tbody', '', ...body),
  )
  const frame = element('div', 'scroll', table)
  // What scrolls must be reached by the keyboard.
  frame.tabIndex = 0
  frame.setAttribute('role', 'region')
  frame.setAttribute('aria-label', `Result of ${name}`)
  return frame
}

/** @param {string} id */
function byId(id) {
  const found = document.getElementById(id)
  if (!found) throw new Error(`the page has no #${id}`)
  return found
}
