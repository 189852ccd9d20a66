import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Compacted } from '../../../shared/core/lake/compacted.ts'
import { type LakeRow, ViewLake } from './view-lake.ts'

const midnight = '2026-11-02 00:00:00.000'
const part = '2026-11-01.a1'
const compacted: Compacted = {
  version: 1,
  through: Date.UTC(2026, 10, 2),
  events: [part],
  sessions: [part],
  persons: '2026-11-02.a1',
}
const before = '2026-11-01 22:00:00.000'
const justBefore = '2026-11-01 23:59:59.999'
const after = '2026-11-02 08:00:00.000'

/** A row of `events`, which Firehose took in the hour it arrived in. */
const streamed = (origin: string, received_at: string, more: LakeRow = {}): LakeRow => ({
  origin,
  received_at,
  event_time: received_at,
  visitor: `visitor of ${origin}`,
  dt: received_at.slice(0, 10),
  hour: received_at.slice(11, 13),
  ...more,
})
const { dt: _dt, hour: _hour, ...noPartition } = streamed('', before)
const daily = (origin: string, more: LakeRow = {}): LakeRow => ({ ...noPartition, origin, part, ...more })

/** A session of one moment, written as soon as it may close. */
const session = (session_id: string, at: string, more: LakeRow = {}): LakeRow => ({
  session_id,
  visitor: 'a:a',
  started_at: at,
  ended_at: at,
  last_arrival: at,
  absorbed_ids: [],
  events: 1,
  page_views: 1,
  duration_ms: 0,
  revenue: 0,
  engaged: false,
  is_bot: false,
  ...written(at),
  ...more,
})
const written = (at: string) => {
  const time = new Date(Date.parse(`${at.replace(' ', 'T')}Z`) + 45 * 60_000).toISOString()
  return { dt: time.slice(0, 10), hour: time.slice(11, 13) }
}
const dailySession = (session_id: string, at: string, more: LakeRow = {}): LakeRow => {
  const { dt: _, hour: __, ...row } = session(session_id, at, more)
  return { part, ...row }
}

let lake: ViewLake
beforeEach(async () => {
  lake = await ViewLake.open()
})
afterEach(() => lake.close())

const origins = (compaction?: Compacted) =>
  lake.rows('SELECT origin FROM events_once ORDER BY origin', compaction)

describe('events_once', () => {
  it('shows each origin once, from the stream alone while nothing is compacted', async () => {
    await lake.insert(
      'events',
      streamed('1', before),
      streamed('1', before, { hour: '23' }),
      streamed('2', after),
    )
    expect(await origins()).toEqual([['1'], ['2']])
  })

  it('takes what arrived before the watermark from the daily parts it names, and the rest from the stream', async () => {
    await lake.insert('events', streamed('1', before), streamed('2', justBefore), streamed('3', midnight))
    await lake.insert('events_daily', daily('1'), daily('2'))
    expect(await origins(compacted)).toEqual([['1'], ['2'], ['3']])
  })

  it('shows once a copy that was written again after the watermark', async () => {
    await lake.insert('events_daily', daily('1', { received_at: justBefore }))
    const again = { dt: '2026-11-02', hour: '00' }
    await lake.insert('events', streamed('1', justBefore), streamed('1', justBefore, again))
    expect(await origins(compacted)).toEqual([['1']])
  })

  it('sees what arrived after midnight in a file that Firehose began before it', async () => {
    await lake.insert('events', streamed('1', '2026-11-02 00:03:00.000', { dt: '2026-11-01', hour: '23' }))
    expect(await origins(compacted)).toEqual([['1']])
  })

  it('does not see parts that are not named: of another attempt, or of one that died', async () => {
    await lake.insert('events_daily', daily('1'), daily('1', { part: '2026-11-01.b2' }))
    expect(await origins(compacted)).toEqual([['1']])
    expect(await origins({ ...compacted, events: [] })).toEqual([])
  })

  it('shows a late event on its true day, before and after it is compacted', async () => {
    const late = { event_time: '2026-10-20 12:00:00.000' }
    const days = 'SELECT origin, day FROM events_once ORDER BY origin'
    await lake.insert('events', streamed('1', after, late))
    expect(await lake.rows(days, compacted)).toEqual([['1', '2026-10-20']])
    await lake.insert('events_daily', daily('1', { ...late, part: '2026-10-20.c3' }))
    const next = { ...compacted, through: Date.UTC(2026, 10, 3), events: ['2026-10-20.c3', part] }
    expect(await lake.rows(days, next)).toEqual([['1', '2026-10-20']])
  })

  it('has the columns of events without those of the partition, and day and person_id', async () => {
    const rows = await lake.rows(
      "SELECT column_name FROM (DESCRIBE events_once) WHERE column_name IN ('dt', 'hour', 'part', 'day', 'person_id')",
      compacted,
    )
    expect(rows).toEqual([['day'], ['person_id']])
  })
})

