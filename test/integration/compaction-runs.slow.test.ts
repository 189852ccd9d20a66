import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { targetBytes } from '../../shared/core/lake/compaction/bucket-count.ts'
import { type CompactionSettings, compact } from '../../shared/core/lake/compaction/compact.ts'
import { dayOf } from '../../shared/core/lake/compaction/day.ts'
import { partName } from '../../shared/core/lake/compaction/names.ts'
import type { CompactionPorts } from '../../shared/core/lake/compaction/ports.ts'
import { areViewsTooLong } from '../../shared/core/lake/compaction/publish.ts'
import { encodeState } from '../../shared/core/lake/compaction/state.ts'
import { readersGraceMs } from '../../shared/core/lake/compaction/sweep.ts'
import {
  allOrigins,
  expectPanesOfSessions,
  expectRight,
  shownOrigins,
  stateOf,
} from '../support/compaction/checks.ts'
import {
  MemoryLake,
  compiledMetrics as metrics,
  lakeTestTables as tables,
} from '../support/compaction/memory-lake.ts'
import type { Arrival } from '../support/compaction/stream.ts'
import { workload } from '../support/compaction/workload.ts'
import { trinoErrors } from '../support/trino.ts'

const startMs = Date.UTC(2026, 10, 1)
const hourMs = 3_600_000
const dayMs = 24 * hourMs

let lake: MemoryLake
beforeEach(async () => {
  lake = await MemoryLake.open()
})
afterEach(() => lake.athena.close())

const arrivals = workload({
  seed: 3,
  startMs,
  days: 3,
  visitors: 6,
  eventsPerVisitorDay: 4,
  disordered: 0.05,
  veryLate: 0.1,
})

/** One in the morning after so many days. */
const nightAfter = async (days: number): Promise<void> => {
  const now = startMs + days * dayMs + hourMs
  await lake.arrive(
    arrivals.filter(({ receivedAt }) => receivedAt >= lake.now && receivedAt < now),
    now,
  )
}

const run = (ports: Partial<CompactionPorts> = {}, settings: Partial<CompactionSettings> = {}) =>
  compact({ tables, metrics, ...settings }, lake.ports(ports))

/** An event of Ann's, so many hours after the start. */
const visit = (hours: number, of: Partial<Arrival> = {}): Arrival => ({
  visitor: 'a:ann',
  page: '/',
  channel: 'search',
  revenue: 0,
  userId: '',
  eventTime: startMs + hours * hourMs,
  receivedAt: startMs + hours * hourMs,
  ...of,
})

const partsThere = (): Set<string> =>
  new Set(
    lake.athena.keys().flatMap((key) => /^(?:events|sessions)_daily\/part=([^/]+)/.exec(key)?.[1] ?? []),
  )

