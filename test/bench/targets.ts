import type { FigureName, Figures } from './part.ts'

/** A figure is past its target when it is more than `most` or less than `least`. */
type Bound =
  | { readonly most: number; readonly least?: undefined }
  | { readonly least: number; readonly most?: undefined }

export type Target = Bound & {
  readonly figure: FigureName
  readonly unit: string
  /** It is the machine's as much as the program's: for bench:full to judge, and never for --check. */
  readonly isOfMachine?: true
  /**
   * Of a target that is not met: where the figure was, by --check, or by bench:full when it is the machine's. --check fails
   * when it gets worse. Whoever makes it better writes that here; whoever meets the target takes it out.
   */
  readonly reached?: { readonly value: number; readonly on: string } | undefined
}

/** What should hold. A target is never moved: what is not met yet says how far it is. */
export const targets: readonly Target[] = [
  { figure: 'whole pass', most: 5, unit: '× floor', reached: { value: 13.8, on: '2026-11-21' } },
  {
    figure: 'faster than the tutorial, signed',
    least: 20,
    unit: '×',
    reached: { value: 16.3, on: '2026-11-21' },
  },
  {
    figure: 'faster than the tutorial, send stubbed',
    least: 2.5,
    unit: '×',
    reached: { value: 0.72, on: '2026-11-21' },
  },
  { figure: 'growth with events', most: 1.15, unit: '× the shortest run' },
  {
    figure: 'growth with live visitors',
    most: 1.15,
    unit: '× the fewest',
    reached: { value: 1.65, on: '2026-11-21' },
  },
  { figure: 'largest zip', most: 12, unit: 'MB' },
  { figure: 'slowest import', most: 80, unit: 'ms', isOfMachine: true },
  {
    figure: 'events a second, end to end',
    least: 15_000,
    unit: 'a second',
    isOfMachine: true,
    reached: { value: 9_436, on: '2026-11-21' },
  },
  {
    figure: 'memory of the stack',
    most: 700,
    unit: 'MB',
    isOfMachine: true,
    reached: { value: 1_358, on: '2026-11-21' },
  },
  {
    figure: 'growth of its memory',
    most: 1.15,
    unit: '× its second quarter',
    isOfMachine: true,
    reached: { value: 1.26, on: '2026-11-21' },
  },
  { figure: 'latency, 99th percentile', most: 3_000, unit: 'ms', isOfMachine: true },
]

/** What a ratio may be off by on a machine that others use too. */
export const noise = 0.15

export type Verdict = {
  readonly target: Target
  readonly value: number | undefined
  /**
   * `near`: past the target by no more than noise may be. `behind`: past it, as it is known to be, but not worse than it was.
   * `worse`: past it, and past where it was.
   */
  readonly state: 'met' | 'near' | 'behind' | 'worse' | 'not measured'
}

export const judgeFigures = (
  figures: Figures,
  { tolerance = noise, of = targets }: { readonly tolerance?: number; readonly of?: readonly Target[] } = {},
): Verdict[] =>
  of.map((target) => {
    const value = figures.get(target.figure)
    return { target, value, state: value === undefined ? 'not measured' : stateOf(value, target, tolerance) }
  })

const stateOf = (value: number, target: Target, tolerance: number): Verdict['state'] => {
  if (excessOf(value, target) <= 1) return 'met'
  const { reached } = target
  // What is no number is past every bound: what could not be measured has not been met.
  if (!(excessOf(value, target, reached?.value) <= 1 + tolerance)) return 'worse'
  return reached === undefined ? 'near' : 'behind'
}

const isBetter = (a: number, b: number, target: Target): boolean =>
  Number.isNaN(b) || excessOf(a, target) < excessOf(b, target)

/** Over 1 when past the bound. */
const excessOf = (value: number, { most, least }: Target, bound = most ?? least): number =>
  most === undefined ? bound / value : value / bound

/** Of each figure the better one: whatever else a machine does makes most of them worse, and none of them better for long. */
export const betterOf = (first: Figures, second: Figures, of: readonly Target[] = targets): Figures =>
  new Map(
    of.flatMap((target) => {
      const [a, b] = [first.get(target.figure), second.get(target.figure)]
      const value = a === undefined || (b !== undefined && isBetter(b, a, target)) ? b : a
      return value === undefined ? [] : [[target.figure, value]]
    }),
  )

export const isFailure = ({ state }: Verdict): boolean => state === 'worse' || state === 'not measured'

export const verdictText = ({ target, value, state }: Verdict): string => {
  const { figure, unit, most, least, reached } = target
  const bound = most === undefined ? `at least ${least}` : `at most ${most}`
  const missedBy =
    value === undefined || state === 'met'
      ? ''
      : `, missed by a factor of ${excessOf(value, target).toFixed(2)}`
  const known = reached === undefined ? '' : `; ${numberText(reached.value)} on ${reached.on}`
  return `${state.padEnd(12)} ${figure}: ${numberText(value)} ${unit}, ${bound}${missedBy}${known}`
}

const numberText = (value: number | undefined): string => value?.toFixed(value < 100 ? 2 : 0) ?? '–'

/** What to change in this file now that the figure is better than it says. */
export const adviceOf = ({ target, value, state }: Verdict, tolerance = noise): string | undefined => {
  const { figure, reached } = target
  if (value === undefined || reached === undefined) return undefined
  if (state === 'met') return `${figure}: met; take its "reached" out of test/bench/targets.ts`
  const better = 1 / excessOf(value, target, reached.value)
  return better > 1 + tolerance
    ? `${figure}: better than the ${numberText(reached.value)} of ${reached.on}; make that ${numberText(value)} in test/bench/targets.ts`
    : undefined
}
