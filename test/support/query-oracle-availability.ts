import type { ExpectedRow } from './query-oracle-rows.ts'
import type { Schedule } from './query-schedules.ts'

export type StoreView = { readonly properties_store_id: string; readonly event_time: number }

type Quarter = {
  store_id: string
  country: string
  start: number
  day: string
  is_open: boolean
  views: number
}

const minute = 60_000
const quarterMs = 15 * minute

/** Looks at the wall clock of every minute: a quarter hour is open when one row of the schedule is so in all of its minutes. */
export function storeQuarters(
  schedules: readonly Schedule[],
  views: readonly StoreView[],
  { from, to }: { readonly from: number; readonly to: number },
): Quarter[] {
  const stores = new Map(schedules.map(([store, country, zone]) => [store, { country, zone }]))
  const starts: number[] = []
  for (let start = Math.ceil(from / quarterMs) * quarterMs; start + quarterMs <= to; start += quarterMs)
    starts.push(start)
  return [...stores].flatMap(([store_id, { country, zone }]) =>
    starts.map((start) => {
      const minutes = Array.from({ length: 15 }, (_, index) => wallClock(start + index * minute, zone))
      const rows = schedules.filter(([store]) => store === store_id)
      return {
        store_id,
        country,
        start,
        day: minutes[0]?.date ?? '',
        is_open: rows.some((row) => minutes.every((wall) => isOpen(row, wall))),
        views: views.filter(
          ({ properties_store_id, event_time }) =>
            properties_store_id === store_id && event_time >= start && event_time < start + quarterMs,
        ).length,
      }
    }),
  )
}

export const availabilityOracle = (quarters: readonly Quarter[]): ExpectedRow[] =>
  quarters.map(({ store_id, country, start, is_open, views }) => ({
    store_id,
    country,
    quarter_start: new Date(start).toISOString(),
    is_open,
    views,
    is_shown: views > 0,
  }))

/** By day and country. */
export function availabilityByDayOracle(quarters: readonly Quarter[]): ExpectedRow[] {
  const open = quarters.filter(({ is_open }) => is_open)
  const keys = new Set(open.map(({ day, country }) => `${day} ${country}`))
  return [...keys].map((key) => {
    const there = open.filter(({ day, country }) => `${day} ${country}` === key)
    const shown = there.filter(({ views }) => views > 0)
    const stores = new Set(there.map(({ store_id }) => store_id))
    const [day = '', segment = ''] = key.split(' ')
    return {
      day,
      segment,
      stores: stores.size,
      dark_stores: [...stores].filter((store) => shown.every(({ store_id }) => store_id !== store)).length,
      open_quarters: there.length,
      shown_quarters: shown.length,
      availability: shown.length / there.length,
    }
  })
}

type WallClock = { readonly date: string; readonly weekday: number; readonly time: string }

const clocks = new Map<string, Intl.DateTimeFormat>()

function wallClock(ms: number, timeZone: string): WallClock {
  const clock =
    clocks.get(timeZone) ??
    new Intl.DateTimeFormat('sv-SE', {
      timeZone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
    })
  clocks.set(timeZone, clock)
  // 2026-11-01 08:00
  const [date = '', time = ''] = clock.format(ms).split(' ')
  return { date, time, weekday: new Date(date).getUTCDay() || 7 }
}

function isOpen([, , , weekdays, opens, closes]: Schedule, { weekday, time }: WallClock): boolean {
  const overnight = closes <= opens
  const today = weekdays.includes(String(weekday)) && time >= opens && (overnight || time < closes)
  const yesterday = weekdays.includes(String(weekday === 1 ? 7 : weekday - 1)) && overnight && time < closes
  return today || yesterday
}
