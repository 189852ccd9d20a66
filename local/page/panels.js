/** What the page shows of which metric. Pure: answers in, what to draw out. */
import {
  formatCode,
  formatCount,
  formatCountry,
  formatDuration,
  formatName,
  formatShare,
  formatShort,
  formatShortDuration,
  moneyIn,
} from './format.js'
import { cellsOf, parts, ranked, ratio, sums, totalOf } from './series.js'

/**
 * @typedef {import('./series.js').Answer} Answer
 * @typedef {Readonly<Record<string, readonly string[]>>} Needs metrics, each with the dimensions it must be broken down by
 * @typedef {Readonly<Record<string, Answer>>} Knowledge answers by name of metric, at least of those that are needed
 * @typedef {{ id: string, title: string, size: string, needs: Needs, look: import('./chart.js').Look, empty?: string,
 *   view(known: any): { frame: import('./series.js').Frame, headline: string, caption?: string } }} ChartPanel
 * @typedef {{ id: string, title: string, needs: Needs, nameOf(name: string): string,
 *   view(known: any): { name: string, value: number }[] }} ListPanel
 */

/** Where an axis may put its marks: whole numbers, and durations that people name. */
const countSteps = Array.from({ length: 12 }, (_, power) =>
  [1, 2, 5].map((step) => step * 10 ** power),
).flat()
const durationSteps = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1_800, 3_600, 7_200].map(
  (seconds) => seconds * 1000,
)

const untilSessionsClose =
  'Sessions count once they have closed: 30 minutes without an event, and 15 more for late ones.'

/** Charts, in the order of the page.
 * @type {readonly ChartPanel[]} */
export const charts = [
  {
    id: 'page-views',
    title: 'Page views',
    size: 'wide',
    needs: { pageViews: [] },
    look: { draw: 'bars', format: formatCount, tick: formatShort, steps: countSteps },
    view({ pageViews }) {
      const frame = sums(pageViews, { label: 'page views' })
      return { frame, headline: formatCount(totalOf(frame)) }
    },
  },
  {
    id: 'events',
    title: 'Events by name',
    size: 'half',
    needs: { events: ['event'] },
    look: { draw: 'lines', format: formatCount, tick: formatShort, steps: countSteps, labelOf: formatName },
    view({ events }) {
      const frame = sums(events, { label: 'events', by: 'event', top: 5 })
      return { frame, headline: formatCount(totalOf(frame)) }
    },
  },
  {
    id: 'visitors',
    title: 'Visitors',
    size: 'half',
    needs: { visitors: [] },
    look: { draw: 'lines', format: formatCount, tick: formatShort, steps: countSteps },
    view({ visitors }) {
      const frame = sums(visitors, { label: 'visitors' })
      // A visitor of two windows is one visitor: their numbers do not add up.
      const most = Math.max(...(frame.series[0]?.values ?? []).map((value) => value ?? 0))
      return { frame, headline: formatCount(most), caption: 'in the busiest window' }
    },
  },
  {
    id: 'sessions',
    title: 'Sessions',
    size: 'third',
    needs: { visits: [] },
    look: { draw: 'bars', format: formatCount, tick: formatShort, steps: countSteps },
    empty: untilSessionsClose,
    view({ visits }) {
      const frame = sums(visits, { label: 'sessions' })
      return { frame, headline: formatCount(totalOf(frame)) }
    },
  },
  {
    id: 'bounce-rate',
    title: 'Bounce rate',
    size: 'third',
    needs: { visits: [], bouncedVisits: [] },
    look: { draw: 'lines', format: formatShare },
    empty: untilSessionsClose,
    view({ visits, bouncedVisits }) {
      const all = sums(visits, { label: 'sessions' })
      const bounced = sums(bouncedVisits, { label: 'bounced' })
      const sessions = totalOf(all)
      return {
        frame: ratio(bounced, all, 'bounce rate'),
        headline: formatShare(sessions === 0 ? null : totalOf(bounced) / sessions),
      }
    },
  },
  {
    id: 'session-duration',
    title: 'Session duration',
    size: 'third',
    needs: { visitDuration: [] },
    look: {
      draw: 'lines',
      format: formatDuration,
      tick: formatShortDuration,
      steps: durationSteps,
      labelOf: (/** @type {string} */ part) => (part === 'p50' ? 'half are shorter' : '9 in 10 are shorter'),
    },
    empty: untilSessionsClose,
    view({ visitDuration }) {
      const frame = parts(visitDuration, ['p50', 'p90'])
      const latest = frame.series[0]?.values.findLast((value) => value !== null)
      return { frame, headline: formatDuration(latest), caption: 'median of the latest' }
    },
  },
  {
    id: 'revenue',
    title: 'Revenue',
    size: 'third',
    needs: { revenue: ['properties.currency'], orders: [] },
    look: { draw: 'bars', format: formatShort },
    view({ revenue, orders }) {
      const currencies = ranked(cellsOf(revenue), 'properties.currency')
      const frame = sums(revenue, { label: 'revenue', by: 'properties.currency' })
      const count = totalOf(sums(orders, { label: 'orders' }))
      const amounts = currencies.slice(0, 2).map(({ name, value }) => moneyIn(name)(value))
      return {
        frame,
        headline: amounts.join(' + ') || '0',
        caption: `${formatCount(count)} ${count === 1 ? 'order' : 'orders'}`,
      }
    },
  },
]

/** Ranked lists, of page views: those move at once, where sessions wait until they close.
 * @type {readonly ListPanel[]} */
export const lists = [
  {
    id: 'countries',
    title: 'Page views by country',
    needs: { pageViews: ['geo_country'] },
    nameOf: formatCountry,
    view: ({ pageViews }) => ranked(cellsOf(pageViews), 'geo_country'),
  },
  {
    id: 'channels',
    title: 'Arrivals by channel',
    needs: { pageViews: ['channel'] },
    nameOf: formatCode,
    // What came from a page of the same site did not arrive.
    view: ({ pageViews }) => ranked(cellsOf(pageViews), 'channel').filter(({ name }) => name !== 'internal'),
  },
]

/**
 * One question a metric: the dimensions that any panel wants of it, together.
 * @param {readonly { needs: Needs }[]} panels
 */
export function questionsOf(panels) {
  /** @type {Map<string, Set<string>>} */
  const questions = new Map()
  for (const { needs } of panels) {
    for (const [metric, dimensions] of Object.entries(needs)) {
      const asked = questions.get(metric) ?? new Set()
      questions.set(metric, asked.union(new Set(dimensions)))
    }
  }
  return new Map([...questions].map(([metric, dimensions]) => [metric, [...dimensions]]))
}
