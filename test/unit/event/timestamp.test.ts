import { describe, expect, it } from 'vitest'
import { eventTimes, futureToleranceMs } from '../../../shared/core/event/event-time.ts'
import type { Flag } from '../../../shared/core/event/flag.ts'
import { earliestMs, formatTimestamp, parseTimestamp } from '../../../shared/core/event/timestamp.ts'

const noon = Date.UTC(2026, 10, 20, 12)

describe('parseTimestamp', () => {
  it.each([
    ['2026-11-20T12:00:00Z', noon],
    ['2026-11-20T12:00:00.123Z', noon + 123],
    ['2026-11-20T12:00:00.123456789Z', noon + 123],
    ['2026-11-20t12:00:00.5z', noon + 500],
    ['2026-11-20 12:00:00Z', noon],
    ['2026-11-20T14:00:00+02:00', noon],
    ['2026-11-20T06:30:00-0530', noon],
    ['2024-02-29T00:00:00Z', Date.UTC(2024, 1, 29)],
    ['1990-01-01T00:00:00Z', earliestMs],
    [noon, noon],
    [noon + 0.7, noon],
  ])('reads %s', (value, ms) => {
    expect(parseTimestamp(value)).toBe(ms)
  })

  it.each([
    '+275760-09-13T00:00:00.000Z',
    '275760-09-13T00:00:00.000Z',
    8_640_000_000_000_000,
    '2026-02-30T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-00-01T00:00:00Z',
    '2026-11-20T24:00:00Z',
    '2026-11-20T12:60:00Z',
    '2026-11-20T12:00:60Z',
    '2026-11-20T12:00:00+24:00',
    '2026-11-20T12:00:00',
    '2026-11-20',
    '1989-12-31T23:59:59.999Z',
    noon / 1000,
    Number.POSITIVE_INFINITY,
    Number.NaN,
    -1,
    'yesterday',
    '',
    '2'.repeat(100_000),
    null,
    {},
    true,
  ])('refuses %s', (value) => {
    expect(parseTimestamp(value)).toBeUndefined()
  })
})

describe('what stands between the numbers of a timestamp', () => {
  it.each([4, 7, 10, 13, 16, 19, 23])('must be what RFC 3339 says, at %d too', (at) => {
    const text = '2026-11-20T12:00:00.123Z'
    expect(parseTimestamp(`${text.slice(0, at)}_${text.slice(at + 1)}`)).toBeUndefined()
  })
})

describe('formatTimestamp', () => {
  it.each([
    [noon, '2026-11-20 12:00:00.000'],
    [noon - 1, '2026-11-20 11:59:59.999'],
    [Date.UTC(2026, 10, 21) - 1, '2026-11-20 23:59:59.999'],
    [Date.UTC(2026, 10, 21), '2026-11-21 00:00:00.000'],
    [-1, '1969-12-31 23:59:59.999'],
  ])('writes %d as %s', (ms, text) => {
    expect(formatTimestamp(ms)).toBe(text)
  })
})

describe('eventTimes', () => {
  const at = (ms: number) => new Date(ms).toISOString()
  const timesOf = (client: { timestamp?: unknown; originalTimestamp?: unknown; sentAt?: unknown }) => {
    const flags: Flag[] = []
    const { timestamp, originalTimestamp, sentAt } = client
    const { eventTime } = eventTimes({ timestamp, originalTimestamp, sentAt }, noon, flags)
    return { eventTime, flags }
  }

  it('takes out what the clock of the client is off by', () => {
    const wrongClock = noon - 86_400_000
    const times = timesOf({ originalTimestamp: at(wrongClock - 5000), sentAt: at(wrongClock) })
    expect(times).toEqual({ eventTime: noon - 5000, flags: [] })
  })

  it('takes timestamp for the original one when only that is sent', () => {
    expect(timesOf({ timestamp: at(1e12), sentAt: at(1e12 + 5000) }).eventTime).toBe(noon - 5000)
  })

  it('believes a timestamp that comes alone', () => {
    expect(timesOf({ timestamp: at(1e12) })).toEqual({ eventTime: 1e12, flags: [] })
  })

  it('takes the arrival when no time is sent, and says so', () => {
    expect(timesOf({})).toEqual({ eventTime: noon, flags: ['synthetic_time'] })
    expect(timesOf({ sentAt: at(noon) })).toEqual({ eventTime: noon, flags: ['synthetic_time'] })
  })

  it('allows for a clock that is ahead by the tolerance and clamps one that is further ahead', () => {
    const most = noon + futureToleranceMs
    expect(timesOf({ timestamp: at(most) })).toEqual({ eventTime: most, flags: [] })
    expect(timesOf({ timestamp: at(most + 1) })).toEqual({ eventTime: noon, flags: ['clock_clamped'] })
  })

  it('leaves out a time that makes no sense', () => {
    const times = timesOf({ timestamp: '+275760-09-13T00:00:00.000Z', sentAt: 'now' })
    expect(times).toEqual({ eventTime: noon, flags: ['bad_timestamp', 'synthetic_time'] })
  })

  it('does not let two odd clocks put an event before all others', () => {
    const times = timesOf({ originalTimestamp: at(1e12), sentAt: '9999-01-01T00:00:00Z' })
    expect(times).toEqual({ eventTime: noon, flags: ['bad_timestamp'] })
  })
})
