import type { Attempt } from './attempt.ts'
import { dayOf } from './day.ts'
import { dayOfPart, longestRunId, partName } from './names.ts'
import type { Guarded } from './progress.ts'
import { stateOf } from './progress.ts'
import { attemptOf, type Run } from './run.ts'
import type { CompactionState } from './state.ts'
import { addPartitions } from './write-part.ts'
import { baseOf } from './write-parts.ts'

/** The one moment at which what counts changes. */
export const commit = async (
  guarded: Guarded<Attempt>,
  state: Guarded<CompactionState>,
  { ports }: Run,
): Promise<void> => {
  const attempt = attemptOf(guarded)
  const base = baseOf(attempt, stateOf(state))
  await addPartitions('events_daily', attempt.events, ports)
  await addPartitions('sessions_daily', attempt.sessions, ports)
  await addPartitions('persons', attempt.persons === null ? [] : [attempt.persons], ports)
  await state.replace(stateAfter(attempt, base, ports.now()))
}

type Base = Pick<CompactionState, 'events' | 'sessions'>

const stateAfter = (attempt: Attempt, base: Base, committedAt: number): CompactionState => ({
  version: attempt.version,
  through: attempt.through,
  events: replaced(base.events, attempt.events),
  sessions: replaced(base.sessions, attempt.sessions),
  persons: attempt.persons,
  committedAt,
  longestSessionDays: attempt.longestSessionDays,
})

/** What an attempt will commit of which nothing is written yet, its parts under names as long as they can be. */
export const plannedState = (attempt: Attempt, base: Base): CompactionState => {
  const run = attempt.run.padEnd(longestRunId, '0')
  const named = (days: readonly string[]) => days.map((day) => partName(day, run, 1))
  const parts = { events: named(Object.keys(attempt.eventDays)), sessions: named(attempt.sessionDays) }
  const [persons = null] = named([dayOf(attempt.through)])
  return stateAfter({ ...attempt, ...parts, persons }, base, 0)
}

/** The new part of a day in place of its old one. */
const replaced = (before: readonly string[], written: readonly string[]): string[] => {
  const days = new Set(written.map(dayOfPart))
  return [...before.filter((part) => !days.has(dayOfPart(part))), ...written].sort()
}
