import fc from 'fast-check'
import { expect, it } from 'vitest'
import { addToSessions, type OpenSession, openSession } from '../../shared/core/session/session.ts'
import { dawn, noFacts, laneSettings as settings } from '../support/lane-events.ts'

type Visit = { readonly time: number; readonly place: number; readonly cents: number; readonly page: string }

// Offsets around multiples of the gap, where sessions split, touch and bridge.
const offset = fc
  .tuple(fc.integer({ min: 0, max: 6 }), fc.integer({ min: -2, max: 2 }), fc.constantFrom(1, 0.5))
  .map(([gaps, ms, part]) => Math.floor(gaps * part * settings.gapMs) + ms)

const visits: fc.Arbitrary<Visit[]> = fc
  .array(
    fc.record({
      time: offset,
      cents: fc.integer({ min: -500, max: 500 }),
      page: fc.constantFrom('', '/a', '/b'),
    }),
    {
      minLength: 1,
      maxLength: 14,
    },
  )
  .map((list) => list.map((visit, place) => ({ ...visit, place })))

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

const arrivedInOrderOf = (list: readonly Visit[]): readonly OpenSession[] =>
  list.reduce<readonly OpenSession[]>((sessions, visit, order) => {
    const event = {
      eventTime: dawn + visit.time,
      receivedAt: dawn,
      key: keyOf(visit),
      facts: { ...noFacts, pagePath: visit.page },
      revenue: String(visit.cents),
    }
    const single = openSession(event, { id: `s${visit.place}`, order, late: false }, settings)
    return addToSessions(sessions, single, settings).sessions
  }, [])

const measures = (session: OpenSession) => ({
  start: session.start,
  end: session.end,
  events: session.events,
  revenue: session.revenue,
  first: session.first.key,
  entry: session.entryPage?.text,
  exit: session.exitPage?.text,
})

const shuffled = visits.chain((list) =>
  fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
)

it('gives the sessions of a sort and a scan, whatever order the events arrive in', () => {
  fc.assert(
    fc.property(shuffled, ([list, arrivals]) => {
      const sessions = arrivedInOrderOf(arrivals).toSorted((a, b) => a.start - b.start)
      const expected = sortAndScan(list).map(({ id: _id, ids: _ids, ...rest }) => rest)
      expect(sessions.map(measures)).toEqual(expected)
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
