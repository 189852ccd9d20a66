/** One uPlot chart that follows the frames it is given, the width of its host and the colours of the page. */
import { isDaily, lakeTimeText, timeText } from './moments.js'
import { showReadout } from './readout.js'
import { lonely } from './series.js'

/**
 * @typedef {import('./series.js').Frame} Frame
 * @typedef {(value: number | null | undefined) => string} Format
 * @typedef {{ draw: 'bars' | 'lines', format: Format, tick?: Format, steps?: readonly number[],
 *   labelOf?: (label: string) => string, apart?: boolean }} Look apart: of other times than the other charts, in UTC
 */

const heightPx = 168
/** How much of the panel's own colour lies over a window that can still change. */
const veilAlpha = 0.56
const headroom = 1.08
/** In windows. */
const wholeSteps = [1, 2, 3, 6, 7, 12, 14, 24, 28, 48, 91, 168, 365, 730, 1_461, 8_766, 43_830]
/** @type {Frame} */
const nothingYet = { starts: [], open: [], stepMs: 0, series: [] }

export class Chart {
  #host
  #readout
  #look
  #plot
  #frame = nothingYet
  #colours
  /** What a plot cannot change once it stands: another shape needs another plot. */
  #shape = ''

  /** @param {HTMLElement} host @param {HTMLElement} readout @param {Look} look */
  constructor(host, readout, look) {
    this.#host = host
    this.#readout = readout
    this.#look = look
    new ResizeObserver(() => this.#resize()).observe(host)
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#build())
  }

  /** @param {Frame} frame */
  show(frame) {
    this.#frame = frame
    const shape = JSON.stringify([frame.stepMs, frame.series.map(({ label }) => label)])
    if (shape === this.#shape) this.#plot?.setData(columnsOf(frame))
    else this.#build()
    this.#shape = shape
    this.#read()
  }

  #build() {
    this.#plot?.destroy()
    this.#colours = coloursOf(this.#host)
    this.#plot = new uPlot(this.#options(this.#colours), columnsOf(this.#frame), this.#host)
  }

  #resize() {
    const width = this.#host.clientWidth
    if (width > 0 && width !== this.#plot?.width) this.#plot?.setSize({ width, height: heightPx })
  }

  /** @param {ReturnType<typeof coloursOf>} colours */
  #options(colours) {
    const { stepMs } = this.#frame
    return {
      width: this.#host.clientWidth || 300,
      height: heightPx,
      padding: this.#look.apart ? [8, 48, 0, 12] : [8, 16, 0, 0],
      legend: { show: false },
      cursor: {
        y: false,
        drag: { x: false, y: false },
        points: { size: 6 },
        ...(!this.#look.apart && { sync: { key: 'weir' } }),
      },
      tzDate: (seconds) => utcOrLocal(seconds * 1000, this.#look.apart || isDaily(stepMs)),
      scales: {
        x: { range: () => spanOf(this.#frame) },
        y: { range: (_plot, _least, most) => [0, most > 0 ? most * headroom : 1] },
      },
      series: [{}, ...this.#lines(colours.series)],
      axes: this.#axes(colours),
      hooks: { draw: [(plot) => this.#veil(plot, colours.panel)], setCursor: [() => this.#read()] },
    }
  }

  /** @param {readonly string[]} colours */
  #lines(colours) {
    const { series } = this.#frame
    return series.map((_, place) => {
      const stroke = colours[place % colours.length]
      if (this.#look.draw === 'bars') {
        return {
          fill: stroke,
          width: 0,
          points: { show: false },
          paths: uPlot.paths.bars({ size: [0.78, 40], align: 1 }),
        }
      }
      return {
        stroke,
        width: 1.75,
        points: {
          show: true,
          size: 5,
          fill: stroke,
          filter: () => lonely(this.#frame.series[place]?.values ?? []),
        },
        ...(series.length === 1 && { fill: `${stroke}22` }),
      }
    })
  }

  /** @param {ReturnType<typeof coloursOf>} colours */
  #axes(colours) {
    const { format, tick = format, steps, apart } = this.#look
    const textOf = apart ? lakeTimeText : timeText
    const { stepMs } = this.#frame
    const axis = { stroke: colours.text, font: '11px system-ui, sans-serif', ticks: { show: false } }
    return [
      {
        ...axis,
        size: 26,
        space: apart ? 110 : 64,
        grid: { show: false },
        values: (_plot, splits) => splits.map((seconds) => textOf(seconds * 1000, stepMs)),
        // A few windows would have marks between them.
        ...(apart && { incrs: wholeSteps.map((step) => (step * stepMs) / 1000) }),
      },
      {
        ...axis,
        size: 46,
        space: 34,
        grid: { stroke: colours.grid, width: 1 },
        values: (_plot, splits) => splits.map((value) => tick(value)),
        ...(steps && { incrs: steps }),
      },
    ]
  }

  /** Draws the windows that are not complete fainter. */
  #veil({ ctx, bbox, valToPos }, colour) {
    const { starts, open, stepMs } = this.#frame
    // A bar stands on its window; a line comes to its window's start from the one before.
    const shiftMs = this.#look.draw === 'lines' ? stepMs : 0
    const at = (ms) => Math.round(valToPos(ms / 1000, 'x', true))
    ctx.save()
    ctx.globalAlpha = veilAlpha
    ctx.fillStyle = colour
    for (const [index, startMs] of starts.entries()) {
      const left = Math.max(bbox.left, at(startMs - shiftMs))
      const right = index === starts.length - 1 ? bbox.left + bbox.width : at(startMs - shiftMs + stepMs)
      if (open[index]) ctx.fillRect(left, bbox.top, right - left, bbox.height)
    }
    ctx.restore()
  }

  #read() {
    const index = this.#plot?.cursor.idx ?? null
    const colours = this.#colours?.series ?? []
    showReadout(this.#readout, { frame: this.#frame, index, colours, look: this.#look })
  }
}

/** @param {Frame} frame */
const columnsOf = ({ starts, series }) => [
  starts.map((ms) => ms / 1000),
  ...series.map(({ values }) => values),
]

/** @param {Frame} frame */
const spanOf = ({ starts, stepMs }) => [(starts[0] ?? 0) / 1000, ((starts.at(-1) ?? 0) + stepMs) / 1000]

/** @param {number} ms @param {boolean} isUtc */
const utcOrLocal = (ms, isUtc) => (isUtc ? uPlot.tzDate(new Date(ms), 'UTC') : new Date(ms))

/** @param {HTMLElement} host */
function coloursOf(host) {
  const style = getComputedStyle(host)
  const read = (name) => style.getPropertyValue(name).trim()
  return {
    text: read('--muted'),
    grid: read('--line'),
    panel: read('--panel'),
    series: [1, 2, 3, 4, 5].map((place) => read(`--series-${place}`)),
  }
}
