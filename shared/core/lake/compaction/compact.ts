import type { Attempt } from './attempt.ts'
import { commit, plannedState } from './commit.ts'
import { midnightBefore } from './day.ts'
import { finish } from './finish.ts'
import { clocksBehind, gate } from './gate.ts'
import { runId } from './names.ts'
import { nextSpan } from './next-span.ts'
import { planAttempt } from './plan.ts'
import type { CompactionPorts } from './ports.ts'
import { type Guarded, loadAttempt, loadState, OtherRun, stateOf } from './progress.ts'
import { areViewsTooLong, publish } from './publish.ts'
import { attemptOf, type CompactionSettings, type Run } from './run.ts'
import type { CompactionState } from './state.ts'
import { dropWork, sweep } from './sweep.ts'
import { baseOf, writeParts } from './write-parts.ts'

export type { CompactionSettings } from './run.ts'

/** Nobody's clock has passed midnight before this. */
export const marginMs = 30 * 60_000

export type CompactionResult = {
  /** committed: readers see a new state. waits: something must come or be done first, as the reason says. left: the next run goes on. */
  readonly outcome: 'committed' | 'up to date' | 'waits' | 'left'
  readonly reason: string
  /** What readers see now. */
  readonly version: number
  readonly through: number
  /** True when a midnight has passed that is not compacted. */
  readonly isBehind: boolean
  readonly commits: number
  /** Rows that were counted, did not come and were given up. */
  readonly missing: number
  /** Sessions that differ between stream and batch layer, on the days that were compared. */
  readonly difference: number
  readonly partsWritten: number
  readonly foldersSwept: number
}

type Tally = Pick<CompactionResult, 'commits' | 'missing' | 'difference' | 'partsWritten' | 'foldersSwept'>
type Ending = Pick<CompactionResult, 'outcome' | 'reason'>

const outOfTime: Ending = { outcome: 'left', reason: 'out of time' }

/**
 * One run: goes on with the attempt that is under way, then begins the next as long as a midnight has passed that is not
 * compacted. It may die anywhere: whatever it had not written down is done again by the next, under other names.
 */
export const compact = async (
  settings: CompactionSettings,
  ports: CompactionPorts,
): Promise<CompactionResult> => {
  const state = await loadState(ports.objects)
  const attempt = await loadAttempt(ports.objects)
  const tally = { commits: 0, missing: 0, difference: 0, partsWritten: 0, foldersSwept: 0 }
  const { version, through } = stateOf(state)
  let ending: Ending
  try {
    ending = await steps(attempt, state, { settings, ports, tally })
  } catch (error) {
    if (!(error instanceof OtherRun)) throw error
    ending = { outcome: 'left', reason: error.message }
  }
  const seen = state.value ?? { version, through }
  const isBehind = seen.through < targetOf(ports)
  return { ...ending, version: seen.version, through: seen.through, isBehind, ...tally }
}

const targetOf = (ports: CompactionPorts): number => midnightBefore(ports.now() - marginMs)

type Surroundings = {
  readonly settings: CompactionSettings
  readonly ports: CompactionPorts
  readonly tally: { -readonly [Name in keyof Tally]: number }
}

const steps = async (
  attempt: Guarded<Attempt>,
  state: Guarded<CompactionState>,
  { settings, ports, tally }: Surroundings,
): Promise<Ending> => {
  const finished = async (run: Run): Promise<boolean> => {
    if (!(await finish(attempt, stateOf(state), run))) return false
    tally.difference += attemptOf(attempt).compared?.difference ?? 0
    return true
  }
  // Another name for each attempt: what one has written the next must not find in its way.
  const newRun = (): Run => ({ id: runId(ports.now(), ports.chance()), settings, ports })
  const isCommitted = attempt.value?.version === stateOf(state).version && !attempt.value.finished
  if (isCommitted && !(await finished(newRun()))) return outOfTime
  // A deploy may have changed the views.
  await publish({ tables: settings.tables, state: stateOf(state) }, ports)

  // Stays until an attempt has begun by it: one that is under way already is gone on with first.
  let isAnew = settings.fromScratch ?? false
  for (;;) {
    const run = newRun()
    const isUnderWay = attempt.value?.version === stateOf(state).version + 1
    if (!isUnderWay) {
      if (tally.commits === 0)
        tally.foldersSwept = await sweep({ state: stateOf(state), tables: settings.tables }, ports)
      if (stateOf(state).through >= targetOf(ports) && !isAnew)
        return { outcome: tally.commits > 0 ? 'committed' : 'up to date', reason: '' }
      if (ports.isOutOfTime()) return outOfTime
      const begun = await begin(attempt, stateOf(state), { run, isAnew })
      if ('reason' in begun) return { outcome: 'waits', reason: begun.reason }
      tally.missing += begun.missing
      isAnew = false
    }
    const { isDone, written } = await writeParts(attempt, stateOf(state), run)
    tally.partsWritten += written
    if (!isDone) return outOfTime
    await commit(attempt, state, run)
    tally.commits++
    if (!(await finished(run))) return outOfTime
  }
}

/** Plans the next attempt and writes the plan down, or says why it cannot begin. */
const begin = async (
  attempt: Guarded<Attempt>,
  state: CompactionState,
  { run, isAnew }: { readonly run: Run; readonly isAnew: boolean },
): Promise<{ readonly missing: number } | { readonly reason: string }> => {
  const { settings, ports } = run
  const from = isAnew ? 0 : state.through
  // Before Athena is asked anything: on a stage without events this is all that a run does.
  const reason = settings.unchecked ? undefined : await clocksBehind(from, ports)
  if (reason !== undefined) return { reason }
  const span = await nextSpan(from, targetOf(ports), ports)
  const answer = settings.unchecked ? { open: true as const, missing: 0 } : await gate(span, ports)
  if (!answer.open) return { reason: answer.reason }
  const base = { ...state, ...baseOf(span, state) }
  const plan = { span, state: base, version: state.version + 1, run: run.id }
  const planned = await planAttempt(plan, settings.tables, ports)
  if (areViewsTooLong(settings.tables, plannedState(planned, base))) {
    await dropWork(run.id, ['closed', 'sessions'], ports)
    return { reason: 'the views would name more days than Athena takes in a statement' }
  }
  await attempt.replace(planned)
  return { missing: answer.missing }
}
