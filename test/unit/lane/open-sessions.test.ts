import { describe, expect, it } from 'vitest'
import { seeded } from '../../../local/demo/random.ts'
import { OpenSessions } from '../../../shared/core/lane/open-sessions.ts'
import { RecordWriter } from '../../../shared/core/lane/record-writer.ts'
import { addToSessions, type OpenSession, openSession } from '../../../shared/core/session/session.ts'
import { dawn, minuteMs, noFacts, laneSettings as settings } from '../../support/lane-events.ts'

const sessionAt = (minute: number, order: number): OpenSession => {
  const time = dawn + minute * minuteMs
  const event = { eventTime: time, receivedAt: time, key: `k${order}`, facts: noFacts, revenue: '1' }
  return openSession(event, { id: `s${order}`, order, late: false }, settings)
}

/** When a session of that minute closes, at the least. */
const closeOf = (minute: number): number =>
  dawn + minute * minuteMs + settings.gapMs + settings.latenessMs + 1

describe('open sessions', () => {
  it('are as they were last changed, of thousands of visitors who come again after others, commit by commit', () => {
    const visitors = 5_000
    const perCommit = 250
    const random = seeded(7)
    const open = new OpenSessions()
    const want = new Map<string, OpenSession>()
    for (let n = 0; n < 20_000; n++) {
      // Half of them mostly the same few, so that chunks grow sparse and are left behind.
      const visitor = `a:${Math.floor(random() * (n % 2 === 0 ? visitors : 100))}`
      const change = addToSessions(open.of(visitor), sessionAt(n / 1_000, n), settings)
      open.change(visitor, change)
      want.set(visitor, change.current)
      if (n % perCommit === perCommit - 1) open.freeze((n + 1) / perCommit)
    }
    expect([open.size, open.count]).toEqual([want.size, want.size])
    expect(new Map([...want.keys()].map((visitor) => [visitor, open.of(visitor)[0]]))).toEqual(want)
    const early = new Map([...want].filter(([, { closesAfter }]) => closesAfter < closeOf(10)))
    expect(early.size).toBeGreaterThan(100)
    expect(new Map(open.takeClosing(closeOf(10)))).toEqual(early)
    const late = new Map([...want].filter(([visitor]) => !early.has(visitor)))
    expect(new Map(open.takeAll())).toEqual(late)
  })

  it('that closed since they were written are left behind by whoever reads them', () => {
    const writer = new RecordWriter()
    writer.add('a:both', 1, [sessionAt(0, 1), sessionAt(120, 2)])
    writer.add('a:gone', 1, [sessionAt(0, 3)])
    writer.add('a:here', 2, [sessionAt(120, 4)])
    const open = new OpenSessions()
    open.restore(writer.take())
    open.settle(closeOf(0), 0)
    expect(open.of('a:both')).toEqual([sessionAt(120, 2)])
    expect(open.of('a:here')).toEqual([sessionAt(120, 4)])
    expect([open.size, open.count, open.earliestStart()]).toEqual([2, 2, dawn + 120 * minuteMs])
    expect([open.versionOf('a:both'), open.versionOf('a:gone')]).toEqual([1, undefined])
  })

  it('closed by a flush are left behind, but for visitors who came again', () => {
    const writer = new RecordWriter()
    writer.add('a:flushed', 4, [sessionAt(0, 1)])
    writer.add('a:again', 4, [sessionAt(0, 2)])
    const open = new OpenSessions()
    open.restore(writer.take())
    writer.add('a:again', 5, [sessionAt(1, 3)])
    open.restore(writer.take())
    open.settle(dawn, 4)
    expect(open.takeAll()).toEqual([['a:again', sessionAt(1, 3)]])
  })

  it('are written once by the commit that changed them, with when the last of them closes', () => {
    const open = new OpenSessions()
    for (const [order, minute] of [0, 120].entries())
      open.change('a:anna', addToSessions(open.of('a:anna'), sessionAt(minute, order), settings))
    const writer = new RecordWriter()
    writer.add('a:anna', 3, [sessionAt(0, 0), sessionAt(120, 1)])
    expect(open.freeze(3)).toEqual({
      records: Buffer.from(writer.take()),
      lastClose: sessionAt(120, 1).closesAfter,
    })
    expect(open.freeze(4)).toEqual({ records: Buffer.alloc(0), lastClose: 0 })
    // One of two closes: what is left is written again.
    expect(open.takeClosing(closeOf(0))).toEqual([['a:anna', sessionAt(0, 0)]])
    writer.add('a:anna', 5, [sessionAt(120, 1)])
    expect(open.freeze(5).records).toEqual(Buffer.from(writer.take()))
  })
})
