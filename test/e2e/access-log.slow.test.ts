import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { generatedLog } from '../support/generated-log.ts'
import { naiveLog } from '../support/naive-log.ts'
import { type MetricWindow, type RunningProject, startProject } from '../support/running-project.ts'

const log = generatedLog(20_251_025)
const naive = naiveLog(log.text)
const countOf = (outcome: string) => (windows: readonly MetricWindow[]) =>
  windows
    .flatMap(({ cells }) => cells)
    .filter(({ by }) => by.outcome === outcome)
    .reduce((sum, { value }) => sum + value, 0)
const week = 'from=2025-10-25T00:00:00Z&to=2025-11-01T00:00:00Z'
// 5,000 windows of a minute are what one question may ask for.
const halves = [
  'from=2025-10-25T00:00:00Z&to=2025-10-28T00:00:00Z',
  'from=2025-10-28T00:00:00Z&to=2025-10-31T00:00:00Z',
]

let project: RunningProject
let logFile: string

beforeAll(async () => {
  project = await startProject()
  logFile = project.file('access.log', log.text)
}, 60_000)
afterAll(() => project?.stop(), 60_000)

/** Everything that sending the same lines again must leave as it is. */
async function results() {
  const [events, sessions, ...panes] = await Promise.all([
    project.rows('SELECT * FROM events_once ORDER BY origin'),
    project.rows('SELECT * FROM sessions_final ORDER BY session_id'),
    project.metric('pageViews', `${week}&grain=1h`),
    project.metric('visitors', `${week}&grain=1h`),
    project.metric('visits', `${week}&grain=1h`),
    project.metric('visitDuration', `${week}&grain=1d`),
  ])
  // A window may have become complete meanwhile: time goes on.
  return { events, sessions, panes: panes.flat().map(({ start, cells }) => ({ start, cells })) }
}

const account = (outcome: string) => project.metric('account', 'grain=1h').then(countOf(outcome))

describe('a generated access log', () => {
  it('has what makes sessions and windows hard', () => {
    expect(naive.events).toBeGreaterThan(2_700)
    expect(naive.broken).toBe(log.brokenLines)
    expect(naive.cut).toBe(1)
    expect(naive.gapsOfExactly.gap).toBeGreaterThan(100)
    expect(naive.gapsOfExactly.secondMore).toBeGreaterThan(100)
    expect(naive.bridged).toBeGreaterThan(50)
    const lines = log.text.trimEnd().split('\n')
    expect(lines.length - new Set(lines).size).toBeGreaterThan(20)
  })

  it('is in the lake when send --flush returns, each line as one event or one bad row', async () => {
    const { code, stdout, stderr } = await project.run('send', logFile, '--flush')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain(
      `${naive.events} events and ${naive.sessions.length} sessions are in the lake, ${naive.broken} bad events; 0 duplicates`,
    )
    const [counts] = await project.rows(`SELECT
      (SELECT count(*) FROM events_once) AS events,
      (SELECT count(*) FROM events_once WHERE contains(flags, 'cut_line')) AS cut,
      (SELECT count(*) FROM bad_events) AS broken`)
    expect(counts).toEqual({ events: naive.events, cut: 1, broken: log.brokenLines })
  }, 60_000)

  it('has the sessions of a naive program: the same visitors, bounds and numbers of events', async () => {
    const sessions =
      await project.rows(`SELECT split_part(entry_page, '/', 2) AS label, started_at, ended_at, events
      FROM sessions_final`)
    expect(sessions.map((row) => Object.values(row).join(' ')).sort()).toEqual(naive.sessions)
  }, 60_000)

  it('gives each event of events_once the session it ended in', async () => {
    const sessions = await project.rows(`SELECT min(split_part(page_path, '/', 2)) AS label,
        min(event_time) AS started_at, max(event_time) AS ended_at, count(*) AS events
      FROM events_once GROUP BY session_id`)
    expect(sessions.map((row) => Object.values(row).join(' ')).sort()).toEqual(naive.sessions)
  }, 60_000)

  it('has the minutes of a naive program, the busiest among them, in the panes and in the lake', async () => {
    const answers = await Promise.all(
      halves.map((days) => project.metric('pageViews', `${days}&grain=1m&by=`)),
    )
    const panes = answers
      .flat()
      .flatMap(({ start, cells }) =>
        cells.map(({ value }) => [new Date(start).toISOString().slice(0, 16), value] as const),
      )
    expect(new Map(panes)).toEqual(naive.minutes)
    const [busiest] = await project.rows(`SELECT count(*) AS events FROM events_once
      GROUP BY date_trunc('minute', event_time) ORDER BY 1 DESC LIMIT 1`)
    expect(busiest).toEqual({ events: Math.max(...naive.minutes.values()) })
  }, 60_000)

  it('adds up', async () => {
    expect(await project.run('reconcile')).toMatchObject({ code: 0, stderr: '' })
    expect(project.troubles).toEqual([])
  }, 60_000)

  it('counts as duplicates alone when it is sent again, but for lines that have no id to be known by', async () => {
    const before = await results()
    const { code, stdout } = await project.run('send', logFile, '--flush')
    expect(code).toBe(0)
    expect(stdout).toContain(`${naive.events} duplicates were counted`)
    expect(await results()).toEqual(before)
    expect(await account('duplicate')).toBe(naive.events)
    expect(await account('accepted')).toBe(naive.events)
    expect(await account('quarantined')).toBe(2 * log.brokenLines)
    expect(await project.run('reconcile')).toMatchObject({ code: 0 })
  }, 90_000)
})
