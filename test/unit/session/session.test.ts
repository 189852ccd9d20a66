import { describe, expect, it } from 'vitest'
import {
  addToSessions,
  mergeSessions,
  type OpenSession,
  openSession,
  type SessionEvent,
} from '../../../shared/core/session/session.ts'
import { dawn, minuteMs, noFacts, laneSettings as settings, withEvent } from '../../support/lane-events.ts'

const { gapMs, latenessMs } = settings

type Arrival = Partial<SessionEvent> & { id: string; order: number; late?: boolean }

const single = ({ id, order, late = false, ...given }: Arrival): OpenSession => {
  const eventTime = given.eventTime ?? dawn
  const event = { eventTime, receivedAt: eventTime, key: id, facts: noFacts, revenue: '0', ...given }
  return openSession(event, { id, order, late }, settings)
}

const sessionsOf = (...arrivals: Arrival[]): readonly OpenSession[] =>
  arrivals.reduce<readonly OpenSession[]>((sessions, arrival) => withEvent(sessions, single(arrival)), [])

const bounds = (sessions: readonly OpenSession[]) =>
  sessions.map(({ start, end }) => [start - dawn, end - dawn]).sort(([a = 0], [b = 0]) => a - b)

const onPage = (pagePath: string) => ({ ...noFacts, pagePath, isPageView: true })

describe('addToSessions', () => {
  it('keeps events exactly one gap apart in one session', () => {
    const sessions = sessionsOf({ id: 'a', order: 1 }, { id: 'b', order: 2, eventTime: dawn + gapMs })
    expect(bounds(sessions)).toEqual([[0, gapMs]])
  })

  it('splits events that are one millisecond further apart', () => {
    const sessions = sessionsOf({ id: 'a', order: 1 }, { id: 'b', order: 2, eventTime: dawn + gapMs + 1 })
    expect(bounds(sessions)).toEqual([
      [0, 0],
      [gapMs + 1, gapMs + 1],
    ])
  })

  it('extends a session backwards by exactly one gap and no further', () => {
    const first = { id: 'a', order: 1, eventTime: dawn + gapMs + 1 }
    expect(bounds(sessionsOf(first, { id: 'b', order: 2, eventTime: dawn + 1 }))).toEqual([[1, gapMs + 1]])
    expect(sessionsOf(first, { id: 'b', order: 2, eventTime: dawn })).toHaveLength(2)
  })

  it('merges two sessions that an event bridges, under the id of the one that arrived first', () => {
    const sessions = sessionsOf(
      { id: 'later in time', order: 1, eventTime: dawn + 2 * gapMs },
      { id: 'earlier in time', order: 2 },
      { id: 'bridge', order: 3, eventTime: dawn + gapMs },
    )
    expect(bounds(sessions)).toEqual([[0, 2 * gapMs]])
    expect(sessions[0]).toMatchObject({
      id: 'later in time',
      order: 1,
      events: 3,
      absorbedIds: ['earlier in time'],
    })
  })

  it('lists every id that the sessions it absorbed had absorbed themselves', () => {
    const sessions = sessionsOf(
      { id: 'c', order: 3, eventTime: dawn + 4 * gapMs },
      { id: 'b', order: 4, eventTime: dawn + 2 * gapMs },
      { id: 'x', order: 5, eventTime: dawn + 3 * gapMs },
      { id: 'a', order: 6 },
      { id: 'y', order: 7, eventTime: dawn + gapMs },
    )
    expect(sessions).toHaveLength(1)
    expect(sessions[0]?.id).toBe('c')
    expect(sessions[0]?.absorbedIds).toEqual(['b', 'a'])
  })

  it('answers the session that the event is in now', () => {
    const known = sessionsOf({ id: 'a', order: 1 }, { id: 'b', order: 2, eventTime: dawn + 3 * gapMs })
    const added = addToSessions(known, single({ id: 'c', order: 3, eventTime: dawn + 1 }), settings)
    expect(added.current.id).toBe('a')
    expect([added.from, added.to]).toEqual([0, 1])
  })

  it('looks at a few of ten thousand sessions only', () => {
    const known = Array.from({ length: 10_000 }, (_, n) =>
      single({ id: `s${n}`, order: n, eventTime: dawn + 3 * n * gapMs }),
    )
    let reads = 0
    const watched = new Proxy(known, {
      get(sessions, property) {
        if (/^\d+$/.test(String(property))) reads++
        return Reflect.get(sessions, property)
      },
    })
    const event = single({ id: 'late', order: 10_000, eventTime: dawn + 3 * 7_000 * gapMs + 1 })
    expect(addToSessions(watched, event, settings)).toMatchObject({ from: 7_000, to: 7_001 })
    expect(reads).toBeLessThan(40)
  })

  it('takes entry and first facts from the earliest event, exit and names from the latest, whatever came first', () => {
    const [session] = sessionsOf(
      {
        id: 'b',
        order: 1,
        eventTime: dawn + 2,
        facts: { ...onPage('/b'), channel: 'email', userId: 'late' },
      },
      { id: 'c', order: 2, eventTime: dawn + 3, facts: onPage('/c') },
      {
        id: 'a',
        order: 3,
        eventTime: dawn + 1,
        facts: { ...onPage('/a'), channel: 'paid', userId: 'early' },
      },
    )
    expect(session?.first.facts.channel).toBe('paid')
    expect([session?.entryPage?.text, session?.exitPage?.text]).toEqual(['/a', '/c'])
    expect(session?.userId?.text).toBe('late')
    expect(session?.pageViews).toBe(3)
  })

  it('adds money without the drift of floats', () => {
    const [session] = sessionsOf(
      { id: 'a', order: 1, revenue: '9007199254740993' },
      { id: 'b', order: 2, revenue: '-1' },
    )
    expect(session?.revenue).toBe('9007199254740992')
  })
})

