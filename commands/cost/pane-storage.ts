import { itemBytes } from '../../local/metering/item-bytes.ts'

const minuteMs = 60_000
const gb = 2 ** 30

/** What DynamoDB adds to each item it stores: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.html */
const indexBytes = 100

/** Days for which items of a grain are kept; those of days for ever, of which a year is counted. */
const kept = [
  { grain: '1m', minutes: 1, days: 90 },
  { grain: '1h', minutes: 60, days: 400 },
  { grain: '1d', minutes: 1440, days: 365 },
] as const

/** The minutes whose panes are compared: long enough ago that their sessions have begun to close. */
const span = { fromMinutes: 10, toMinutes: 2 }

/** How large the table is once what is put in and what expires keep the balance. */
export function paneGbOf(items: readonly unknown[], nowMs: number): number {
  return kept.reduce((sum, { grain, minutes, days }) => {
    const windows = bytesByWindow(items, grain)
    const wanted = [...windows].filter(
      ([startMs]) =>
        grain !== '1m' ||
        (startMs >= nowMs - span.fromMinutes * minuteMs && startMs < nowMs - span.toMinutes * minuteMs),
    )
    // Of hours and days the last one, as far as it has come.
    const bytes =
      grain === '1m'
        ? wanted.reduce((total, [, one]) => total + one, 0) / Math.max(1, wanted.length)
        : (wanted.sort(([a], [b]) => b - a)[0]?.[1] ?? 0)
    return sum + (bytes * days * 1440) / minutes / gb
  }, 0)
}

function bytesByWindow(items: readonly unknown[], grain: string): Map<number, number> {
  const windows = new Map<number, number>()
  for (const item of items) {
    const pk = textOf(item, 'pk', 'S')
    if (pk.split('#')[1] !== grain) continue
    const startMs = Number(textOf(item, 'windowStart', 'N'))
    windows.set(startMs, (windows.get(startMs) ?? 0) + itemBytes(item) + indexBytes)
  }
  return windows
}

const memberOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined

const textOf = (item: unknown, name: string, type: 'S' | 'N'): string =>
  String(memberOf(memberOf(item, name), type) ?? '')
