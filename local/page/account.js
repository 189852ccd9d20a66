/** The account of every event received: received = accepted + quarantined + duplicate. */
import { cellsOf, ranked } from './series.js'

export const outcomes = /** @type {const} */ (['accepted', 'quarantined', 'duplicate'])

/** @param {import('./series.js').Answer} answer of the metric `account` */
export function accountOf(answer) {
  const cells = cellsOf(answer)
  const byOutcome = new Map(ranked(cells, 'outcome').map(({ name, value }) => [name, value]))
  const quarantined = cells.filter((cell) => cell.by.outcome === 'quarantined')
  return {
    received: [...byOutcome.values()].reduce((sum, value) => sum + value, 0),
    accepted: byOutcome.get('accepted') ?? 0,
    quarantined: byOutcome.get('quarantined') ?? 0,
    duplicate: byOutcome.get('duplicate') ?? 0,
    reasons: ranked(quarantined, 'reason'),
  }
}
