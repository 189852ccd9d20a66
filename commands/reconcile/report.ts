import { type PrintedValue, textTable } from '../command-line/text-table.ts'
import type { Check, Difference, HourAccount, Verdict } from './judge.ts'

/** The account as a person reads it: what was counted, and where the lake differs. */
export function accountText(verdict: Verdict): string {
  const hours = textTable({
    columns: [
      'hour (UTC)',
      'received',
      'accepted',
      'quarantined',
      'duplicate',
      'raw',
      'events',
      'bad_events',
      '',
    ],
    rows: verdict.hours.map(hourRow),
  })
  const totals = textTable({
    columns: ['over all', 'counted', 'lake', ''],
    rows: verdict.totals.map(({ name, ...check }) => [name, check.counted, check.lake, remark('', check)]),
  })
  const isMoving = verdict.totals.some(({ slack }) => slack > 0)
  const conclusion = verdict.isRight ? 'it adds up' : 'IT DOES NOT ADD UP'
  const moving = isMoving ? ' (events are flowing: what moved is exact only to what arrived meanwhile)' : ''
  return [hours, totals, ...differencesText(verdict), `${conclusion}${moving}\n`].join('\n\n')
}

/** `first`: the earliest difference, with hour and lane as far as they are known. */
export function accountJson(verdict: Verdict): string {
  return `${JSON.stringify({ ...verdict, first: verdict.differences[0] }, null, 2)}\n`
}

const mostDifferences = 20

/** Where it differs, by hour and lane. */
function differencesText({ differences }: Verdict): string[] {
  const [first] = differences
  if (!first) return []
  const table = textTable({
    columns: ['differs in', 'lane', 'of', 'counted', 'lake'],
    rows: differences
      .slice(0, mostDifferences)
      .map((difference) => [
        windowText(difference),
        difference.lane ?? '',
        difference.name,
        difference.counted,
        difference.lake,
      ]),
  })
  const left = differences.length - mostDifferences
  return [left > 0 ? `${table}\n… and ${left} more` : table, `first difference: ${placeText(first)}`]
}

const windowText = ({ window }: Difference): string =>
  window === undefined ? 'over all' : window.includes('T') ? `${window.replace('T', ' ')}:00` : window

function placeText(difference: Difference): string {
  const { window, lane, name, counted, lake } = difference
  const place = [
    ...(window === undefined ? [] : [`hour ${windowText(difference)}`]),
    ...(lane === undefined ? [] : [`lane ${lane}`]),
  ].join(', ')
  return `${place || 'over all'}: ${name}, ${counted} counted, ${lake} in the lake`
}

function hourRow(account: HourAccount): PrintedValue[] {
  const { hour, received, accepted, quarantined } = account
  const remarks = [remark('raw', received), remark('events', accepted), remark('bad_events', quarantined)]
  return [
    `${hour.replace('T', ' ')}:00`,
    received.counted,
    accepted.counted,
    quarantined.counted,
    account.duplicate.counted,
    received.lake,
    accepted.lake,
    quarantined.lake,
    remarks.filter((text) => text !== '').join(', '),
  ]
}

function remark(name: string, { isRight, counted, lake, slack }: Check): string {
  if (isRight) return slack > 0 ? `${name} moving`.trim() : ''
  const difference = lake - counted
  return `${name} ${difference > 0 ? `has ${difference} too many` : `lacks ${-difference}`}`.trim()
}
