import { describe, expect, it } from 'vitest'
import { bucketCount, targetBytes } from '../../../shared/core/lake/compaction/bucket-count.ts'
import { dayMs, daysBetween, midnightBefore } from '../../../shared/core/lake/compaction/day.ts'
import {
  dayOfPart,
  partName,
  partTable,
  runId,
  runOfPart,
  runStartMs,
} from '../../../shared/core/lake/compaction/names.ts'
import { decodeState, encodeState, nothingCompacted } from '../../../shared/core/lake/compaction/state.ts'

const noon = Date.UTC(2026, 10, 21, 12)

describe('names', () => {
  it('of runs tell when they began, and sort by it', () => {
    const runs = [noon, noon + 1_000, noon + 400 * dayMs].map((ms) => runId(ms, '0'))
    expect(runs.map(runStartMs)).toEqual([noon, noon + 1_000, noon + 400 * dayMs])
    expect(runs.toSorted()).toEqual(runs)
  })

  it('of parts give back their day and their run, however often the run wrote them', () => {
    const run = runId(noon, 'k3x')
    for (const take of [0, 1]) {
      const part = partName('2026-11-01', run, take)
      expect([dayOfPart(part), runOfPart(part)]).toEqual(['2026-11-01', run])
    }
  })

  it('of tables need no quotes', () => {
    expect(partTable('events_daily', partName('2026-11-01', runId(noon, 'a'), 1))).toMatch(
      /^[a-z][a-z0-9_]+$/,
    )
  })

  it.each(['', 'data', '2026-11-01', '../../x'])('%j is no name of a run, and is never swept', (text) => {
    expect(runStartMs(text)).toBeUndefined()
  })
})

describe('days', () => {
  it('begin at midnight, which belongs to the day it begins', () => {
    const midnight = Date.UTC(2026, 10, 21)
    expect([midnight - 1, midnight, midnight + dayMs - 1].map(midnightBefore)).toEqual([
      midnight - dayMs,
      midnight,
      midnight,
    ])
  })

  it('between two are both of them and all in between', () => {
    expect(daysBetween('2026-02-27', '2026-03-01')).toEqual(['2026-02-27', '2026-02-28', '2026-03-01'])
    expect(daysBetween('2026-03-01', '2026-03-01')).toEqual(['2026-03-01'])
  })
})

describe('the number of files', () => {
  it.each([
    [0, 1],
    [targetBytes - 1, 1],
    [targetBytes, 1],
    [2 * targetBytes - 1, 1],
    [2 * targetBytes, 2],
    [10.9 * targetBytes, 10],
  ])('for an estimate of %d bytes is %d', (bytes, files) => {
    expect(bucketCount(bytes)).toBe(files)
    expect(files).toBeLessThanOrEqual(Math.max(1, Math.ceil(bytes / targetBytes)))
  })
})

describe('the state', () => {
  it('comes back as it was written', () => {
    const state = { ...nothingCompacted, version: 3, through: noon, events: ['2026-11-01.a'], persons: 'p' }
    expect(decodeState(encodeState(state))).toEqual(state)
  })

  it.each(['{}', 'null', '[]', '{"version":1,"through":"yesterday"}', 'x'])('is not %s', (text) => {
    expect(() => decodeState(new TextEncoder().encode(text))).toThrow()
  })
})
