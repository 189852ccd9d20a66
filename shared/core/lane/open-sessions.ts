import type { EpochMs } from '../event/outcome.ts'
import type { OpenSession, SessionChange } from '../session/session.ts'
import { sessionsOf, visitorOf } from './record-reader.ts'
import { RecordWriter } from './record-writer.ts'
import {
  places,
  type Records,
  recordsOf,
  type SessionTimes,
  sizeOf,
  timesOf,
  versionOf,
} from './visitor-record.ts'

const minuteMs = 60_000
const minuteOf = (time: EpochMs): number => Math.floor(time / minuteMs)

/** As many stay parsed between commits: who was here just now most likely comes again. */
const maxParsed = 2_000

/** What was written or read together. Nobody holds it but its visitors. */
type Chunk = { readonly records: Records; liveBytes: number }

type Visitor = {
  readonly name: string
  /** Where the record is, as of the last `freeze`; undefined until there was one. */
  chunk: Chunk | undefined
  at: number
  /** Of the record. */
  version: number
  /** By start; undefined when nobody asked for them lately. */
  sessions: OpenSession[] | undefined
  isChanged: boolean
  /** In which they are looked at next; never later than the first of the sessions closes. */
  dueMinute: number
}

/** What `freeze` wrote. */
export type Frozen = {
  /** Of the visitors that changed. */
  readonly records: Uint8Array
  /** When the last of their sessions closes; 0 when there is none. */
  readonly lastClose: EpochMs
}

const never = Number.POSITIVE_INFINITY
/** One for all lanes: it is done with before anything else runs. */
const writer = new RecordWriter()

/** The visitors of a lane with their open sessions, found by visitor, by closing time and by earliest start. */
export class OpenSessions {
  readonly #visitors = new Map<string, Visitor>()
  #changed: Visitor[] = []
  /** Those whom the last commits changed, who stay parsed; the oldest commit first. */
  readonly #recent: { readonly version: number; readonly visitors: readonly Visitor[] }[] = []
  #recentCount = 0
  /** Chunks less than half of which is alive. */
  readonly #sparse = new Set<Chunk>()
  /** Minute → visitors to look at then, if it still is their `dueMinute`. */
  readonly #due = new Map<number, Visitor[]>()
  /** Minute of a session's start → how many open sessions started in it. */
  readonly #starts = new Map<number, number>()
  #count = 0

  /** Visitors with an open session. */
  get size(): number {
    return this.#visitors.size
  }

  /** Open sessions of all visitors. */
  get count(): number {
    return this.#count
  }

  /** By start. They change with the next `change`. */
  of(visitor: string): readonly OpenSession[] {
    const known = this.#visitors.get(visitor)
    return known === undefined ? [] : this.#parse(known)
  }

  /** The commit that last changed a visitor with an open session, as of the last `freeze`. */
  versionOf(visitor: string): number | undefined {
    return this.#visitors.get(visitor)?.version
  }

  change(visitor: string, { from, to, current }: SessionChange): void {
    const known = this.#visitors.get(visitor) ?? this.#open(visitor)
    const sessions = this.#parse(known)
    this.#markChanged(known)
    const grown = to === from + 1 ? sessions[from] : undefined
    if (grown !== undefined) {
      // By far the most events: one session goes on.
      sessions[from] = current
      if (minuteOf(grown.start) !== minuteOf(current.start)) {
        this.#countStart(grown.start, -1)
        this.#countStart(current.start, 1)
      }
    } else {
      // One among thousands is moved in microseconds; a new list for each event was what took the time.
      for (const { start } of sessions.splice(from, to - from, current)) this.#countStart(start, -1)
      this.#countStart(current.start, 1)
    }
    // One that closes later is found out when it is looked at.
    if (minuteOf(current.closesAfter) < known.dueMinute) this.#await(known, current.closesAfter)
  }

  /** Takes over records of a segment as they are; a later one takes the place of an earlier one. `settle` follows the last. */
  restore(bytes: Uint8Array): void {
    const chunk = { records: recordsOf(bytes), liveBytes: bytes.length }
    for (const at of places(chunk.records)) {
      const visitor = visitorOf(chunk.records, at)
      const known = this.#visitors.get(visitor) ?? this.#open(visitor)
      this.#release(known)
      known.chunk = chunk
      known.at = at
      known.version = versionOf(chunk.records, at)
    }
    this.#compact()
  }

  /** Lets go of what was closed since it was written: by the clock, or by a flush in a version up to the floor. */
  settle(clock: EpochMs, floor: number): void {
    for (const visitor of this.#visitors.values()) {
      const times = visitor.chunk === undefined ? [] : timesOf(visitor.chunk.records, visitor.at)
      const open = visitor.version <= floor ? [] : times.filter(({ closesAfter }) => closesAfter >= clock)
      for (const { start } of open) this.#countStart(start, 1)
      if (open.length === 0) this.#remove(visitor)
      else if (open.length < times.length) this.#keepOpen(visitor, clock)
      else this.#await(visitor, firstClose(open))
    }
    this.#compact()
  }

  /** Writes a record of each visitor that changed, as of that version, and lets go of all parsed ones but the last. */
  freeze(version: number): Frozen {
    // Those that were closed are left out.
    const changed = this.#changed.filter(({ isChanged }) => isChanged)
    let lastClose = 0
    for (const { name, sessions = [] } of changed) {
      writer.add(name, version, sessions)
      for (const { closesAfter } of sessions) if (closesAfter > lastClose) lastClose = closesAfter
    }
    const records = recordsOf(writer.take())
    this.#moveTo(records, changed)
    for (const visitor of changed) {
      visitor.version = version
      visitor.isChanged = false
    }
    this.#changed = []
    this.#forgetParsed(version, changed)
    this.#compact()
    return { records: records.bytes, lastClose }
  }

