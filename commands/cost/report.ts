import { textTable } from '../command-line/text-table.ts'
import type { Back } from './back.ts'
import { type Bill, dollarsOfWaiting } from './bill.ts'
import type { Front } from './front.ts'
import { lakeBytesOf, type MonthlyUnits } from './monthly-units.ts'
import prices from './prices.json' with { type: 'json' }
import published from './published.json' with { type: 'json' }
import { eventsPerMonth, monthDays, type Scenario } from './scenario.ts'

export type Priced = {
  readonly scenario: Scenario
  readonly front: Front
  readonly back: Back
  readonly units: MonthlyUnits
  readonly bill: Bill
}

/** The bill by term, what was counted for it, and what others publish. */
export function reportText(priced: Priced): string {
  const { scenario, bill } = priced
  const perMillion = bill.total / (eventsPerMonth(scenario) / 1e6)
  const rows = Object.entries(bill.terms)
    .sort(([, a], [, b]) => b - a)
    .map(([term, dollars]) => [term, dollars.toFixed(2), `${((100 * dollars) / bill.total).toFixed(1)} %`])
  return [
    title(scenario),
    '',
    textTable({ columns: ['term', '$ a month', 'share'], rows }),
    '',
    `${money(bill.total)} a month, $${perMillion.toFixed(4)} a million events`,
    `List prices of ${prices.region}, checked ${prices.checked}; a month of ${monthDays} days; no free tier.`,
    '',
    ...counts(priced),
    '',
    'Published by others:',
    ...published.map(comparison),
    '',
  ].join('\n')
}

const money = (dollars: number): string => `$${dollars.toLocaleString('en', { maximumFractionDigits: 2 })}`
const number = (value: number, digits = 1): string =>
  value.toLocaleString('en', { maximumFractionDigits: digits })

const title = (o: Scenario): string =>
  [
    `${number(o.eventsPerDay / 1e6)} million events a day of ${o.eventBytes} bytes`,
    windowText(o.windows),
    `${o.lanes} lanes`,
    `panes ${o.publish}`,
    ...(o.eventsPerRecord > 1 ? [`${o.eventsPerRecord} events a record`] : []),
    ...(o.gzip ? ['zipped by clients'] : []),
  ].join(', ')

const windowText = ({ archive, enrich, aggregate }: Scenario['windows']): string =>
  archive === enrich && enrich === aggregate
    ? `a window of ${archive} s`
    : `windows of ${archive} s (archive), ${enrich} s (enrich), ${aggregate} s (aggregate)`

/** What stands behind the terms, so that one sees what to change. */
function counts({ front, back, units }: Priced): string[] {
  const state = back.units.s3['weir-local-state']
  const table = back.units.dynamodb['weir-local-metrics']
  // Each commit begins by asking for the manifest.
  const commits = state?.reads ?? 0
  const perCommit = (count = 0) => count / commits
  const bytes = (name: string, run: Front | Back) => {
    const one = run.units.firehose[`weir-local-${name}`]
    return `${name} ${number((one?.bytes ?? 0) / run.events)} (billed ${number((one?.billedBytes ?? 0) / run.events)})`
  }
  return [
    `Shards: ${front.rawShards} raw, ${back.laneShards} of lanes; kept ${units.retentionHours} hours.`,
    `Metered: ${front.events} events through a raw shard, ${back.events} events in ${back.windows} windows of a lane shard.`,
    `A commit: ${number(back.events / commits)} events, ${number(perCommit(state?.writes), 2)} PUTs, ` +
      `${number(perCommit(table?.writes))} items of ${number((table?.bytesWritten ?? 0) / (table?.writes ?? 1), 0)} bytes, ` +
      `${number(perCommit(table?.writeUnits))} WRU.`,
    `Firehose, bytes an event: ${[bytes('raw', front), bytes('events', back), bytes('sessions', back), bytes('bad', back)].join(', ')}.`,
    `Lake, bytes an event: ${Object.entries(lakeBytesOf({ front, back }))
      .map(([name, bytes]) => `${name} ${number(bytes)}`)
      .join(', ')}.`,
    `CloudWatch: ${units.metrics} custom metrics, ${units.alarms} alarms.`,
    `Lane stream: ${number((front.units.kinesis['weir-local-lanes']?.bytes ?? 0) / front.events)} bytes an event.`,
    ...Object.entries(units.functions).map(
      ([name, { requests, workGbSeconds, gbSeconds }]) =>
        `${name}: ${number(requests, 0)} requests, ${number(workGbSeconds, 0)} GB-s of work a month (${number(gbSeconds, 0)} with its waiting here).`,
    ),
    `Priced is the work. Each 100 ms that an invocation waits for other services adds ${money(dollarsOfWaiting(units, 0.1))} a month.`,
    ...(back.warmUpShare < 1
      ? [
          `Before the metered windows came ${number(100 * back.warmUpShare)} % of the visits; closed sessions are scaled by it.`,
        ]
      : []),
  ]
}

const comparison = (o: (typeof published)[number]): string => {
  const months = (o.eventsPerDay * monthDays) / 1e6
  const perMonth = o.dollarsPerMonth ?? (o.dollarsPerMillion ?? 0) * months
  return `  ${o.who}: ${money(perMonth)} a month, ${o.what}: $${(perMonth / months).toFixed(4)} a million`
}
