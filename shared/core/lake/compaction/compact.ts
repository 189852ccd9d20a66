import type { Attempt } from './attempt.ts'
import { correctionsOfDay, type SessionMetrics } from './corrections.ts'
import { eventsOfDay, personsOf, sessionsOfDay } from './daily-parts.ts'
import type { DailyTables } from './daily-sessions.ts'
import { dayOf, midnightBefore } from './day.ts'
import { differences, differencesOfDay } from './differences.ts'
import { gate } from './gate.ts'
import { dayOfPart, partPrefix, partsOfDays, runId, workTable } from './names.ts'
import { planAttempt } from './plan.ts'
import type { CompactionPorts } from './ports.ts'
import { type Guarded, loadAttempt, loadState, OtherRun, stateOf } from './progress.ts'
import { publish, type ViewTables } from './publish.ts'
import type { CompactionState } from './state.ts'
import { dropWork, sweep } from './sweep.ts'
import { addPartitions, writePart, writeWorkTable } from './write-part.ts'

/** Nobody's clock has passed midnight before this. */
export const marginMs = 30 * 60_000

export type CompactionSettings = {
  readonly tables: ViewTables & DailyTables
  readonly metrics: SessionMetrics
  /** Write all of history anew, from the streaming tables. */
  readonly fromScratch?: boolean
  /** Take the lake as it is: for one that was put there by hand, which nobody has counted. */
  readonly unchecked?: boolean
}

export type CompactionResult = {
  /** committed: readers see a new state. waits: rows are on their way still. left: the next run goes on. */
  readonly outcome: 'committed' | 'up to date' | 'waits' | 'left'
  readonly reason: string
  /** What readers see now. */
  readonly version: number
  readonly through: number
  /** True when a midnight has passed that is not compacted. */
  readonly isBehind: boolean
  /** Rows that were counted, did not come and were given up. */
  readonly missing: number
  /** Sessions that differ between stream and batch, on the days that were written. */
  readonly difference: number
  readonly partsWritten: number
  readonly foldersSwept: number
}

/**
 * One run: goes on with the attempt that is under way, or begins the next when a midnight has passed. It may die
 * anywhere: whatever it had not written down is done again by the next, under other names.
 */
export const compact = (settings: CompactionSettings, ports: CompactionPorts): Promise<CompactionResult> =>
  new Run(settings, ports).run()

class Run {
  readonly #settings: CompactionSettings
  readonly #ports: CompactionPorts
  readonly #id: string
  #missing = 0
  #difference = 0
  #partsWritten = 0
  #foldersSwept = 0

  constructor(settings: CompactionSettings, ports: CompactionPorts) {
    this.#settings = settings
    this.#ports = ports
    this.#id = runId(ports.now(), ports.chance())
  }

