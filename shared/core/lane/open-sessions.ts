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

/** As many stay parsed between commits: who was here just now most likely comes again. */
const maxThawed = 2_000

/** Stands for a line until it is written. */
const outOfDate: VisitorLine = ''

type Thawed = { readonly sessions: OpenSession[]; version: number }

/** The visitors of a lane with their open sessions, found by visitor, by closing time and by earliest start. */
export class OpenSessions {
  readonly #lines = new Map<string, VisitorLine>()
  /** Those last asked for or changed, parsed; the last one last. */
  readonly #thawed = new Map<string, Thawed>()
  /** Those whose lines are out of date. All of them are thawed. */
  readonly #changed = new Set<string>()
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
    thawed.version = version
    this.#changed.add(visitor)
    const grown = to === from + 1 ? thawed.sessions[from] : undefined
    if (grown !== undefined) {
      // By far the most events: one session goes on, mostly within the minute of its last event.
      thawed.sessions[from] = current
      if (minuteOf(grown.start) !== minuteOf(current.start)) this.#moveStart(grown.start, current.start)
      if (minuteOf(grown.closesAfter) === minuteOf(current.closesAfter)) return
    } else {
      // One among thousands is moved in microseconds; a new list for each event was what took the time.
      for (const { start } of thawed.sessions.splice(from, to - from, current)) this.#countStart(start, -1)
      this.#countStart(current.start, 1)
    }
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

  /**
   * Puts all that changed back to lines, and all but the last visitors, since lines take a third of the memory. Answers
   * when the last session of those that changed closes; 0 when none did.
   */
  freeze(): EpochMs {
    let lastClose = 0
    for (const visitor of this.#changed) {
      const thawed = this.#thawed.get(visitor)
      if (thawed === undefined) continue
      this.#lines.set(visitor, encodeVisitor(thawed))
      for (const { closesAfter } of thawed.sessions) if (closesAfter > lastClose) lastClose = closesAfter
    }
    this.#changed.clear()
    for (const visitor of this.#thawed.keys()) {
      if (this.#thawed.size <= maxThawed) break
      this.#thawed.delete(visitor)
    }
    return lastClose
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
    this.#changed.clear()
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
    if (known !== undefined) {
      this.#thawed.delete(visitor)
      this.#thawed.set(visitor, known)
      return known
    }
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
      this.#changed.delete(visitor)
    } else {
      this.#thawed.set(visitor, { ...known, sessions: open })
      this.#changed.add(visitor)
    }
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

  #moveStart(from: EpochMs, to: EpochMs): void {
    this.#countStart(from, -1)
    this.#countStart(to, 1)
  }

  #countStart(start: EpochMs, change: 1 | -1): void {
    const minute = minuteOf(start)
    const count = (this.#starts.get(minute) ?? 0) + change
    this.#count += change
    if (count === 0) this.#starts.delete(minute)
    else this.#starts.set(minute, count)
  }
}
