import type { EpochMs } from '../event/outcome.ts'
import type { OpenSession } from '../session/session.ts'

const minuteMs = 60_000
const minuteOf = (time: EpochMs): number => Math.floor(time / minuteMs)

export type VisitorSessions = {
  readonly sessions: readonly OpenSession[]
  /** Version that last changed them. */
  readonly version: number
}

/** The visitors of a lane with their open sessions, found by visitor, by closing time and by earliest start. */
export class OpenSessions {
  readonly #visitors = new Map<string, VisitorSessions>()
  /** Minute of `closesAfter` → visitors to look at then; a visitor may have moved on since. */
  readonly #due = new Map<number, Set<string>>()
  /** Minute of a session's start → how many open sessions started in it. */
  readonly #starts = new Map<number, number>()

  get size(): number {
    return this.#visitors.size
  }

  get(visitor: string): VisitorSessions | undefined {
    return this.#visitors.get(visitor)
  }

  entries(): IterableIterator<[string, VisitorSessions]> {
    return this.#visitors.entries()
  }

  set(visitor: string, next: VisitorSessions): void {
    for (const session of this.#visitors.get(visitor)?.sessions ?? []) this.#countStart(session.start, -1)
    if (next.sessions.length === 0) this.#visitors.delete(visitor)
    else this.#visitors.set(visitor, next)
    for (const session of next.sessions) {
      this.#countStart(session.start, 1)
      this.#await(visitor, session.closesAfter)
    }
  }

  /** Takes out the sessions that close when the clock reaches this, with their visitors. */
  takeClosing(clock: EpochMs): [string, OpenSession][] {
    const closing: [string, OpenSession][] = []
    for (const [minute, visitors] of [...this.#due]) {
      if (minute > minuteOf(clock)) continue
      this.#due.delete(minute)
      for (const visitor of visitors) closing.push(...this.#takeOf(visitor, clock))
    }
    return closing
  }

  /** Takes out every session. */
  takeAll(): [string, OpenSession][] {
    const closing: [string, OpenSession][] = []
    for (const [visitor, { sessions }] of this.#visitors)
      for (const session of sessions) closing.push([visitor, session])
    this.#visitors.clear()
    this.#due.clear()
    this.#starts.clear()
    return closing
  }

  /** Start of the minute in which the earliest open session started; undefined when none is open. */
  earliestStart(): EpochMs | undefined {
    let earliest: number | undefined
    for (const minute of this.#starts.keys())
      if (earliest === undefined || minute < earliest) earliest = minute
    return earliest === undefined ? undefined : earliest * minuteMs
  }

  #takeOf(visitor: string, clock: EpochMs): [string, OpenSession][] {
    const known = this.#visitors.get(visitor)
    if (known === undefined) return []
    const closing = known.sessions.filter((session) => session.closesAfter < clock)
    if (closing.length === 0) {
      // Looked at too early in its minute, or grown since: look again when it is due.
      for (const session of known.sessions) this.#await(visitor, session.closesAfter)
      return []
    }
    const open = known.sessions.filter((session) => session.closesAfter >= clock)
    this.set(visitor, { ...known, sessions: open })
    return closing.map((session) => [visitor, session])
  }

  #await(visitor: string, closesAfter: EpochMs): void {
    const minute = minuteOf(closesAfter)
    const due = this.#due.get(minute)
    if (due === undefined) this.#due.set(minute, new Set([visitor]))
    else due.add(visitor)
  }

  #countStart(start: EpochMs, change: 1 | -1): void {
    const minute = minuteOf(start)
    const count = (this.#starts.get(minute) ?? 0) + change
    if (count === 0) this.#starts.delete(minute)
    else this.#starts.set(minute, count)
  }
}