describe('the session of an event', () => {
  const sessionIds = (compaction?: Compacted) =>
    lake.rows('SELECT origin, session_id FROM events_once ORDER BY origin', compaction)

  it('is the one that absorbed the one it fell into', async () => {
    await lake.insert(
      'events',
      streamed('1', before, { session_id: 'B' }),
      streamed('2', before, { session_id: 'C' }),
    )
    const a = session('A', before, { absorbed_ids: ['B', 'X'] })
    await lake.insert('sessions', a, a, session('C', before))
    expect(await sessionIds()).toEqual([
      ['1', 'A'],
      ['2', 'C'],
    ])
  })

  it('is resolved on both sides of the watermark when it was open then', async () => {
    await lake.insert(
      'events_daily',
      daily('1', { session_id: 'B', received_at: justBefore }),
      daily('2', { session_id: 'A' }),
    )
    await lake.insert(
      'events',
      streamed('3', midnight, { session_id: 'C' }),
      streamed('4', midnight, { session_id: 'A' }),
    )
    await lake.insert(
      'sessions',
      session('A', '2026-11-02 00:10:00.000', { started_at: before, absorbed_ids: ['B', 'C'] }),
    )
    expect(await sessionIds(compacted)).toEqual([
      ['1', 'A'],
      ['2', 'A'],
      ['3', 'A'],
      ['4', 'A'],
    ])
  })

  it('is resolved when its session began before the watermark by a clock that ran ahead', async () => {
    await lake.insert(
      'events_daily',
      daily('1', { session_id: 'B', received_at: justBefore, event_time: '2026-11-02 00:04:59.000' }),
    )
    await lake.insert(
      'sessions',
      session('A', '2026-11-02 00:06:00.000', { started_at: '2026-11-02 00:04:59.000', absorbed_ids: ['B'] }),
    )
    expect(await sessionIds(compacted)).toEqual([['1', 'A']])
  })

  it('stays as the daily part has it when the stream closed it before the watermark', async () => {
    await lake.insert('events_daily', daily('1', { session_id: 'A' }))
    await lake.insert('sessions', session('Z', '2026-11-01 10:00:00.000', { absorbed_ids: ['A'] }))
    expect(await sessionIds(compacted)).toEqual([['1', 'A']])
  })
})

describe('sessions_final', () => {
  const ids = (compaction?: Compacted) =>
    lake.rows('SELECT session_id FROM sessions_final ORDER BY session_id', compaction)

  it('shows each session once, and none that another has absorbed', async () => {
    const a = session('A', before, { absorbed_ids: ['B'] })
    await lake.insert('sessions', a, { ...a, hour: '23' }, session('B', before), session('C', before))
    expect(await ids()).toEqual([['A'], ['C']])
  })

  it('takes from the stream those that close at the watermark or later, and the others from the daily parts', async () => {
    await lake.insert(
      'sessions',
      session('A', '2026-11-01 23:14:59.999'),
      session('B', '2026-11-01 23:15:00.000'),
      session('C', after),
    )
    await lake.insert('sessions_daily', dailySession('A*', '2026-11-01 23:14:59.999'))
    expect(await ids(compacted)).toEqual([['A*'], ['B'], ['C']])
  })

  it('counts the last arrival as well as the last event', async () => {
    const old = '2026-11-01 12:00:00.000'
    await lake.insert(
      'sessions',
      session('A', old, { last_arrival: '2026-11-01 23:15:00.000', dt: '2026-11-02', hour: '00' }),
    )
    expect(await ids(compacted)).toEqual([['A']])
  })

  it('sees a session that a flush closed before its time', async () => {
    await lake.insert('sessions', session('A', '2026-11-01 23:20:00.000', { dt: '2026-11-01', hour: '23' }))
    expect(await ids(compacted)).toEqual([['A']])
  })

  it('takes out a session of the stream that one open at the watermark has absorbed', async () => {
    await lake.insert('sessions', session('A', after, { absorbed_ids: ['B'] }), session('B', after))
    expect(await ids(compacted)).toEqual([['A']])
  })

  it('does not see parts that are not named', async () => {
    await lake.insert(
      'sessions_daily',
      dailySession('A', before),
      dailySession('A', before, { part: '2026-11-01.b2' }),
    )
    expect(await ids(compacted)).toEqual([['A']])
  })
})

