import type { Compacted } from '../compacted.ts'

/** Where the state lies in the lake's bucket. */
export const stateKey = 'compacted/state.json'

/** What the readers go by, and what the next run needs to know besides. */
export type CompactionState = Compacted & {
  /** When it was committed. */
  readonly committedAt: number
  /** No session of the daily tables touches more days than this: how far before a day those that reach into it can start. */
  readonly longestSessionDays: number
}

/** Before the first commit: everything comes from the streaming tables. */
export const nothingCompacted: CompactionState = {
  version: 0,
  through: 0,
  events: [],
  sessions: [],
  persons: null,
  committedAt: 0,
  longestSessionDays: 1,
}

export const encodeState = (state: CompactionState): Uint8Array =>
  new TextEncoder().encode(JSON.stringify(state))

/** Throws when the object is no state: readers must not guess. */
export const decodeState = (bytes: Uint8Array): CompactionState => {
  const value: unknown = JSON.parse(new TextDecoder().decode(bytes))
  if (!isState(value)) throw new Error(`${stateKey} is not a state of the compaction`)
  return value
}

const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string')

const isState = (value: unknown): value is CompactionState => {
  if (typeof value !== 'object' || value === null) return false
  const { version, through, events, sessions, persons, committedAt, longestSessionDays } =
    value as Partial<CompactionState>
  return (
    [version, through, committedAt, longestSessionDays].every(Number.isSafeInteger) &&
    isTexts(events) &&
    isTexts(sessions) &&
    (persons === null || typeof persons === 'string')
  )
}
