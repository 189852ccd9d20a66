import { describe, expect, it } from 'vitest'
import { isComplete } from '../../../shared/core/window/complete.ts'

const window = { end: 1_000, latenessMs: 100, ofSessions: false }
const lane = (clock: number, earliestOpenStart?: number) => ({
  lanes: 2,
  clock,
  ...(earliestOpenStart !== undefined && { earliestOpenStart }),
})

describe('a window', () => {
  it('is complete once every clock is past its end by the lateness', () => {
    expect(isComplete(window, [lane(1_101), lane(1_101)])).toBe(true)
  })

  it('is not while one clock stands exactly at its end plus the lateness', () => {
    expect(isComplete(window, [lane(1_101), lane(1_100)])).toBe(false)
  })

  it('is not while a lane is missing', () => {
    expect(isComplete(window, [lane(9_999)])).toBe(false)
  })

  it('is not before any lane has spoken', () => {
    expect(isComplete(window, [])).toBe(false)
  })

  it('is not while a lane has no clock', () => {
    expect(isComplete(window, [lane(9_999), { lanes: 2 }])).toBe(false)
  })

  it('of events does not wait for open sessions', () => {
    expect(isComplete(window, [lane(9_999, 5), lane(9_999)])).toBe(true)
  })

  it('of sessions waits for a session that started before its end', () => {
    const ofSessions = { ...window, ofSessions: true }
    expect(isComplete(ofSessions, [lane(9_999, 999), lane(9_999)])).toBe(false)
    expect(isComplete(ofSessions, [lane(9_999, 1_000), lane(9_999)])).toBe(true)
  })
})
