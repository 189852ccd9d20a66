import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { formatTimestamp } from '../../shared/core/event/timestamp.ts'
import { type LakeRow, ViewLake } from '../unit/lake/view-lake.ts'

const midnight = Date.UTC(2026, 10, 2)
const part = '2026-11-01.a'

type Arrival = {
  readonly anonymous: string | null
  readonly user: string | null
  readonly eventTime: number
  readonly receivedAt: number
  readonly copies: number
}
type Stored = Arrival & { readonly origin: string }

// Few ids and few times, so that they meet.
const id = (...ids: readonly string[]) => fc.constantFrom(null, ...ids)
const arrival: fc.Arbitrary<Arrival> = fc.record({
  anonymous: id('a', 'b'),
  user: id('u', 'v'),
  eventTime: fc.integer({ min: -2, max: 2 }).map((ms) => midnight + ms),
  receivedAt: fc.integer({ min: -2, max: 2 }).map((ms) => midnight + ms),
  copies: fc.integer({ min: 1, max: 3 }),
})

const after = (a: Stored, b: Stored): number => a.eventTime - b.eventTime || (a.origin < b.origin ? -1 : 1)

/** The last event of each anonymous id that has a user. */
const lastKnown = (events: readonly Stored[]): Map<string, Stored> => {
  const last = new Map<string, Stored>()
  for (const event of [...events].sort(after))
    if (event.anonymous !== null && event.user !== null) last.set(event.anonymous, event)
  return last
}

const naive = (events: readonly Stored[]): (string | null)[][] => {
  const last = lastKnown(events)
  return events
    .map(({ origin, anonymous, user }) => [
      origin,
      (anonymous === null ? undefined : last.get(anonymous)?.user) ?? anonymous ?? user ?? 'visitor',
    ])
    .sort(([a = ''], [b = '']) => ((a ?? '') < (b ?? '') ? -1 : 1))
}

const row = (event: Stored): LakeRow => ({
  origin: event.origin,
  anonymous_id: event.anonymous,
  user_id: event.user,
  visitor: 'visitor',
  event_time: formatTimestamp(event.eventTime),
  received_at: formatTimestamp(event.receivedAt),
})
const partition = (ms: number): LakeRow => ({
  dt: formatTimestamp(ms).slice(0, 10),
  hour: formatTimestamp(ms).slice(11, 13),
})

let lake: ViewLake
beforeAll(async () => {
  lake = await ViewLake.open()
})
afterAll(() => lake.close())

it('shows each event once, with its person, wherever the watermark lies', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(arrival, { maxLength: 8 }),
      fc.integer({ min: -3, max: 3 }),
      async (arrivals, offset) => {
        const through = midnight + offset
        const events = arrivals.map((one, index) => ({ ...one, origin: `s:${index}:0` }))
        const closed = events.filter(({ receivedAt }) => receivedAt < through)
        for (const table of ['events', 'events_daily', 'persons']) await lake.run(`DELETE FROM ${table}`)
        // Copies lie in other hours, and copies of closed events are in the stream as well.
        for (const event of events)
          for (let copy = 0; copy < event.copies; copy++)
            await lake.insert('events', { ...row(event), ...partition(event.receivedAt + copy * 3_600_000) })
        for (const event of closed) await lake.insert('events_daily', { ...row(event), part })
        for (const [anonymous_id, { user, eventTime, origin }] of lastKnown(closed))
          await lake.insert('persons', {
            anonymous_id,
            user_id: user,
            last_seen_at: formatTimestamp(eventTime),
            last_origin: origin,
            part,
          })
        const compacted = { version: 1, through, events: [part], sessions: [], persons: part }
        const sql = 'SELECT origin, person_id FROM events_once ORDER BY origin'
        expect(await lake.rows(sql, compacted)).toEqual(naive(events))
        expect(await lake.rows(sql)).toEqual(naive(events))
      },
    ),
    { numRuns: 25 },
  )
})
