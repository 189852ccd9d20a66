import type { Attempt } from './attempt.ts'
import { correctionsOfDay } from './corrections.ts'
import { differences, differencesOfDay } from './differences.ts'
import { partsOfDays, workTable } from './names.ts'
import type { Guarded } from './progress.ts'
import { publish } from './publish.ts'
import { attemptOf, type Run } from './run.ts'
import type { CompactionState } from './state.ts'
import { dropWork } from './sweep.ts'
import { writeWorkTable } from './write-part.ts'

/**
 * What is left to do after a commit: show it to readers, correct the panes, clear up. False when time ran out.
 * Whoever finds it half done goes on with it.
 */
export const finish = async (
  guarded: Guarded<Attempt>,
  state: CompactionState,
  run: Run,
): Promise<boolean> => {
  const { ports, settings } = run
  const { tables } = settings
  await publish({ tables, state }, ports)
  const { comparedDays: days, through } = attemptOf(guarded)
  if (days.length > 0 && attemptOf(guarded).compared === null) {
    const parts = partsOfDays(state.sessions, new Set(days))
    const select = differences({ tables, days, through, parts })
    await writeWorkTable({ run: run.id, kind: 'differences', select }, ports)
    const compared = { run: run.id, days: [], difference: 0 }
    await guarded.replace({ ...attemptOf(guarded), compared })
  }
  for (const day of days) {
    if (attemptOf(guarded).compared?.days.includes(day)) continue
    if (ports.isOutOfTime()) return false
    await correct(day, guarded, run)
  }
  const attempt = attemptOf(guarded)
  await dropWork(attempt.run, ['closed', 'sessions'], ports)
  if (attempt.compared !== null) await dropWork(attempt.compared.run, ['differences'], ports)
  await guarded.replace({ ...attempt, finished: true })
  return true
}

const correct = async (
  day: string,
  guarded: Guarded<Attempt>,
  { ports, settings: { tables, metrics } }: Run,
): Promise<void> => {
  const { compared, version, through } = attemptOf(guarded)
  if (compared === null) throw new Error('corrected before it was compared')
  const table = workTable(compared.run, 'differences')
  const found = await differencesOfDay({ table, day, tables }, ports)
  const of = { day, differences: found, metrics, version, through }
  await ports.panes.publish(await correctionsOfDay(of, ports))
  const days = [...compared.days, day]
  const difference = compared.difference + found.length
  await guarded.replace({ ...attemptOf(guarded), compared: { ...compared, days, difference } })
}
