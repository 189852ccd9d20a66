/** The account of what was received: four numbers that add up, and why events were quarantined. */
import { accountOf, outcomes } from './account.js'
import { formatCode, formatCount, formatShare } from './format.js'
import { showRows } from './views.js'

/** A screen reader that heard every change would say nothing else. */
const speakEveryMs = 20_000
let spokenAtMs = Number.NEGATIVE_INFINITY

/** @param {import('./series.js').Answer} answer @param {string} rangeWords */
export function showTotals(answer, rangeWords) {
  const account = accountOf(answer)
  byId('received').textContent = formatCount(account.received)
  for (const outcome of outcomes) {
    byId(outcome).textContent = formatCount(account[outcome])
    byId(`${outcome}-share`).textContent =
      account.received === 0 ? '' : formatShare(account[outcome] / account.received)
  }
  showRows(byId('reasons'), account.reasons, formatCode)
  byId('quarantine').classList.toggle('empty', account.reasons.length === 0)
  byId('start').hidden = account.received > 0
  speak(account, rangeWords)
}

/** @param {ReturnType<typeof accountOf>} account @param {string} rangeWords */
function speak(account, rangeWords) {
  const nowMs = performance.now()
  if (nowMs - spokenAtMs < speakEveryMs) return
  spokenAtMs = nowMs
  const each = outcomes.map((outcome) => `${formatCount(account[outcome])} ${outcome}`).join(', ')
  byId('spoken').textContent = `${rangeWords}: ${formatCount(account.received)} received, ${each}.`
}

/** @param {string} id */
function byId(id) {
  const found = document.getElementById(id)
  if (!found) throw new Error(`the page has no #${id}`)
  return found
}
