/** Named queries: one is chosen, given its parameters and run; what it answers is shown and can be saved. */
import { fetchQueries, runQuery } from './api.js'
import { element } from './dom.js'
import { fieldOf, givenIn } from './query-form.js'
import { hideResult, showResult } from './result-view.js'

const form = /** @type {HTMLFormElement} */ (document.getElementById('query'))
const names = /** @type {HTMLSelectElement} */ (document.getElementById('query-name'))
/** @type {readonly import('./query-form.js').Query[]} */
let queries = []
/** The run that is under way, or was the last. */
let running = new AbortController()

async function list() {
  say({ status: 'Asking for the queries' })
  try {
    queries = await fetchQueries()
  } catch (error) {
    // The button of a form without queries asks for them again.
    return say({ problem: `The queries cannot be listed (${Error(error).message}). Run tries again.` })
  }
  names.replaceChildren(...queries.map(({ name }) => new Option(name, name)))
  choose()
}

const chosen = () => queries.find(({ name }) => name === names.value)

function choose() {
  running.abort()
  hideResult()
  say({})
  const query = chosen()
  byId('question').textContent = query?.question ?? ''
  byId('parameters').replaceChildren(...(query?.parameters ?? []).map(fieldOf))
}

async function run() {
  const query = chosen()
  if (query === undefined) return list()
  running.abort()
  const mine = new AbortController()
  running = mine
  hideResult()
  say({ status: 'Running' })
  try {
    const result = await runQuery(query.name, givenIn(query, new FormData(form)), mine.signal)
    if (mine.signal.aborted) return
    say({ status: showResult(result, query) })
  } catch (error) {
    if (!mine.signal.aborted) say({ problem: error instanceof Error ? error.message : String(error) })
  }
}

/** @param {{ status?: string, problem?: string }} words */
function say({ status = '', problem = '' }) {
  byId('query-status').textContent = status
  byId('query-problem').replaceChildren(...(problem ? [element('span', '', problem)] : []))
}

/** @param {string} id */
const byId = (id) => document.getElementById(id) ?? element('p', '')

names.addEventListener('change', choose)
form.addEventListener('submit', (event) => {
  event.preventDefault()
  run()
})
list()
