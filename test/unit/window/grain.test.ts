import { describe, expect, it } from 'vitest'
import {
  countWindows,
  flooredModulo,
  grainMs,
  grains,
  isGrain,
  windowEnd,
  windowStart,
  windowStarts,
} from '../../../shared/core/window/grain.ts'

const at = (iso: string): number => Date.parse(iso)

describe('windowStart', () => {
  it.each([
    ['1m', '2026-11-30T13:47:00Z'],
    ['5m', '2026-11-30T13:45:00Z'],
    ['15m', '2026-11-30T13:45:00Z'],
    ['1h', '2026-11-30T13:00:00Z'],
    ['1d', '2026-11-30T00:00:00Z'],
  ] as const)('floors to %s in UTC', (grain, start) => {
    expect(windowStart(at('2026-11-30T13:47:21.999Z'), grain)).toBe(at(start))
  })

  it('puts a time at a border into the window that starts there', () => {
    expect(windowStart(at('2026-11-30T14:00:00.000Z'), '1h')).toBe(at('2026-11-30T14:00:00Z'))
    expect(windowStart(at('2026-11-30T13:59:59.999Z'), '1h')).toBe(at('2026-11-30T13:00:00Z'))
  })

  it('floors times before 1970 downwards', () => {
    expect(windowStart(-1, '1m')).toBe(-60_000)
    expect(windowStart(-60_000, '1m')).toBe(-60_000)
    expect(windowStart(-60_001, '1m')).toBe(-120_000)
  })
})

describe('windowEnd', () => {
  it('is one grain later', () => {
    expect(windowEnd(0, '15m')).toBe(900_000)
  })
})

describe('windowStarts', () => {
  it('names every window that touches the range, whose end is not in it', () => {
    expect([...windowStarts(30_000, 120_000, '1m')]).toEqual([0, 60_000])
    expect([...windowStarts(30_000, 120_001, '1m')]).toEqual([0, 60_000, 120_000])
  })

  it.each([
    [0, 0],
    [5, 4],
  ])('names none in the empty range from %i to %i', (from, to) => {
    expect([...windowStarts(from, to, '1m')]).toEqual([])
    expect(countWindows(from, to, '1m')).toBe(0)
  })

  it.each([
    [30_000, 120_000],
    [30_000, 120_001],
    [-1, 1],
    [0, 60_000],
  ])('are as many as countWindows says from %i to %i', (from, to) => {
    expect(countWindows(from, to, '1m')).toBe([...windowStarts(from, to, '1m')].length)
  })
})

describe('grains', () => {
  it('divide a day, and each divides the next', () => {
    const lengths = grains.map((grain) => grainMs[grain])
    expect(lengths.map((length) => 86_400_000 % length)).toEqual([0, 0, 0, 0, 0])
    expect(lengths.slice(1).map((length, i) => length % (lengths[i] ?? 0))).toEqual([0, 0, 0, 0])
  })

  it.each(['2m', '', undefined, 60_000, 'constructor'])('do not include %j', (grain) => {
    expect(isGrain(grain)).toBe(false)
  })
})

describe('flooredModulo', () => {
  it('is never negative', () => {
    expect([-7, -5, -1, 0, 4, 5].map((x) => flooredModulo(x, 5))).toEqual([3, 0, 4, 0, 4, 0])
  })
})
