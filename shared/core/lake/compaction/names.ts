import { dayOf } from './day.ts'

export const dailyTables = ['events_daily', 'sessions_daily', 'persons'] as const
export type DailyTable = (typeof dailyTables)[number]

const secondDigits = 7
/** Chance is 32 bits in base 36. */
export const longestRunId = secondDigits + 7

const runPattern = /^[0-9a-z]{7}[0-9a-z]+$/

/**
 * Names all that one run writes: its first second in base 36, so that names tell their age and sort by it, then chance.
 * No two runs share a folder, whatever is retried or thaws late.
 */
export const runId = (nowMs: number, chance: string): string =>
  `${Math.floor(nowMs / 1000)
    .toString(36)
    .padStart(secondDigits, '0')}${chance}`

/** When the run began; undefined when the text is no run's name. */
export const runStartMs = (run: string): number | undefined =>
  runPattern.test(run) ? Number.parseInt(run.slice(0, secondDigits), 36) * 1000 : undefined

/** A part of a daily table: a day, and the run that wrote it. `take` counts how often the run had to write it. */
export const partName = (day: string, run: string, take = 0): string =>
  `${day}.${run}${take === 0 ? '' : `-${take}`}`

/** `2026-11-01` of the part `2026-11-01.t5zq1x8f2k`. */
export const dayOfPart = (part: string): string => part.slice(0, 10)

export const runOfPart = (part: string): string => part.slice(11).replace(/-\d$/, '')

/** The parts of these days. */
export const partsOfDays = (parts: readonly string[], days: ReadonlySet<string>): string[] =>
  parts.filter((part) => days.has(dayOfPart(part)))

/** Folder of a part, as a prefix of keys. */
export const partPrefix = (table: DailyTable, part: string): string => `${table}/part=${part}/`

/** The table through which a part is written: it is dropped at once, its files stay. */
export const partTable = (table: DailyTable, part: string): string =>
  `compact_${table}_${part.replace(/[^0-9a-z]/g, '_')}`

/** What a run keeps while it is at work, in tables of its own. */
export const workKinds = ['closed', 'sessions', 'differences'] as const
export type WorkKind = (typeof workKinds)[number]

export const workTable = (run: string, kind: WorkKind): string => `compact_${kind}_${run}`

export const workFolder = 'compaction/'

/** Says that a run has work tables: one without rows has no file that would. */
export const workMark = (run: string): string => `${workFolder}${run}/begun`

export const workPrefix = (run: string, kind: WorkKind): string => `${workFolder}${run}/${kind}/`

/** The part of `persons` has the day up to which it knows, not a day of its rows. */
export const personsPart = (through: number, run: string): string => partName(dayOf(through), run)
