import { afterAll, beforeAll, expect, it } from 'vitest'
import definitions from '../../analytics/metrics.ts'
import { dayOf } from '../../shared/core/lake/compaction/day.ts'
import { catalogueOf } from '../../shared/core/metric/catalogue.ts'
import { fromPaneItem } from '../../shared/core/metric/pane-item.ts'
import { readMetric } from '../../shared/core/metric/read.ts'
import { EndpointLake } from '../support/compaction/endpoint-lake.ts'
import { naiveSessions, sessionLine } from '../support/compaction/naive.ts'
import { randomOf, workload } from '../support/compaction/workload.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs
const startMs = Date.UTC(2026, 10, 1)
const days = 3
const kills = Number(process.env.WEIR_KILLS ?? 20)
const seed = Number(process.env.WEIR_SEED ?? Math.floor(Math.random() * 2 ** 30) + 1)
const random = randomOf(seed)

let lake: EndpointLake
beforeAll(async () => {
  console.log(`seed ${seed}`)
  lake = await EndpointLake.open()
}, 120_000)
afterAll(() => lake.close())

const expectEachOnce = async (): Promise<void> => {
  const all = lake.stream.events.map(({ origin }) => origin).sort()
  const { athena, duckdb } = await lake.shownOrigins()
  expect(athena).toEqual(all)
  expect(duckdb).toEqual(all)
}

/** Kills the run at one of its calls; the call itself is carried out, as that of a function that has died is. */
const killAt = async (now: number, call: number): Promise<boolean> => {
  const { child, result } = lake.startHandler(now)
  let seen = 0
  lake.endpoint.faults.call = ({ principal }) => {
    if (principal === 'compact' && seen++ === call) child.kill('SIGKILL')
    return undefined
  }
  await result
  lake.endpoint.faults.call = undefined
  return seen > call
}

it(`shows readers each event once, though runs are killed ${kills} times`, async () => {
  const arrivals = workload({
    seed,
    startMs,
    days,
    visitors: 12,
    eventsPerVisitorDay: 5,
    disordered: 0.05,
    veryLate: 0.05,
  })
  let from = 0
  let killed = 0
  for (let night = 1; night <= days + 2; night++) {
    const now = startMs + night * dayMs + hourMs
    await lake.arrive(
      arrivals.filter(({ receivedAt }) => receivedAt >= from && receivedAt < now),
      now,
    )
    from = now
    // A run with nothing left to do makes few calls.
    for (let calls = 60; killed < (kills * night) / (days + 2); ) {
      if (await killAt(now, Math.floor(random() * calls))) killed++
      else calls = 3
      await expectEachOnce()
    }
    const [one, other] = await Promise.all([lake.startHandler(now).result, lake.startHandler(now).result])
    expect([one?.isBehind, other?.isBehind]).toContain(false)
    await expectEachOnce()
  }
  expect(await shownSessions()).toEqual(naiveSessions(arrivals))
  expect(await visitsByDay()).toEqual(await sessionsByDay())
}, 600_000)

const shownSessions = async (): Promise<string[]> => {
  const { rows } = await lake.sql.run(
    'SELECT visitor, started_at, ended_at, events, page_views, revenue FROM sessions_final',
  )
  return rows
    .map(([visitor, start, end, events, pageViews, revenue]) =>
      sessionLine({
        visitor: visitor ?? '',
        start: start ?? '',
        end: end ?? '',
        events: Number(events),
        pageViews: Number(pageViews),
        revenue: Number(revenue),
      }),
    )
    .sort()
}

const sessionsByDay = async (): Promise<[string, number][]> => {
  const { rows } = await lake.sql.run(
    'SELECT day, count(*) AS sessions FROM sessions_final GROUP BY day ORDER BY day',
  )
  return rows.map(([day, sessions]) => [day ?? '', Number(sessions)])
}

/** What the query API says of them, corrections included. */
const visitsByDay = async (): Promise<[string, number][]> => {
  const metric = catalogueOf(definitions).find(({ name }) => name === 'visits')
  if (metric === undefined) throw new Error('no metric visits')
  const range = { grain: '1d', fromMs: startMs, toMs: startMs + (days + 2) * dayMs } as const
  const items = await lake.panes.queryPanes({ ...range, metric: 'visits' })
  const { windows } = readMetric({ ...range, metric, by: [] }, items.map(fromPaneItem), [])
  return windows
    .filter(({ cells }) => cells.length > 0)
    .map(({ start, cells }) => [dayOf(start), Number(cells[0]?.value)])
}
