import { type PrintedValue, textTable } from '../command-line/text-table.ts'
import type { Check, HourAccount, Verdict } from './judge.ts'

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
  return `${hours}\n\n${totals}\n\n${conclusion}${moving}\n`
}

export function accountJson(verdict: Verdict): string {
  const hours = verdict.hours.map((hour) => ({ ...hour, duplicate: duplicateOf(hour) }))
  return `${JSON.stringify({ ...verdict, hours }, null, 2)}\n`
}

function hourRow(account: HourAccount): PrintedValue[] {
  const { hour, received, accepted, quarantined } = account
  const remarks = [remark('raw', received), remark('events', accepted), remark('bad_events', quarantined)]
  return [
    `${hour.replace('T', ' ')}:00`,
    received.counted,
    accepted.counted,
    quarantined.counted,
    duplicateOf(account),
    received.lake,
    accepted.lake,
    quarantined.lake,
    remarks.filter((text) => text !== '').join(', '),
  ]
}

const duplicateOf = ({ received, accepted, quarantined }: HourAccount): number =>
  received.counted - accepted.counted - quarantined.counted

function remark(name: string, { isRight, counted, lake, slack }: Check): string {
  if (isRight) return slack > 0 ? `${name} moving`.trim() : ''
  const difference = lake - counted
  return `${name} ${difference > 0 ? `has ${difference} too many` : `lacks ${-difference}`}`.trim()
}
