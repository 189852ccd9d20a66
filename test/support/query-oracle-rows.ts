import { expect } from 'vitest'
import type { AnswerRow } from './query-tables.ts'

/** Rows that an oracle expects: the figures as they are, not rounded. */
export type ExpectedRow = Readonly<Record<string, string | number | boolean | null>>

/**
 * Compares as sets. A query rounds its figures: `digits` says of a column to how many places, and its figure may be off
 * by half of the last one; every other column must be equal.
 */
export function expectRows(
  actual: readonly AnswerRow[],
  expected: readonly ExpectedRow[],
  digits: Readonly<Record<string, number>> = {},
): void {
  const keyOf = (row: AnswerRow | ExpectedRow) =>
    JSON.stringify(Object.entries(row).filter(([, value]) => typeof value === 'string'))
  const sorted = <Row extends AnswerRow | ExpectedRow>(rows: readonly Row[]) =>
    rows.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
  const others = sorted(expected)
  const rounded = sorted(actual).map((row, index) => {
    const other = others[index] ?? {}
    // What is near enough takes the value it is compared with.
    const near = Object.entries(digits).filter(([name, places]) => {
      const [is, should] = [row[name], other[name]]
      const margin = 10 ** -places / 2 + 1e-9
      return typeof is === 'number' && typeof should === 'number' && Math.abs(is - should) <= margin
    })
    return { ...row, ...Object.fromEntries(near.map(([name]) => [name, other[name]])) }
  })
  expect(rounded).toEqual(others)
}

/** Groups in the order in which their keys come up. */
export function groupBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>()
  for (const item of items) {
    const group = groups.get(keyOf(item))
    if (group === undefined) groups.set(keyOf(item), [item])
    else group.push(item)
  }
  return groups
}

/** First day of a UTC day, week (from Monday) or month. */
export function periodOf(ms: number, every: 'day' | 'week' | 'month'): string {
  const time = new Date(ms)
  if (every === 'month') time.setUTCDate(1)
  while (every === 'week' && time.getUTCDay() !== 1) time.setUTCDate(time.getUTCDate() - 1)
  return time.toISOString().slice(0, 10)
}