describe('person_id', () => {
  const persons = (compaction?: Compacted) =>
    lake.rows('SELECT origin, person_id FROM events_once ORDER BY origin', compaction)
  const known = (origin: string, at: string, anonymous_id: string | null, user_id: string | null): LakeRow =>
    streamed(origin, at, { anonymous_id, user_id, visitor: 'v' })

  it('is the user last seen with the anonymous id, whatever the event itself says', async () => {
    await lake.insert(
      'events',
      known('1', before, 'a', null),
      known('2', before, 'a', 'u1'),
      known('3', after, 'a', 'u2'),
    )
    expect(await persons()).toEqual([
      ['1', 'u2'],
      ['2', 'u2'],
      ['3', 'u2'],
    ])
  })

  it('goes by the time of the event, then by its origin, and not by arrival', async () => {
    const late = known('1', after, 'a', 'u1')
    await lake.insert('events', { ...late, event_time: before }, known('2', justBefore, 'a', 'u2'))
    expect(await persons()).toEqual([
      ['1', 'u2'],
      ['2', 'u2'],
    ])
    await lake.insert('events', known('3', justBefore, 'a', 'u3'))
    expect((await persons()).map(([, person]) => person)).toEqual(['u3', 'u3', 'u3'])
  })

  it('is the anonymous id without a user, the user without one, and the visitor with neither', async () => {
    await lake.insert(
      'events',
      known('1', before, 'a', null),
      known('2', before, null, 'u'),
      known('3', before, null, null),
    )
    expect(await persons()).toEqual([
      ['1', 'a'],
      ['2', 'u'],
      ['3', 'v'],
    ])
  })

  it('takes the later of what is compacted and what came since', async () => {
    await lake.insert('persons', {
      anonymous_id: 'a',
      user_id: 'u1',
      last_seen_at: before,
      last_origin: '1',
      part: '2026-11-02.a1',
    })
    await lake.insert('persons', {
      anonymous_id: 'a',
      user_id: 'u9',
      last_seen_at: after,
      last_origin: '1',
      part: '2026-11-03.b2',
    })
    await lake.insert('events_daily', daily('1', { anonymous_id: 'a', user_id: 'u1' }))
    expect(await persons(compacted)).toEqual([['1', 'u1']])
    const late = { ...known('2', after, 'a', 'u0'), event_time: '2026-11-01 21:00:00.000' }
    await lake.insert('events', late)
    expect(await persons(compacted)).toEqual([
      ['1', 'u1'],
      ['2', 'u1'],
    ])
    await lake.insert('events', known('3', after, 'a', 'u2'))
    expect((await persons(compacted)).map(([, person]) => person)).toEqual(['u2', 'u2', 'u2'])
  })

  it('is that of the visitor in sessions_final and visitors', async () => {
    await lake.insert('events', known('1', after, 'a', 'u1'))
    const anonymous = { anonymous_id: 'a', user_id: null }
    await lake.insert('sessions_daily', dailySession('A', before, anonymous))
    await lake.insert(
      'sessions',
      session('B', after, { anonymous_id: 'a', user_id: 'u1' }),
      session('C', after, { visitor: 'v' }),
    )
    expect(
      await lake.rows('SELECT session_id, person_id FROM sessions_final ORDER BY session_id', compacted),
    ).toEqual([
      ['A', 'u1'],
      ['B', 'u1'],
      ['C', 'v'],
    ])
    expect(await lake.rows('SELECT person_id, sessions FROM visitors ORDER BY person_id', compacted)).toEqual(
      [
        ['u1', 2],
        ['v', 1],
      ],
    )
  })
})

describe('visitors', () => {
  it('shows a person over all their sessions, their first and their last', async () => {
    const at = ['2026-11-01 10:00:00.000', '2026-11-01 20:00:00.000', after]
    const [first = '', second = '', third = ''] = at
    const person = { anonymous_id: 'a', user_id: null }
    await lake.insert(
      'sessions',
      session('C', third, {
        ...person,
        channel: 'direct',
        geo_country: null,
        events: 1,
        engaged: true,
        revenue: 5,
      }),
      session('A', first, {
        ...person,
        channel: null,
        geo_country: 'FR',
        events: 4,
        page_views: 2,
        revenue: 0.5,
      }),
      session('B', second, { ...person, channel: 'email', geo_country: 'FR', events: 2, ended_at: third }),
    )
    expect(
      await lake.rows(
        `SELECT person_id, is_known, first_seen_at, last_seen_at, active_days, sessions, engaged_sessions, events, page_views,
         revenue, first_channel, last_channel, geo_country FROM visitors`,
      ),
    ).toEqual([
      // What the first or last session does not know is not taken from another.
      [
        'a',
        false,
        '2026-11-01T10:00:00.000Z',
        '2026-11-02T08:00:00.000Z',
        2,
        3,
        1,
        7,
        4,
        5.5,
        null,
        'direct',
        null,
      ],
    ])
  })
})

describe('an empty lake', () => {
  it.each([
    ['nothing compacted', undefined],
    ['all compacted', compacted],
    ['parts without rows', { ...compacted, events: [], sessions: [], persons: null }],
  ])('answers every view without rows: %s', async (_name, compaction) => {
    for (const view of ['events_once', 'sessions_final', 'visitors'])
      expect(await lake.rows(`SELECT * FROM ${view}`, compaction)).toEqual([])
  })
})