  async run(): Promise<CompactionResult> {
    const { objects } = this.#ports
    const state = await loadState(objects)
    const attempt = await loadAttempt(objects)
    const answer = (outcome: CompactionResult['outcome'], reason = ''): CompactionResult => ({
      outcome,
      reason,
      version: stateOf(state).version,
      through: stateOf(state).through,
      isBehind: stateOf(state).through < this.#target(),
      missing: this.#missing,
      difference: this.#difference,
      partsWritten: this.#partsWritten,
      foldersSwept: this.#foldersSwept,
    })
    try {
      const isCommitted = attempt.value?.version === stateOf(state).version && !attempt.value.finished
      if (isCommitted && !(await this.#finish(attempt, stateOf(state)))) return answer('left', 'out of time')
      // A deploy may have changed the views.
      await publish({ tables: this.#settings.tables, state: stateOf(state) }, this.#ports)
      const isUnderWay = attempt.value?.version === stateOf(state).version + 1
      if (!isUnderWay) {
        this.#foldersSwept = await sweep(
          { state: stateOf(state), tables: this.#settings.tables },
          this.#ports,
        )
        if (stateOf(state).through >= this.#target() && !this.#settings.fromScratch)
          return answer('up to date')
        const reason = await this.#begin(attempt, stateOf(state))
        if (reason !== undefined) return answer('waits', reason)
      }
      if (!(await this.#writeParts(attempt, stateOf(state)))) return answer('left', 'out of time')
      await this.#commit(attempt, state)
      if (!(await this.#finish(attempt, stateOf(state)))) return answer('left', 'out of time')
      return answer('committed')
    } catch (error) {
      if (error instanceof OtherRun) return answer('left', error.message)
      throw error
    }
  }

  #target(): number {
    return midnightBefore(this.#ports.now() - marginMs)
  }

  /** Why it cannot begin; undefined when it has. */
  async #begin(attempt: Guarded<Attempt>, state: CompactionState): Promise<string | undefined> {
    const from = this.#settings.fromScratch ? 0 : state.through
    const span = { from, to: this.#target() }
    if (!this.#settings.unchecked) {
      const answer = await gate(span, this.#ports)
      if (!answer.open) return answer.reason
      this.#missing = answer.missing
    }
    // From scratch: as if nothing were there, but for the version.
    const base = from === 0 ? { ...state, events: [], sessions: [], persons: null } : state
    const { tables } = this.#settings
    const plan = { span, state: base, version: state.version + 1, run: this.#id }
    await attempt.replace(await planAttempt(plan, tables, this.#ports))
    return undefined
  }

  /** False when time ran out. Each part is written down when it is there. */
  async #writeParts(guarded: Guarded<Attempt>, state: CompactionState): Promise<boolean> {
    const { objects, isOutOfTime } = this.#ports
    const { tables } = this.#settings
    const { from, through, run, eventDays, sessionDays, bytesPerRow } = attemptOf(guarded)
    const isAnew = from === 0
    const span = { from, to: through }
    const sessions = workTable(run, 'sessions')
    const sizeOfParts = async (
      table: 'events_daily' | 'sessions_daily' | 'persons',
      parts: readonly string[],
    ) => {
      let bytes = 0
      for (const part of parts) bytes += (await objects.sizeOf(partPrefix(table, part))).bytes
      return bytes
    }
    for (const day of Object.keys(eventDays).sort()) {
      if (attemptOf(guarded).events.some((part) => dayOfPart(part) === day)) continue
      if (isOutOfTime()) return false
      const oldParts = isAnew ? [] : partsOfDays(state.events, new Set([day]))
      const newBytes = (eventDays[day] ?? 0) * bytesPerRow
      const estimatedBytes = (await sizeOfParts('events_daily', oldParts)) + newBytes
      const select = eventsOfDay(day, { span, tables, sessions, oldParts })
      const part = await this.#write({ table: 'events_daily', day, estimatedBytes, select })
      await guarded.replace({ ...attemptOf(guarded), events: [...attemptOf(guarded).events, part] })
    }
    for (const day of sessionDays) {
      if (attemptOf(guarded).sessions.some((part) => dayOfPart(part) === day)) continue
      if (isOutOfTime()) return false
      const oldParts = isAnew ? [] : partsOfDays(state.sessions, new Set([day]))
      const estimatedBytes = await sizeOfParts('sessions_daily', oldParts)
      const select = sessionsOfDay(day, { span, tables, sessions, oldParts })
      const part = await this.#write({ table: 'sessions_daily', day, estimatedBytes, select })
      await guarded.replace({ ...attemptOf(guarded), sessions: [...attemptOf(guarded).sessions, part] })
    }
    if (attemptOf(guarded).persons !== null) return true
    if (isOutOfTime()) return false
    const oldParts = isAnew || state.persons === null ? [] : [state.persons]
    const estimatedBytes = await sizeOfParts('persons', oldParts)
    const select = personsOf({ span, oldParts })
    const persons = await this.#write({ table: 'persons', day: dayOf(through), estimatedBytes, select })
    await guarded.replace({ ...attemptOf(guarded), persons })
    return true
  }

  async #write(part: Omit<Parameters<typeof writePart>[0], 'run'>): Promise<string> {
    this.#partsWritten++
    return await writePart({ ...part, run: this.#id }, this.#ports)
  }

  /** The one moment at which what counts changes. */
  async #commit(guarded: Guarded<Attempt>, state: Guarded<CompactionState>): Promise<void> {
    const attempt = attemptOf(guarded)
    const before = stateOf(state)
    const isAnew = attempt.from === 0
    await addPartitions('events_daily', attempt.events, this.#ports)
    await addPartitions('sessions_daily', attempt.sessions, this.#ports)
    await addPartitions('persons', attempt.persons === null ? [] : [attempt.persons], this.#ports)
    await state.replace({
      version: attempt.version,
      through: attempt.through,
      events: replaced(isAnew ? [] : before.events, attempt.events),
      sessions: replaced(isAnew ? [] : before.sessions, attempt.sessions),
      persons: attempt.persons,
      committedAt: this.#ports.now(),
      longestSessionDays: attempt.longestSessionDays,
    })
  }

  /** Shows the commit to readers, corrects the panes, clears up. Done again as a whole by whoever finds it undone. */
  async #finish(guarded: Guarded<Attempt>, state: CompactionState): Promise<boolean> {
    const attempt = attemptOf(guarded)
    const { tables, metrics } = this.#settings
    await publish({ tables, state }, this.#ports)
    const days = attempt.comparedDays
    if (days.length > 0) {
      const { through, version } = attempt
      const select = differences({
        tables,
        days,
        through,
        parts: partsOfDays(state.sessions, new Set(days)),
      })
      const table = await writeWorkTable({ run: this.#id, kind: 'differences', select }, this.#ports)
      this.#difference = 0
      for (const day of days) {
        if (this.#ports.isOutOfTime()) return false
        const found = await differencesOfDay({ table, day, tables }, this.#ports)
        this.#difference += found.length
        const of = { day, differences: found, metrics, version, through }
        await this.#ports.panes.publish(await correctionsOfDay(of, this.#ports))
      }
    }
    await dropWork(attempt.run, ['closed', 'sessions'], this.#ports)
    await dropWork(this.#id, ['differences'], this.#ports)
    await guarded.replace({ ...attempt, finished: true })
    return true
  }
}

const attemptOf = ({ value }: Guarded<Attempt>): Attempt => {
  if (value === undefined) throw new Error('no attempt is under way')
  return value
}

/** The parts that count: the new part of a day in place of its old one. */
const replaced = (before: readonly string[], written: readonly string[]): string[] => {
  const days = new Set(written.map(dayOfPart))
  return [...before.filter((part) => !days.has(dayOfPart(part))), ...written].sort()
}
