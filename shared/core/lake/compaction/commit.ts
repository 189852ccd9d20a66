import type { Attempt } from './attempt.ts'
import { dayOfPart } from './names.ts'
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
  await state.replace({
    version: attempt.version,
    through: attempt.through,
    events: replaced(base.events, attempt.events),
    sessions: replaced(base.sessions, attempt.sessions),
    persons: attempt.persons,
    committedAt: ports.now(),
    longestSessionDays: attempt.longestSessionDays,
  })
}

/** The new part of a day in place of its old one. */
const replaced = (before: readonly string[], written: readonly string[]): string[] => {
  const days = new Set(written.map(dayOfPart))
  return [...before.filter((part) => !days.has(dayOfPart(part))), ...written].sort()
}