describe('closing time', () => {
  it('is a gap and the lateness after the last event when that is ahead of the last arrival', () => {
    const session = single({ id: 'a', order: 1, receivedAt: dawn - 5 })
    expect(session.closesAfter).toBe(dawn + gapMs + latenessMs)
  })

  it('is a gap and the lateness after the last arrival when that is ahead of the last event', () => {
    const session = single({ id: 'a', order: 1, receivedAt: dawn + minuteMs })
    expect(session.closesAfter).toBe(dawn + minuteMs + gapMs + latenessMs)
  })

  it('never comes nearer by a merge, even under shorter settings', () => {
    const [a, b] = [single({ id: 'a', order: 1 }), single({ id: 'b', order: 2 })]
    const merged = mergeSessions(a, b, { gapMs: 1, latenessMs: 1 })
    expect(merged.closesAfter).toBe(dawn + gapMs + latenessMs)
  })
})

describe('late', () => {
  it('is a session that a late event opened', () => {
    expect(sessionsOf({ id: 'a', order: 1, late: true })[0]?.late).toBe(true)
  })

  it('is a session that a late event widened', () => {
    const sessions = sessionsOf({ id: 'a', order: 1 }, { id: 'b', order: 2, eventTime: dawn - 1, late: true })
    expect(sessions[0]?.late).toBe(true)
  })

  it.each([0, 1, 2])('is not a session that a late event fell into, %i ms after its start', (afterMs) => {
    const sessions = sessionsOf(
      { id: 'a', order: 1 },
      { id: 'b', order: 2, eventTime: dawn + 2 },
      { id: 'c', order: 3, eventTime: dawn + afterMs, late: true },
    )
    expect(sessions[0]?.late).toBe(false)
  })

  it('stays with whatever absorbs it', () => {
    const sessions = sessionsOf(
      { id: 'a', order: 1 },
      { id: 'b', order: 2, eventTime: dawn + 2 * gapMs, late: true },
      { id: 'c', order: 3, eventTime: dawn + gapMs },
    )
    expect(sessions).toHaveLength(1)
    expect(sessions[0]?.late).toBe(true)
  })
})