describe('a run of the compaction', () => {
  it('says nothing but what Trino understands', async () => {
    await nightAfter(1)
    await run()
    await nightAfter(2)
    await run()
    const errors: string[] = []
    // Hive's statements (ALTER, and LOCATION in it) are no Trino.
    for (const sql of lake.athena.statements.filter((sql) => !/^(ALTER|DROP) TABLE/.test(sql)))
      for (const error of await trinoErrors(sql)) errors.push(`${error} in ${sql}`)
    expect(errors).toEqual([])
  })

  it('finds nothing to do when the midnight is compacted, and asks Athena nothing', async () => {
    await nightAfter(1)
    expect(await run()).toMatchObject({ outcome: 'committed', version: 1, through: startMs + dayMs })
    const asked = lake.athena.statements.length
    expect(await run()).toMatchObject({ outcome: 'up to date', isBehind: false, partsWritten: 0 })
    expect(lake.athena.statements).toHaveLength(asked)
  })

  it('waits while the clock of a lane is behind, however long', async () => {
    await nightAfter(1)
    const panes = { ...lake.ports().panes, lanes: async () => [lane(startMs + dayMs - 1)] }
    expect(await run({ panes })).toMatchObject({ outcome: 'waits', reason: 'the clock of lane 0 is behind' })
    lake.now += 5 * dayMs
    expect(await run({ panes })).toMatchObject({ outcome: 'waits', isBehind: true, version: 0 })
  })

  it('waits while a lane has not spoken', async () => {
    await nightAfter(1)
    const panes = { ...lake.ports().panes, lanes: async () => [{ ...lane(lake.now), lanes: 2 }] }
    expect(await run({ panes })).toMatchObject({ outcome: 'waits', reason: 'not every lane has spoken yet' })
  })

  it.each(['events', 'sessions'])(
    'waits a day for rows of %s that are not there, then says so',
    async (table) => {
      await nightAfter(1)
      const [[id] = []] = await lake.athena.rows(
        table === 'events'
          ? `SELECT origin FROM events WHERE received_at < TIMESTAMP '2026-11-01 22:00:00' LIMIT 1`
          : `SELECT session_id FROM sessions WHERE ended_at < TIMESTAMP '2026-11-01 20:00:00' AND last_arrival < TIMESTAMP '2026-11-01 20:00:00' LIMIT 1`,
      )
      await lake.athena.rows(
        `DELETE FROM ${table} WHERE ${table === 'events' ? 'origin' : 'session_id'} = '${id}'`,
      )
      expect(await run()).toMatchObject({ outcome: 'waits', missing: 0 })
      lake.now = startMs + 2 * dayMs - 1
      expect(await run()).toMatchObject({ outcome: 'waits' })
      lake.now += 2
      expect(await run()).toMatchObject({ outcome: 'committed', missing: 1 })
    },
  )

  it.each([22, 24])(
    'waits on its first night for the first %d hours of events, when nothing before is in the lake',
    async (hours) => {
      await nightAfter(1)
      const until = `TIMESTAMP '${new Date(startMs + hours * hourMs).toISOString().slice(0, 19).replace('T', ' ')}'`
      const [[counted] = []] = await lake.athena.rows(
        `SELECT count(DISTINCT origin) FROM events WHERE received_at < ${until}`,
      )
      await lake.athena.rows(`DELETE FROM events WHERE received_at < ${until}`)
      expect(Number(counted)).toBeGreaterThan(0)
      expect(await run()).toMatchObject({ outcome: 'waits', version: 0 })
      lake.now = startMs + 2 * dayMs
      expect(await run()).toMatchObject({ outcome: 'committed', missing: Number(counted) })
    },
  )

  it('waits for the row of a session whose visitor has come back, unless another may have absorbed it', async () => {
    const morning = visit(10)
    const absorbed = [visit(20), visit(20.8), visit(20.4, { receivedAt: startMs + 20.9 * hourMs })]
    await lake.arrive([morning, ...absorbed, visit(23.5)], startMs + dayMs + hourMs)
    const before12 = "started_at < TIMESTAMP '2026-11-01 12:00:00'"
    await lake.athena.rows(`CREATE TABLE held AS SELECT * FROM sessions WHERE ${before12}`)
    await lake.athena.rows(`DELETE FROM sessions WHERE ${before12}`)
    expect(await run()).toMatchObject({
      outcome: 'waits',
      reason: '0 events and 1 sessions are still on their way to the lake',
    })
    await lake.athena.rows('INSERT INTO sessions SELECT * FROM held')
    expect(await run()).toMatchObject({ outcome: 'committed', missing: 0 })
    await expectRight(lake)
  })

  it('does not wait for a session that one which is open still has absorbed', async () => {
    const between = visit(22.6, { receivedAt: startMs + 23 * hourMs })
    await lake.arrive(
      [visit(22.3), visit(22.9), between, visit(23.3), visit(23.7)],
      startMs + dayMs + hourMs / 4,
    )
    lake.now += hourMs / 2
    expect(await lake.athena.rows('SELECT session_id FROM sessions')).toEqual([])
    expect(await run()).toMatchObject({ outcome: 'committed', missing: 0 })
    await lake.arrive([], startMs + 2 * dayMs + hourMs)
    expect(lake.stream.closed.map(({ row }) => row.absorbed_ids)).toEqual([['s1']])
    expect(await run()).toMatchObject({ outcome: 'committed', missing: 0 })
    await expectRight(lake)
  })

  it.each([1e40, -1e40, 1e25, 1e21])(
    'counts as the stream does revenue of %d: it is too large to be added',
    async (revenue) => {
      await lake.arrive(
        [
          visit(2, { page: '', revenue: 5 }),
          visit(2.1, { page: '', revenue }),
          visit(9, { page: '', revenue }),
        ],
        startMs + dayMs + hourMs,
      )
      // The batch layer's own sum, not the row of the stream: the session has an event more.
      await lake.athena.rows(`UPDATE sessions SET events = 1 WHERE events = 2`)
      expect(await run()).toMatchObject({ outcome: 'committed', difference: 2 })
      expect(
        await lake.athena.rows('SELECT events, revenue FROM sessions_final ORDER BY started_at'),
      ).toEqual([
        ['2', '5'],
        ['1', '0'],
      ])
    },
  )

  it.each([1e10, 9e20, -9e20])('finds a session of revenue %d in both layers', async (revenue) => {
    await lake.arrive([visit(2, { page: '', revenue })], startMs + dayMs + hourMs)
    expect(await run()).toMatchObject({ outcome: 'committed', difference: 0 })
  })

  it('goes on where one has left that ran out of time, and writes no part twice', async () => {
    await nightAfter(3)
    let written = 0
    let runs = 0
    for (let outcome = 'left'; outcome === 'left'; runs++) {
      let looks = 0
      const result = await run({ isOutOfTime: () => ++looks > 2 })
      ;({ outcome } = result)
      written += result.partsWritten
      expect(await shownOrigins(lake)).toEqual(allOrigins(lake))
    }
    expect(runs).toBeGreaterThan(2)
    const state = stateOf(lake)
    expect(written).toBe((state?.events.length ?? 0) + (state?.sessions.length ?? 0) + 1)
    await expectRight(lake)
  })

  it('leaves parts that were replaced to their readers for hours, then deletes them', async () => {
    await nightAfter(1)
    await run()
    const before = partsThere()
    await nightAfter(2)
    await run()
    expect([...partsThere()]).toEqual(expect.arrayContaining([...before]))
    lake.now += readersGraceMs
    const { foldersSwept } = await run()
    const state = stateOf(lake)
    expect(foldersSwept).toBeGreaterThan(0)
    expect(partsThere()).toEqual(new Set([...(state?.events ?? []), ...(state?.sessions ?? [])]))
    await expectRight(lake)
  })

  it('drops the work tables of a run that died, though they have no rows', async () => {
    await nightAfter(1)
    await lake.athena.rows('DELETE FROM events')
    await lake.athena.rows('DELETE FROM sessions')
    const died = new Error('died')
    lake.athena.after = (sql) => {
      if (sql.startsWith('CREATE TABLE compact_sessions_')) throw died
    }
    await expect(run({}, { unchecked: true })).rejects.toThrow(died)
    lake.athena.after = () => {}
    // On S3 there is nothing where nothing was written.
    for (const key of lake.athena.keys()) await lake.athena.deleteKey(key)
    const [, table] = /CREATE TABLE (compact_closed_\w+)/.exec(lake.athena.statements.join('\n')) ?? []
    lake.now += dayMs
    await run({}, { unchecked: true })
    expect(lake.athena.statements).toContain(`DROP TABLE IF EXISTS ${table}`)
    expect([...lake.objects.keys()].filter((key) => key.startsWith('compaction/'))).toEqual([])
  })

  it('waits rather than commit what no view could name, and leaves nothing behind', async () => {
    await nightAfter(1)
    await run()
    const state = stateOf(lake)
    if (state === undefined) throw new Error('nothing was committed')
    const [, run0 = ''] = state.events[0]?.split('.') ?? []
    const partAt = (_: unknown, place: number) => partName(dayOf(startMs - (place + 9) * dayMs), run0)
    const withOld = (count: number) => ({
      ...state,
      events: [...Array.from({ length: count }, partAt), ...state.events],
    })
    let room = 4096
    for (let step = 4096; step >= 1; step /= 2) {
      const isTooLong = areViewsTooLong(tables, withOld(room + step))
      if (!isTooLong) room += step
    }
    await lake.ports().objects.put('compacted/state.json', encodeState(withOld(room)))
    await nightAfter(2)
    expect(await run()).toMatchObject({
      outcome: 'waits',
      reason: 'the views would name more days than Athena takes in a statement',
      version: 1,
      isBehind: true,
    })
    expect(
      [...lake.objects.keys(), ...lake.athena.keys()].filter((key) => key.startsWith('compaction/')),
    ).toEqual([])
    await expectRight(lake)
  })

  it('shows the views again before it deletes, since a run that was frozen may have shown older ones', async () => {
    await nightAfter(1)
    await run()
    const views = lake.athena.statements.filter((sql) => sql.startsWith('CREATE OR REPLACE VIEW'))
    await nightAfter(2)
    await run()
    for (const older of views) await lake.athena.run(older)
    lake.now += readersGraceMs
    expect((await run()).foldersSwept).toBeGreaterThan(0)
    await expectRight(lake)
  })

  it('writes a part again that has more files than its bytes need', async () => {
    await nightAfter(1)
    const { objects } = lake.ports()
    const asked: string[] = []
    const sizeOf: typeof objects.sizeOf = async (prefix) => {
      if (!prefix.startsWith('events_daily/')) return { files: 1, bytes: 9 * targetBytes }
      asked.push(prefix)
      return { files: prefix.includes('-1/') ? 2 : 3, bytes: 1.5 * targetBytes }
    }
    await run({ objects: { ...objects, sizeOf } })
    expect(stateOf(lake)?.events).toEqual([expect.stringMatching(/^2026-11-01\.\w+-1$/)])
    expect(lake.athena.statements.join('\n')).toContain("bucketed_by = ARRAY['visitor'], bucket_count = 2")
    expect(asked).toHaveLength(2)
  })

  it('joins a late event to the session before midnight, and takes it from the day it seemed to begin', async () => {
    const event = { visitor: 'a:ann', page: '/', channel: 'search', revenue: 0, userId: '' }
    const evening = {
      ...event,
      eventTime: startMs + dayMs - 10 * 60_000,
      receivedAt: startMs + dayMs - 10 * 60_000,
    }
    const night = {
      ...event,
      eventTime: startMs + dayMs + 10 * 60_000,
      receivedAt: startMs + 2 * dayMs + 12 * hourMs,
    }
    await lake.arrive([evening], startMs + 2 * dayMs + hourMs)
    expect(await run()).toMatchObject({ outcome: 'committed', difference: 0 })
    await lake.arrive([night], startMs + 3 * dayMs + hourMs)
    // One session of the batch layer in place of two of the stream.
    expect(await run()).toMatchObject({ outcome: 'committed', difference: 3 })
    expect(await lake.athena.rows('SELECT day, events FROM sessions_final')).toEqual([['2026-11-01', '2']])
    await expectRight(lake)
    await expectPanesOfSessions(lake)
  })

  it('takes what was left for weeks in steps, each of them whole for readers', async () => {
    const days = 16
    await lake.arrive(
      workload({ seed: 5, startMs, days, visitors: 2, eventsPerVisitorDay: 3, disordered: 0, veryLate: 0.1 }),
      startMs + days * dayMs + hourMs,
    )
    const origins = allOrigins(lake)
    lake.athena.after = async (sql) => {
      if (sql.startsWith('CREATE OR REPLACE VIEW')) expect(await shownOrigins(lake)).toEqual(origins)
    }
    expect(await run()).toMatchObject({ outcome: 'committed', commits: 3, through: startMs + days * dayMs })
    await expectRight(lake)
    await expectPanesOfSessions(lake)
  })

  it('leaves to another run that has written first', async () => {
    await nightAfter(1)
    const [one, other] = await Promise.all([run(), run()])
    expect([one?.outcome, other?.outcome].sort()).toEqual(['committed', 'left'])
    await expectRight(lake)
  })

  it('begins from scratch once the attempt that is under way is done', async () => {
    await nightAfter(1)
    await run()
    const [row] = arrivals
    if (row === undefined) throw new Error('no arrivals')
    lake.stream.add({ ...row, visitor: 'a:straggler' })
    await nightAfter(2)
    let looks = 0
    expect(await run({ isOutOfTime: () => ++looks > 2 })).toMatchObject({ outcome: 'left' })
    expect(await run({}, { fromScratch: true, unchecked: true })).toMatchObject({ version: 3, commits: 2 })
    expect(await shownOrigins(lake)).toEqual(allOrigins(lake))
  })

  it('takes in from scratch what came after it was given up', async () => {
    await nightAfter(1)
    await run()
    const [row] = arrivals
    if (row === undefined) throw new Error('no arrivals')
    // It arrived long ago, as far as its row says.
    const late = { ...row, visitor: 'a:straggler' }
    lake.stream.add(late)
    await nightAfter(2)
    await run()
    expect(await shownOrigins(lake)).not.toEqual(allOrigins(lake))
    expect(await run({}, { fromScratch: true, unchecked: true })).toMatchObject({
      outcome: 'committed',
      version: 3,
    })
    expect(await shownOrigins(lake)).toEqual(allOrigins(lake))
    await expectRight(lake)
    await expectPanesOfSessions(lake)
  })
})

const lane = (clock: number) => ({ lane: 0, lanes: 1, version: 1, clock, counters: {} })
