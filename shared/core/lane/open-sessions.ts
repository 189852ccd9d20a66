import type { EpochMs } from '../event/outcome.ts'
import type { OpenSession, SessionChange } from '../session/session.ts'
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

type Thawed = { readonly sessions: OpenSession[]; version: number }

/** The visitors of a lane with their open sessions, found by visitor, by closing time and by earliest start. */
export class OpenSessions {
  readonly #lines = new Map<string, VisitorLine>()
  /** Those that were asked for or changed since `freeze`; their lines may be out of date. */
  readonly #thawed = new Map<string, Thawed>()
  /** Minute of `closesAfter` → visitors to look at then; a visitor may have moved on since. */
  readonly #due = new Map<number, Set<string>>()
  /** Minute of a session's start → how many open sessions started in it. */
  readonly #starts = new Map<number, number>()

  #count = 0

  /** Visitors with an open session. */
  get size(): number {
    return this.#lines.size
  }

  /** Open sessions of all visitors. */
  get count(): number {
    return this.#count
  }

  has(visitor: string): boolean {
    return this.#lines.has(visitor)
  }

  /** By start. They change with the next `change`. */
  get(visitor: string): VisitorSessions | undefined {
    return this.#thaw(visitor)
  }

  /** version: that of the commit that the change will be part of. */
  change(visitor: string, { from, to, current }: SessionChange, version: number): void {
    const thawed = this.#thaw(visitor) ?? this.#openVisitor(visitor)
    // One among thousands is moved in microseconds; a new list for each event was what took the time.
    const replaced = thawed.sessions.splice(from, to - from, current)
    thawed.version = version
    for (const { start } of replaced) this.#countStart(start, -1)
    this.#countStart(current.start, 1)
    this.#await(visitor, current.closesAfter)
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
    for (const [visitor, line] of this.#lines) {
      const { sessions } = this.#thawed.get(visitor) ?? decodeVisitor(line)
      for (const session of sessions) closing.push([visitor, session])
    }
    this.#lines.clear()
    this.#thawed.clear()
    this.#due.clear()
    this.#starts.clear()
    this.#count = 0
    return closing
  }

  /** Start of the minute in which the earliest open session started; undefined when none is open. */
  earliestStart(): EpochMs | undefined {
    let earliest: number | undefined
    for (const minute of this.#starts.keys())
      if (earliest === undefined || minute < earliest) earliest = minute
    return earliest === undefined ? undefined : earliest * minuteMs
  }

  #thaw(visitor: string): Thawed | undefined {
    const known = this.#thawed.get(visitor)
    if (known !== undefined) return known
    const line = this.#lines.get(visitor)
    if (line === undefined) return undefined
    const { version, sessions } = decodeVisitor(line)
    const thawed = { version, sessions: [...sessions] }
    this.#thawed.set(visitor, thawed)
    return thawed
  }

  #openVisitor(visitor: string): Thawed {
    const thawed = { version: 0, sessions: [] }
    this.#lines.set(visitor, outOfDate)
    this.#thawed.set(visitor, thawed)
    return thawed
  }

  #takeOf(visitor: string, clock: EpochMs): [string, OpenSession][] {
    const known = this.#thaw(visitor)
    if (known === undefined) return []
    const closing = known.sessions.filter((session) => session.closesAfter < clock)
    const open = known.sessions.filter((session) => session.closesAfter >= clock)
    if (open.length === 0) {
      this.#lines.delete(visitor)
      this.#thawed.delete(visitor)
    } else this.#thawed.set(visitor, { ...known, sessions: open })
    for (const { start } of closing) this.#countStart(start, -1)
    // Looked at too early in its minute, or grown since: look again when it is due.
    for (const { closesAfter } of open) this.#await(visitor, closesAfter)
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
    this.#count += change
    if (count === 0) this.#starts.delete(minute)
    else this.#starts.set(minute, count)
  }
}
