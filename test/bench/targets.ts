import type { FigureName, Figures } from './part.ts'

export type Target = {
  readonly figure: FigureName
  readonly unit: string
  /** One of the two. */
  readonly most?: number
  readonly least?: number
}

/** What must hold, whatever the machine: ratios of one run. */
export const targets: readonly Target[] = [
  { figure: 'whole pass', most: 5, unit: '× floor' },
  { figure: 'faster than the tutorial, signed', least: 20, unit: '×' },
  { figure: 'faster than the tutorial, send stubbed', least: 2.5, unit: '×' },
  { figure: 'growth with events', most: 1.15, unit: '× the shortest run' },
  { figure: 'growth with live visitors', most: 1.15, unit: '× the fewest' },
]

/** What a ratio may be off by on a machine that others use too. */
export const noise = 0.15

export type Verdict = {
  readonly target: Target
  readonly value: number | undefined
  /** `near`: past the target by no more than noise may be. */
  readonly state: 'met' | 'near' | 'missed' | 'not measured'
}

export const judgeFigures = (figures: Figures, tolerance: number = noise): Verdict[] =>
  targets.map((target) => {
    const value = figures.get(target.figure)
    return { target, value, state: value === undefined ? 'not measured' : stateOf(value, target, tolerance) }
  })

const stateOf = (value: number, { most, least }: Target, tolerance: number): Verdict['state'] => {
  // NaN is past every target: what could not be measured has not been met.
  const excess = most !== undefined ? value / most : (least ?? Number.NaN) / value
  if (excess <= 1) return 'met'
  return excess <= 1 + tolerance ? 'near' : 'missed'
}

export const isMissed = ({ state }: Verdict): boolean => state === 'missed' || state === 'not measured'

export const verdictText = ({ target, value, state }: Verdict): string => {
  const bound = target.most === undefined ? `at least ${target.least}` : `at most ${target.most}`
  const measured = value === undefined ? '–' : value.toFixed(2)
  return `${state.padEnd(12)} ${target.figure}: ${measured} ${target.unit}, ${bound}`
}
