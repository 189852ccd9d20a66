import { type ExpectedRow, groupBy } from './query-oracle-rows.ts'

export type StepEvent = {
  readonly session_id: string
  readonly event: string
  readonly event_time: number
  readonly page_path: string | null
  readonly is_bot: boolean
}

export type Of = 'event' | 'page'

/** The steps of each session, in order. */
function walks(events: readonly StepEvent[], of: Of): string[][] {
  const steps = events.flatMap(({ session_id, event, event_time, page_path, is_bot }) => {
    const isPage = event === 'Page Viewed' || event === 'Screen Viewed'
    const item = of === 'event' ? event : isPage ? page_path : null
    return item === null || is_bot ? [] : [{ session_id, event_time, item }]
  })
  return [...groupBy(steps, ({ session_id }) => session_id).values()].map((own) =>
    own.toSorted((a, b) => a.event_time - b.event_time || (a.item < b.item ? -1 : 1)).map(({ item }) => item),
  )
}

const withoutRepeats = (walk: readonly string[]): string[] =>
  walk.filter((item, index) => item !== walk[index - 1])

const counted = (items: readonly string[]): [item: string, times: number][] =>
  [...groupBy(items, (item) => item)].map(([item, same]) => [item, same.length])

export function pathsOracle(
  events: readonly StepEvent[],
  asked: { readonly event: string; readonly isNext: boolean; readonly steps: number; readonly of: Of },
): ExpectedRow[] {
  const around = walks(events, asked.of).flatMap((walk) =>
    walk.flatMap((item, index) =>
      item === asked.event
        ? [Array.from({ length: asked.steps }, (_, i) => walk[asked.isNext ? index + 1 + i : index - 1 - i])]
        : [],
    ),
  )
  return Array.from({ length: asked.steps }, (_, i) => i).flatMap((place) =>
    counted(around.map((steps) => steps[place] ?? '(none)')).map(([item, times]) => ({
      step: place + 1,
      item,
      times,
      share: times / around.length,
    })),
  )
}

export function journeysOracle(events: readonly StepEvent[], of: Of, steps: number): ExpectedRow[] {
  const begun = walks(events, of).map((walk) => withoutRepeats(walk).slice(0, steps))
  return [...groupBy(begun, (walk) => walk.join(' > '))].map(([journey, same]) => ({
    journey,
    steps: same[0]?.length ?? 0,
    sessions: same.length,
    share: same.length / begun.length,
  }))
}

export function dropOffOracle(events: readonly StepEvent[], of: Of, steps: number): ExpectedRow[] {
  const lengths = walks(events, of).map((walk) => withoutRepeats(walk).length)
  return Array.from({ length: Math.min(steps, Math.max(0, ...lengths)) }, (_, i) => i + 1).map((step) => {
    const sessions = lengths.filter((length) => length >= step).length
    const ended = lengths.filter((length) => length === step).length
    return { step, sessions, ended, drop_off: ended / sessions, remaining: sessions / lengths.length }
  })
}
