/** The panels as elements of the page. */
import { Chart } from './chart.js'
import { element } from './dom.js'
import { formatCount, formatShare } from './format.js'
import { wordsOf } from './ranges.js'

const maxRows = 8
const nothingHere = 'Nothing with a time in this range.'

/** @param {import('./panels.js').ChartPanel} panel */
export function chartView(panel) {
  const headline = element('p', 'headline')
  const grainWords = element('span', 'grain')
  const host = element('div', 'plot')
  host.setAttribute('role', 'img')
  const readout = element('p', 'readout')
  const note = element('p', 'note', panel.empty ?? nothingHere)
  const root = framed(panel, [grainWords, headline, host, readout, note])
  const chart = new Chart(host, readout, panel.look)
  return {
    root,
    /** @param {import('./panels.js').Knowledge} knowledge */
    show(knowledge) {
      const [first = ''] = Object.keys(panel.needs)
      const grain = wordsOf(knowledge[first]?.grain ?? '')
      const { frame, headline: number, caption = '' } = panel.view(knowledge)
      grainWords.textContent = grain
      headline.replaceChildren(element('b', '', number), caption && ` ${caption}`)
      host.setAttribute('aria-label', `${panel.title} ${grain}: ${number} ${caption}`.trim())
      const empty = frame.series.every(({ values }) => values.every((value) => !value))
      root.classList.toggle('empty', empty)
      chart.show(frame)
    },
  }
}

/** @param {import('./panels.js').ListPanel} list */
export function listView(list) {
  const rows = element('ol', 'bars')
  const root = framed(list, [element('span', 'grain'), rows, element('p', 'note', nothingHere)])
  return {
    root,
    /** @param {import('./panels.js').Knowledge} knowledge */
    show(knowledge) {
      const ranking = list.view(knowledge)
      root.classList.toggle('empty', ranking.length === 0)
      showRows(rows, ranking, list.nameOf)
    },
  }
}

/**
 * Names, each with a bar as long as its share of the largest.
 * @param {HTMLElement} host @param {readonly { name: string, value: number }[]} ranking @param {(name: string) => string} nameOf
 */
export function showRows(host, ranking, nameOf) {
  const all = ranking.reduce((sum, { value }) => sum + value, 0)
  const largest = ranking[0]?.value ?? 1
  const rows = ranking
    .slice(0, maxRows)
    .map(({ name, value }) => rowOf({ text: nameOf(name), value, all, part: value / largest }))
  const rest = ranking.slice(maxRows).reduce((sum, { value }) => sum + value, 0)
  if (rest > 0) rows.push(rowOf({ text: `${ranking.length - maxRows} more`, value: rest, all, part: 0 }))
  host.replaceChildren(...rows)
}

/** @param {{ text: string, value: number, all: number, part: number }} row */
function rowOf({ text, value, all, part }) {
  const row = element(
    'li',
    '',
    element('span', 'name', text),
    element('span', 'value', formatCount(value)),
    element('span', 'share', formatShare(value / all)),
  )
  row.style.setProperty('--part', `${(100 * part).toFixed(1)}%`)
  return row
}

/** @param {{ id: string, title: string, size?: string }} panel @param {readonly HTMLElement[]} parts */
function framed({ id, title, size = 'third' }, [aside, ...parts]) {
  const heading = element('h2', '', title)
  heading.id = `${id}-title`
  const root = element('section', `panel ${size}`, element('header', '', heading, aside ?? ''), ...parts)
  root.id = id
  root.setAttribute('aria-labelledby', heading.id)
  return root
}
