import type { EpochMs } from '../event/outcome.ts'
import type { OpenSession } from '../session/session.ts'
import {
  decodeVisitor,
  encodeVisitor,
  timesOf,
  type VisitorLine,
  type VisitorSessions,
} from './visitor-line.ts'

const minuteMs = 60_000
const minuteOf = (time: EpochMs): number => Math.floor(time / minuteMs)

/** Stands for a line until it is written. */
const outOfDate: VisitorLine = ''

/** The visitors of a lane with their open sessions, found by visitor, by closing time and by earliest start. */
export class OpenSessions {
  readonly #lines = new Map<string, VisitorLine>()
  /** Those that were asked for or changed since `freeze`; their lines may be out of date. */
  readonly #thawed = new Map<string, VisitorSessions>()
  /** Minute of `closesAfter` → visitors to look at then; a visitor may have moved on since. */
  readonly #due = new Map<number, Set<string>>()
  /** Minute of a session's start → how many open sessions started in it. */
  readonly #starts = new Map<number, number>()

  get size(): number {
    return this.#lines.size
  }

  has(visitor: string): boolean {
    return this.#lines.has(visitor)
  }

  get(visitor: string): VisitorSessions | undefined {
    const thawed = this.#thawed.get(visitor)
    if (thawed !== undefined) return thawed
    const line = this.#lines.get(visitor)
    if (line === undefined) return undefined
    const sessions = decodeVisitor(line)
    this.#thawed.set(visitor, sessions)
    return sessions
  }

  set(visitor: string, next: VisitorSessions): void {
    for (const session of this.get(visitor)?.sessions ?? []) this.#countStart(session.start, -1)
    if (next.sessions.length === 0) {
      this.#lines.delete(visitor)
      this.#thawed.delete(visitor)
      return
    }
    if (!this.#lines.has(visitor)) this.#lines.set(visitor, outOfDate)
    this.#thawed.set(visitor, next)
    for (const session of next.sessions) {
      this.#countStart(session.start, 1)
      this.#await(visitor, session.closesAfter)
    }
  }

  /** Takes over a line of a segment as it is. */
  restore(visitor: string, line: VisitorLine): void {
    this.#lines.set(visitor, line)
    for (const { start, closesAfter } of timesOf(line)) {
      this.#countStart(start, 1)
      this.#await(visitor, closesAfter)
    }
  }

  /** The visitor's line as of the last `freeze`; undefined when no session is open. */
  lineOf(visitor: string): VisitorLine | undefined {
    return this.#lines.get(visitor)
  }

  /** Puts everything back to lines, which take a third of the memory. */
  freeze(): void {
    for (const [visitor, sessions] of this.#thawed) this.#lines.set(visitor, encodeVisitor(sessions))
    this.#thawed.clear()
  }

  entries(): [string, VisitorSessions][] {
    return Array.from(this.#lines.keys(), (visitor) => [visitor, this.#known(visitor)])
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
    for (const visitor of this.#lines.keys())
      for (const session of this.#known(visitor).sessions) closing.push([visitor, session])
    this.#lines.clear()
    this.#thawed.clear()
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

  #known(visitor: string): VisitorSessions {
    const line = this.#lines.get(visitor)
    if (line === undefined) throw new Error(`no open session of ${visitor}`)
    return this.#thawed.get(visitor) ?? decodeVisitor(line)
  }

  #takeOf(visitor: string, clock: EpochMs): [string, OpenSession][] {
    const known = this.get(visitor)
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
