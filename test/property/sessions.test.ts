import fc from 'fast-check'
import { expect, it } from 'vitest'
import { OpenSessions } from '../../shared/core/lane/open-sessions.ts'
import { addToSessions, type OpenSession, openSession } from '../../shared/core/session/session.ts'
import { dawn, minuteMs, noFacts, laneSettings as settings, withEvent } from '../support/lane-events.ts'

type Visit = { readonly time: number; readonly place: number; readonly cents: number; readonly page: string }

// Offsets around multiples of the gap, where sessions split, touch and bridge.
const offset = (maxGaps: number) =>
  fc
    .tuple(fc.integer({ min: 0, max: maxGaps }), fc.integer({ min: -2, max: 2 }), fc.constantFrom(1, 0.5))
    .map(([gaps, ms, part]) => Math.floor(gaps * part * settings.gapMs) + ms)

const visitsOf = (of: { maxGaps: number; minLength: number; maxLength: number }): fc.Arbitrary<Visit[]> =>
  fc
    .array(
      fc.record({
        time: offset(of.maxGaps),
        cents: fc.integer({ min: -500, max: 500 }),
        page: fc.constantFrom('', '/a', '/b'),
      }),
      of,
    )
    .map((list) => list.map((visit, place) => ({ ...visit, place })))

const visits = visitsOf({ maxGaps: 6, minLength: 1, maxLength: 14 })

const keyOf = ({ place }: Visit): string => String(place).padStart(4, '0')

const inOrder = (list: readonly Visit[]): readonly Visit[] =>
  list.toSorted((a, b) => a.time - b.time || a.place - b.place)

/** The oracle: sort, scan, cut where the silence is longer than the gap. */
const sortAndScan = (list: readonly Visit[]) => {
  const runs: Visit[][] = []
  for (const visit of inOrder(list)) {
    const run = runs.at(-1)
    const previous = run?.at(-1)
    if (run && previous && visit.time - previous.time <= settings.gapMs) run.push(visit)
    else runs.push([visit])
  }
  return runs.map((run) => {
    const pages = run.map(({ page }) => page).filter((page) => page !== '')
    return {
      start: dawn + (run[0]?.time ?? 0),
      end: dawn + (run.at(-1)?.time ?? 0),
      events: run.length,
      revenue: String(run.reduce((sum, { cents }) => sum + cents, 0)),
      first: keyOf(run[0] ?? { time: 0, place: 0, cents: 0, page: '' }),
      entry: pages[0],
      exit: pages.at(-1),
      id: `s${Math.min(...run.map(({ place }) => place))}`,
      ids: run.length,
    }
  })
}

const singleOf = (visit: Visit, order: number): OpenSession => {
  const event = {
    eventTime: dawn + visit.time,
    receivedAt: dawn,
    key: keyOf(visit),
    facts: { ...noFacts, pagePath: visit.page },
    revenue: String(visit.cents),
  }
  return openSession(event, { id: `s${visit.place}`, order, late: false }, settings)
}

const arrivedInOrderOf = (list: readonly Visit[]): readonly OpenSession[] =>
  list.reduce<readonly OpenSession[]>(
    (sessions, visit, order) => withEvent(sessions, singleOf(visit, order)),
    [],
  )

const measures = (session: OpenSession) => ({
  start: session.start,
  end: session.end,
  events: session.events,
  revenue: session.revenue,
  first: session.first.key,
  entry: session.entryPage?.text,
  exit: session.exitPage?.text,
})

const measured = (list: readonly Visit[]) => sortAndScan(list).map(({ id: _id, ids: _ids, ...rest }) => rest)

const shuffled = visits.chain((list) =>
  fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
)

it('gives the sessions of a sort and a scan, whatever order the events arrive in', () => {
  fc.assert(
    fc.property(shuffled, ([list, arrivals]) => {
      expect(arrivedInOrderOf(arrivals).map(measures)).toEqual(measured(list))
    }),
    { numRuns: 500 },
  )
})

it('names a session by its first-arrived event and lists every other id it ever had', () => {
  fc.assert(
    fc.property(visits, (list) => {
      const everHad = new Map<string, string>()
      let sessions: readonly OpenSession[] = []
      for (let count = 1; count <= list.length; count++) {
        sessions = arrivedInOrderOf(list.slice(0, count))
        for (const { id } of sessions) everHad.set(id, id)
      }
      const named = sessions.flatMap(({ id, absorbedIds }) => [id, ...absorbedIds])
      expect(named.toSorted()).toEqual([...everHad.keys()].toSorted())
      const expected = sortAndScan(list).map(({ id }) => id)
      expect(sessions.map(({ id }) => id).toSorted()).toEqual(expected.toSorted())
    }),
    { numRuns: 200 },
  )
})

/** An import under one shared name: a year of visits that are all open at once. */
const manyVisits = fc.record({
  list: visitsOf({ maxGaps: 700, minLength: 300, maxLength: 600 }),
  commitEvery: fc.integer({ min: 1, max: 200 }),
  closeAfterGaps: fc.integer({ min: 0, max: 700 }),
})

it('gives them to a visitor of hundreds at once, through commits in between, and closes those that are due', () => {
  fc.assert(
    fc.property(manyVisits, ({ list, commitEvery, closeAfterGaps }) => {
      const open = new OpenSessions()
      for (const [order, visit] of list.entries()) {
        const change = addToSessions(open.of('a:shared'), singleOf(visit, order), settings)
        open.change('a:shared', change)
        if (order % commitEvery === 0) open.freeze(order)
      }
      const expected = measured(list)
      expect(open.of('a:shared').map(measures)).toEqual(expected)
      expect(open.count).toBe(expected.length)
      expect(open.earliestStart()).toBe(Math.floor((expected[0]?.start ?? 0) / minuteMs) * minuteMs)

      const clock = dawn + closeAfterGaps * settings.gapMs
      const isDue = ({ end }: { end: number }) =>
        Math.max(end, dawn) + settings.gapMs + settings.latenessMs < clock
      const closed = open.takeClosing(clock).map(([, session]) => measures(session))
      expect(closed).toEqual(expected.filter(isDue))
      const left = expected.filter((session) => !isDue(session))
      expect(open.of('a:shared').map(measures)).toEqual(left)
      expect(open.count).toBe(left.length)
      expect(open.takeAll().map(([, session]) => measures(session))).toEqual(left)
      expect([open.size, open.count, open.earliestStart()]).toEqual([0, 0, undefined])
    }),
    { numRuns: 40 },
  )
})
