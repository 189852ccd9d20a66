import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openLake } from '../../../commands/lake/duckdb-lake.ts'
import { namedQueries } from '../../../commands/query/named-query.ts'
import { encodeState, nothingCompacted, stateKey } from '../../../shared/core/lake/compaction/state.ts'
import { bindParameters } from '../../../shared/core/lake/named-query.ts'
import { LakeFixture, type Row } from './lake-fixture.ts'

const eventTypes = { received_at: 'TIMESTAMP', event_time: 'TIMESTAMP' }
const sessionTypes = { absorbed_ids: 'VARCHAR[]', events: 'BIGINT', started_at: 'TIMESTAMP' }
const event = (origin: string, session_id: string, more: Row = {}): Row => ({
  origin,
  session_id,
  received_at: '2026-11-21 04:00:00.000',
  ...more,
})
const session = (session_id: string, absorbed_ids: readonly string[] = []): Row => ({
  session_id,
  absorbed_ids,
  events: 1,
})

let lake: LakeFixture
const rowsOf = async (sql: string) => {
  const opened = await openLake(lake.folder)
  try {
    return (await opened.query(sql)).rows
  } finally {
    opened.close()
  }
}
beforeEach(() => {
  lake = new LakeFixture()
})
afterEach(() => lake.remove())

describe('events_once', () => {
  it('shows each origin once', async () => {
    const rows = [event('s:1:0', 'A'), event('s:1:1', 'A'), event('s:1:0', 'A')]
    await lake.parquet('events', { partition: '2026-11-21/05', rows, types: eventTypes })
    await lake.parquet('events', {
      partition: '2026-11-21/04',
      rows: [event('s:1:0', 'A')],
      types: eventTypes,
    })
    expect(await rowsOf('SELECT origin FROM events_once ORDER BY origin')).toEqual([['s:1:0'], ['s:1:1']])
  })

  it('gives an event of an absorbed session the session that absorbed it, once', async () => {
    const rows = [event('s:1:0', 'A'), event('s:2:0', 'B'), event('s:3:0', 'C')]
    await lake.parquet('events', { partition: '2026-11-21/04', rows, types: eventTypes })
    // The row of a session is there twice when its write was tried twice.
    const sessions = [session('A', ['B', 'X']), session('A', ['B', 'X']), session('C')]
    await lake.parquet('sessions', { partition: '2026-11-21/04', rows: sessions, types: sessionTypes })
    expect(await rowsOf('SELECT origin, session_id FROM events_once ORDER BY origin')).toEqual([
      ['s:1:0', 'A'],
      ['s:2:0', 'A'],
      ['s:3:0', 'C'],
    ])
  })

  it('reads files of an older schema beside newer ones, and columns that no file has yet', async () => {
    const older = [event('s:1:0', 'A')]
    const newer = [event('s:2:0', 'A', { geo_country: 'FR', not_in_the_schema: 'x' })]
    await lake.parquet('events', { partition: '2026-11-21/04', rows: older, types: eventTypes })
    await lake.parquet('events', { partition: '2026-11-21/04', rows: newer, types: eventTypes })
    expect(
      await rowsOf('SELECT origin, geo_country, properties_revenue FROM events_once ORDER BY origin'),
    ).toEqual([
      ['s:1:0', null, null],
      ['s:2:0', 'FR', null],
    ])
  })

  it('does not see files that are still being written', async () => {
    await lake.parquet('events', {
      partition: '2026-11-21/04',
      rows: [event('s:1:0', 'A')],
      types: eventTypes,
    })
    const folder = join(lake.folder, 'events/dt=2026-11-21/hour=04')
    for (const name of ['.9.parquet', '9.parquet.tmp', '9.part'])
      writeFileSync(join(folder, name), 'unfinished')
    expect(await rowsOf('SELECT count(*) FROM events_once')).toEqual([[1]])
  })
})

describe('a compacted lake', () => {
  const through = Date.UTC(2026, 10, 22)
  const state = { ...nothingCompacted, version: 3, through, events: ['2026-11-21.a'] }
  const put = (file: string, bytes: Uint8Array) => {
    mkdirSync(join(lake.folder, 'compacted'), { recursive: true })
    writeFileSync(join(lake.folder, file), bytes)
  }

  it('shows events of the parts that its state names and what arrived later, each once', async () => {
    const rows = [event('s:1:0', 'A', { event_time: '2026-11-21 04:00:00' })]
    const later = event('s:2:0', 'B', {
      event_time: '2026-11-22 01:00:00',
      received_at: '2026-11-22 01:00:00',
    })
    for (const partition of ['part=2026-11-21.a', 'part=2026-11-21.dead'])
      await lake.parquet('events_daily', { partition, rows, types: eventTypes })
    await lake.parquet('events', { partition: '2026-11-21/04', rows, types: eventTypes })
    await lake.parquet('events', { partition: '2026-11-22/01', rows: [...rows, later], types: eventTypes })
    put(stateKey, encodeState(state))
    expect(await rowsOf('SELECT origin, day FROM events_once ORDER BY origin')).toEqual([
      ['s:1:0', '2026-11-21'],
      ['s:2:0', '2026-11-22'],
    ])
    put(stateKey, encodeState({ ...state, events: [] }))
    expect(await rowsOf('SELECT origin FROM events_once ORDER BY origin')).toEqual([['s:2:0']])
  })

  it('is not opened by a state that cannot be read', async () => {
    put(stateKey, Buffer.from('{}'))
    await expect(openLake(lake.folder)).rejects.toThrow(`${stateKey} is not a state of the compaction`)
  })
})

describe('sessions_final', () => {
  it('shows each session once, and none that another has absorbed', async () => {
    const rows = [session('A', ['B']), session('A', ['B']), session('B'), session('C')]
    await lake.parquet('sessions', { partition: '2026-11-21/04', rows, types: sessionTypes })
    expect(await rowsOf('SELECT session_id FROM sessions_final ORDER BY session_id')).toEqual([['A'], ['C']])
  })
})

describe('bad_events', () => {
  it('reads zipped files of many members, with typed times', async () => {
    const bad = (origin: string) => ({ origin, received_at: '2026-11-21 04:05:06.789', reason: 'not_json' })
    lake.gzipJson('bad_events', { partition: '2026-11-21/04', rows: [bad('s:1:0'), bad('s:1:1')] })
    expect(await rowsOf('SELECT origin, received_at, dt FROM bad_events ORDER BY origin')).toEqual([
      ['s:1:0', '2026-11-21T04:05:06.789Z', '2026-11-21'],
      ['s:1:1', '2026-11-21T04:05:06.789Z', '2026-11-21'],
    ])
  })
})

describe('an empty lake', () => {
  it('has every table and view, without rows and with their types', async () => {
    for (const name of ['raw', 'events', 'sessions', 'bad_events', 'events_once', 'sessions_final'])
      expect(await rowsOf(`SELECT count(*) FROM ${name}`)).toEqual([[0]])
    expect(await rowsOf('SELECT typeof(max(event_time)) FROM events_once')).toEqual([['TIMESTAMP']])
  })

  it('answers every named query, with the columns its header names', async () => {
    const opened = await openLake(lake.folder)
    for (const query of await namedQueries()) {
      const { columns } = await opened.query(bindParameters(query, {}))
      expect([query.name, columns]).toEqual([query.name, query.columns.map(({ name }) => name)])
    }
    opened.close()
  })
})
