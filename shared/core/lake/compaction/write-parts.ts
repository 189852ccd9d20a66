import type { Attempt } from './attempt.ts'
import { eventsOfDay, personsOf, sessionsOfDay } from './daily-parts.ts'
import { dayOf } from './day.ts'
import { type DailyTable, dayOfPart, partPrefix, partsOfDays, workTable } from './names.ts'
import type { CompactionPorts } from './ports.ts'
import type { Guarded } from './progress.ts'
import { attemptOf, type Run } from './run.ts'
import type { CompactionState } from './state.ts'
import { writePart } from './write-part.ts'

/** What the parts of an attempt take the place of: nothing, when all of history is written anew. */
export const baseOf = (
  { from }: Pick<Attempt, 'from'>,
  state: CompactionState,
): Pick<CompactionState, 'events' | 'sessions' | 'persons'> =>
  from === 0 ? { events: [], sessions: [], persons: null } : state

/** Writes the parts that the attempt still lacks, each written down when it is there. */
export const writeParts = async (
  guarded: Guarded<Attempt>,
  state: CompactionState,
  run: Run,
): Promise<{ readonly isDone: boolean; readonly written: number }> => {
  let written = 0
  const left = partsLeft(attemptOf(guarded), baseOf(attemptOf(guarded), state), run)
  for (const { table, day, oldParts, newBytes, select } of left) {
    if (run.ports.isOutOfTime()) return { isDone: false, written }
    const estimatedBytes = newBytes + (await bytesOf(table, oldParts, run.ports))
    const part = await writePart({ table, day, run: run.id, estimatedBytes, select }, run.ports)
    const attempt = attemptOf(guarded)
    await guarded.replace({
      ...attempt,
      ...(table === 'events_daily' && { events: [...attempt.events, part] }),
      ...(table === 'sessions_daily' && { sessions: [...attempt.sessions, part] }),
      ...(table === 'persons' && { persons: part }),
    })
    written++
  }
  return { isDone: true, written }
}

type PartLeft = {
  readonly table: DailyTable
  readonly day: string
  readonly oldParts: readonly string[]
  /** Of what is added to the old parts, guessed. */
  readonly newBytes: number
  readonly select: string
}

const partsLeft = (
  attempt: Attempt,
  base: ReturnType<typeof baseOf>,
  { settings: { tables } }: Run,
): PartLeft[] => {
  const span = { from: attempt.from, to: attempt.through }
  const sessions = workTable(attempt.run, 'sessions')
  const isLeft = (parts: readonly string[]) => (day: string) => !parts.some((part) => dayOfPart(part) === day)
  const events = Object.keys(attempt.eventDays).sort().filter(isLeft(attempt.events))
  const oldPersons = base.persons === null ? [] : [base.persons]
  return [
    ...events.map((day): PartLeft => {
      const oldParts = partsOfDays(base.events, new Set([day]))
      const select = eventsOfDay(day, { span, tables, sessions, oldParts })
      const newBytes = (attempt.eventDays[day] ?? 0) * attempt.bytesPerRow
      return { table: 'events_daily', day, oldParts, newBytes, select }
    }),
    ...attempt.sessionDays.filter(isLeft(attempt.sessions)).map((day): PartLeft => {
      const oldParts = partsOfDays(base.sessions, new Set([day]))
      const select = sessionsOfDay(day, { span, tables, sessions, oldParts })
      return { table: 'sessions_daily', day, oldParts, newBytes: 0, select }
    }),
    ...(attempt.persons === null
      ? [
          {
            table: 'persons',
            day: dayOf(attempt.through),
            oldParts: oldPersons,
            newBytes: 0,
            select: personsOf({ span, oldParts: oldPersons }),
          } as const,
        ]
      : []),
  ]
}

const bytesOf = async (
  table: DailyTable,
  parts: readonly string[],
  { objects }: CompactionPorts,
): Promise<number> => {
  let total = 0
  for (const part of parts) total += (await objects.sizeOf(partPrefix(table, part))).bytes
  return total
}