  /** Takes out the sessions that close when the clock reaches this, with their visitors. */
  takeClosing(clock: EpochMs): [string, OpenSession][] {
    const closing: [string, OpenSession][] = []
    for (const [minute, visitors] of [...this.#due]) {
      if (minute > minuteOf(clock)) continue
      this.#due.delete(minute)
      for (const visitor of visitors)
        if (visitor.dueMinute === minute) closing.push(...this.#takeOf(visitor, clock))
    }
    return closing
  }

  /** Takes out every session. */
  takeAll(): [string, OpenSession][] {
    const closing: [string, OpenSession][] = []
    for (const visitor of this.#visitors.values()) {
      for (const session of this.#parse(visitor)) closing.push([visitor.name, session])
      this.#remove(visitor)
    }
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

  #open(name: string): Visitor {
    const visitor: Visitor = {
      name,
      chunk: undefined,
      at: 0,
      version: 0,
      sessions: undefined,
      isChanged: false,
      dueMinute: never,
    }
    this.#visitors.set(name, visitor)
    return visitor
  }

  #parse(visitor: Visitor): OpenSession[] {
    const { chunk, at } = visitor
    visitor.sessions ??= chunk === undefined ? [] : sessionsOf(chunk.records, at)
    return visitor.sessions
  }

  #markChanged(visitor: Visitor): void {
    if (visitor.isChanged) return
    visitor.isChanged = true
    this.#changed.push(visitor)
  }

  #takeOf(visitor: Visitor, clock: EpochMs): [string, OpenSession][] {
    const { chunk, at, sessions } = visitor
    const first = firstClose(sessions ?? (chunk === undefined ? [] : timesOf(chunk.records, at)))
    if (first >= clock) {
      // Looked at too early in its minute, or grown since: look again when it is due.
      this.#await(visitor, first)
      return []
    }
    const closing = this.#parse(visitor).filter(({ closesAfter }) => closesAfter < clock)
    for (const { start } of closing) this.#countStart(start, -1)
    if (closing.length === this.#parse(visitor).length) this.#remove(visitor)
    else this.#keepOpen(visitor, clock)
    return closing.map((session) => [visitor.name, session])
  }

  #keepOpen(visitor: Visitor, clock: EpochMs): void {
    visitor.sessions = this.#parse(visitor).filter(({ closesAfter }) => closesAfter >= clock)
    this.#markChanged(visitor)
    this.#await(visitor, firstClose(visitor.sessions))
  }

  #remove(visitor: Visitor): void {
    this.#visitors.delete(visitor.name)
    this.#release(visitor)
    visitor.sessions = undefined
    visitor.isChanged = false
    visitor.dueMinute = never
  }

  /** Its record is of no use any more. */
  #release(visitor: Visitor): void {
    const { chunk, at } = visitor
    if (chunk === undefined) return
    visitor.chunk = undefined
    chunk.liveBytes -= sizeOf(chunk.records, at)
    if (chunk.liveBytes === 0) this.#sparse.delete(chunk)
    else if (chunk.liveBytes * 2 < chunk.records.bytes.length) this.#sparse.add(chunk)
  }

  /** Their records, in their order. */
  #moveTo(records: Records, visitors: readonly Visitor[]): void {
    const chunk = { records, liveBytes: records.bytes.length }
    let at = 0
    for (const visitor of visitors) {
      this.#release(visitor)
      visitor.chunk = chunk
      visitor.at = at
      at += sizeOf(records, at)
    }
  }

  /** Leaves sparse chunks behind, so that records take at most twice the memory of those that are alive. */
  #compact(): void {
    if (this.#sparse.size === 0) return
    const living: Visitor[] = []
    for (const chunk of this.#sparse)
      for (const at of places(chunk.records)) {
        const visitor = this.#visitors.get(visitorOf(chunk.records, at))
        if (visitor?.chunk !== chunk || visitor.at !== at) continue
        living.push(visitor)
        writer.copy(chunk.records, at)
      }
    this.#moveTo(recordsOf(writer.take()), living)
  }

  /** All but those whom the last commits changed. */
  #forgetParsed(version: number, changed: readonly Visitor[]): void {
    this.#recent.push({ version, visitors: changed })
    this.#recentCount += changed.length
    while (this.#recentCount > maxParsed) {
      const oldest = this.#recent.shift()
      if (oldest === undefined) break
      this.#recentCount -= oldest.visitors.length
      for (const visitor of oldest.visitors)
        if (visitor.version === oldest.version) visitor.sessions = undefined
    }
  }

  #await(visitor: Visitor, closesAfter: EpochMs): void {
    const minute = minuteOf(closesAfter)
    visitor.dueMinute = minute
    const due = this.#due.get(minute)
    if (due === undefined) this.#due.set(minute, [visitor])
    else due.push(visitor)
  }

  #countStart(start: EpochMs, change: 1 | -1): void {
    const minute = minuteOf(start)
    const count = (this.#starts.get(minute) ?? 0) + change
    this.#count += change
    if (count === 0) this.#starts.delete(minute)
    else this.#starts.set(minute, count)
  }
}

const firstClose = (sessions: readonly SessionTimes[]): EpochMs => {
  let first = never
  for (const { closesAfter } of sessions) if (closesAfter < first) first = closesAfter
  return first
}
