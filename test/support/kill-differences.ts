import { join } from 'node:path'
import { type DuckdbLake, openLake } from '../../commands/lake/duckdb-lake.ts'
import type { Ended } from './kill.ts'
import { eventLine, markOf, minute, sessionLine, type Truth, truthOf } from './kill-oracle.ts'
import type { KillStack } from './kill-stack.ts'

export type Ledger = { readonly acknowledged: ReadonlySet<string>; readonly attempted: ReadonlySet<string> }

const rawStream = 'weir-local-raw'

/** Waits for the stack to finish what it has, then compares: what was sent, the raw stream, the lake, the panes. */
export async function differences(of: {
  readonly stack: KillStack
  readonly ledger: Ledger
  run(...args: string[]): Promise<Ended>
}): Promise<string[]> {
  const { stack, ledger, run } = of
  const flushed = await run('commands/send.ts', '--flush')
  const reconciled = await run('commands/reconcile.ts')
  const truth = await truthOf(rawStream, stack.awsUrl)
  const lake = await openLake(join(stack.dataDir, 'lake'))
  try {
    return [
      ...(flushed.code === 0 ? [] : [`send --flush: ${flushed.stderr}`]),
      ...(reconciled.code === 0 ? [] : [`reconcile exits with ${reconciled.code}:\n${reconciled.stdout}`]),
      ...lacking('in the raw stream, of what was acknowledged', [...ledger.acknowledged], truth.marks),
      ...lacking('in what was sent, of the raw stream', [...truth.marks], ledger.attempted),
      ...different('event', truth.events, await eventsIn(lake)),
      ...different('bad event', truth.bad, await badIn(lake)),
      ...different('session', truth.sessions, await sessionsIn(lake)),
      ...different('pane', truth.panes, await panesOf(stack.url, truth)),
    ]
  } finally {
    lake.close()
  }
}

const lacking = (where: string, marks: readonly string[], set: ReadonlySet<string>): string[] =>
  shortened(marks.filter((mark) => !set.has(mark)).map((mark) => `not ${where}: ${mark}`))

/** As multisets: a line that is there twice is one too many. */
function different(what: string, expected: readonly string[], found: readonly string[]): string[] {
  const left = new Map<string, number>()
  for (const line of expected) left.set(line, (left.get(line) ?? 0) + 1)
  for (const line of found) left.set(line, (left.get(line) ?? 0) - 1)
  const lines = [...left].filter(([, count]) => count !== 0)
  return shortened(lines.map(([line, count]) => `${what} ${count > 0 ? 'missing' : 'too many'}: ${line}`))
}

const shortened = (lines: readonly string[]): string[] =>
  lines.length > 10 ? [...lines.slice(0, 10), `… ${lines.length - 10} more`] : [...lines]

async function eventsIn(lake: DuckdbLake): Promise<string[]> {
  const { rows } = await lake.query('SELECT event_id, visitor, epoch_ms(event_time), event FROM events_once')
  return rows.map(([id, visitor, timeMs, name]) =>
    eventLine({ id: String(id), visitor: String(visitor), timeMs: Number(timeMs), name: String(name) }),
  )
}

async function badIn(lake: DuckdbLake): Promise<string[]> {
  const { rows } = await lake.query('SELECT DISTINCT origin, payload FROM bad_events')
  return rows.map(([, payload]) => markOf(String(payload)))
}

async function sessionsIn(lake: DuckdbLake): Promise<string[]> {
  const { rows } = await lake.query(
    `SELECT visitor, epoch_ms(started_at), epoch_ms(ended_at), events, page_views, round(revenue * 100)
     FROM sessions_final`,
  )
  return rows.map(([visitor, ...numbers]) => {
    const [start = 0, end = 0, events = 0, pageViews = 0, cents = 0] = numbers.map(Number)
    return sessionLine({ visitor: String(visitor), start, end, events, pageViews, cents })
  })
}

type Window = {
  readonly start: string | number
  readonly cells: readonly { readonly by: Readonly<Record<string, string>>; readonly value: number }[]
}

/** The same panes as the truth has, asked of the query API. */
async function panesOf(url: string, truth: Truth): Promise<string[]> {
  const minutes = truth.panes.map((pane) => /(\S+) \S+$/.exec(pane)?.[1] ?? '').sort()
  const [from, last] = [`${minutes[0]}:00Z`, Date.parse(`${minutes.at(-1)}:00Z`)]
  const to = new Date(last + 60_000).toISOString()
  const read = async (metric: string, by: string): Promise<readonly Window[]> => {
    const query = new URLSearchParams({ from, to, grain: '1m', by })
    const answer = await fetch(`${url}/v1/metrics/${metric}?${query}`)
    if (!answer.ok) throw new Error(`${metric}: ${await answer.text()}`)
    const { windows } = (await answer.json()) as { windows: readonly Window[] }
    return windows.filter(({ cells }) => cells.length > 0)
  }
  const line = (name: string, { start }: Window, value: number) =>
    `${name} ${minute(Number(new Date(start)))} ${value}`
  const panes: string[] = []
  for (const window of await read('events', 'event'))
    for (const { by, value } of window.cells) panes.push(line(`events ${by.event}`, window, value))
  for (const metric of ['pageViews', 'orders', 'visits'])
    for (const window of await read(metric, ''))
      for (const { value } of window.cells) panes.push(line(metric, window, value))
  for (const window of await read('revenue', ''))
    for (const { value } of window.cells) panes.push(line('revenue', window, Math.round(value * 100)))
  for (const window of await read('account', 'outcome')) {
    const received = window.cells.reduce((sum, { value }) => sum + value, 0)
    panes.push(line('received', window, received))
    for (const { by, value } of window.cells)
      if (by.outcome === 'quarantined') panes.push(line('quarantined', window, value))
  }
  return panes
}
