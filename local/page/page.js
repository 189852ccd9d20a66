/** Asks for every metric again and again while someone looks, and shows what came. */
import { fetchCatalogue, fetchMetric } from './api.js'
import { charts, lists, questionsOf } from './panels.js'
import { boundsOf, grainFor, ranges } from './ranges.js'
import { showTotals } from './totals.js'
import { chartView, listView } from './views.js'

const account = { needs: { account: ['outcome', 'reason'] } }
const firstRetryMs = 1_000
const longestRetryMs = 15_000

const panels = [...charts, ...lists]
const views = new Map()
for (const panel of panels) {
  const view = 'look' in panel ? chartView(panel) : listView(panel)
  views.set(panel, view)
  document.getElementById('panels')?.append(view.root)
}
// The reasons stand in the markup; their place is beside the first chart.
document.getElementById(charts[0]?.id ?? '')?.after(document.getElementById('quarantine') ?? '')

/** @type {Map<string, readonly string[]> | undefined} */
let grainsOfMetrics
/** @type {any} */
let range = ranges[0]
let failures = 0
/** @type {number | undefined} */
let timer
/** Raised by each new round, so that the answers of an older one are dropped. */
let round = 0

async function refresh() {
  const mine = ++round
  clearTimeout(timer)
  const asked = range
  const { knowledge, fault } = await askAll(asked).then(
    (knowledge) => ({ knowledge, fault: undefined }),
    (fault) => ({ knowledge: undefined, fault }),
  )
  if (mine !== round) return
  failures = knowledge ? 0 : failures + 1
  // Before anything is drawn: a fault in the drawing must not end the asking.
  if (!document.hidden) timer = setTimeout(refresh, waitMs(asked))
  if (knowledge) {
    show(knowledge, asked)
    say('live', `Last update ${new Date().toLocaleTimeString('en-GB')}`)
  } else {
    // A restarted stack may have other metrics.
    grainsOfMetrics = undefined
    say('down', `No answer (${fault.message}); trying again`)
  }
}

/** @param {{ pollMs: number }} asked */
const waitMs = (asked) =>
  failures === 0 ? asked.pollMs : Math.min(firstRetryMs * 2 ** (failures - 1), longestRetryMs)

/** @param {any} asked */
async function askAll(asked) {
  grainsOfMetrics ??= new Map((await fetchCatalogue()).map(({ name, grains }) => [name, grains]))
  const grains = grainsOfMetrics
  const nowMs = Date.now()
  const questions = [...questionsOf([...panels, account])].filter(([metric]) => grains.has(metric))
  const answers = await Promise.all(
    questions.map(async ([metric, by]) => {
      const grain = grainFor(asked, grains.get(metric) ?? [])
      return [metric, await fetchMetric({ metric, grain, by, ...boundsOf(asked, grain, nowMs) })]
    }),
  )
  return Object.fromEntries(answers)
}

/** A team may have taken a metric out: then the panels that need it are not there. @param {any} knowledge @param {any} asked */
function show(knowledge, asked) {
  for (const [panel, view] of views) {
    const known = Object.keys(panel.needs).every((metric) => metric in knowledge)
    view.root.hidden = !known
    if (known) view.show(knowledge)
  }
  if (knowledge.account) showTotals(knowledge.account, asked.words)
}

/** @param {'live' | 'down' | 'paused'} state @param {string} words */
function say(state, words) {
  document.body.dataset.state = state
  const status = document.getElementById('status')
  if (status && status.textContent !== words) status.textContent = words
}

function pauseOrGoOn() {
  clearTimeout(timer)
  if (document.hidden) say('paused', 'Paused while hidden')
  else refresh()
}

for (const example of document.querySelectorAll('.address')) example.textContent = location.origin
document.addEventListener('visibilitychange', pauseOrGoOn)
document.getElementById('ranges')?.addEventListener('change', (event) => {
  const { value } = /** @type {HTMLInputElement} */ (event.target)
  range = ranges.find(({ id }) => id === value) ?? range
  refresh()
})
refresh()
