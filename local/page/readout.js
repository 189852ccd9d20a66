/** The line under a chart: what stands at the cursor, or which colour is what. */
import { element } from './dom.js'
import { lakeTimeText, timeText } from './moments.js'

/**
 * @param {HTMLElement} host
 * @param {{ frame: import('./series.js').Frame, index: number | null, colours: readonly string[], look: import('./chart.js').Look }} moment
 */
export function showReadout(host, { frame, index, colours, look }) {
  const startMs = index === null ? undefined : frame.starts[index]
  if (startMs === undefined && frame.series.length === 1) return host.replaceChildren()
  const keys = frame.series.map(({ label, values }, place) => {
    const swatch = element('i', 'swatch')
    swatch.style.background = colours[place % colours.length] ?? ''
    const value = startMs === undefined ? '' : ` ${look.format(values[index ?? 0])}`
    return element('span', '', swatch, look.labelOf?.(label) ?? label, element('b', '', value))
  })
  if (startMs === undefined) return host.replaceChildren(...keys)
  const open = frame.open[index ?? 0] ? ', still open' : ''
  const textOf = look.apart ? lakeTimeText : timeText
  host.replaceChildren(element('span', '', `${textOf(startMs, frame.stepMs)}${open}`), ...keys)
}
