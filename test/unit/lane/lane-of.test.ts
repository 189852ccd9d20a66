import { describe, expect, it } from 'vitest'
import { checkLanes, laneHashKey, laneOf } from '../../../shared/core/lane/lane-of.ts'

describe('laneOf', () => {
  // Pinned: the state of every stage was written by these answers.
  it.each([
    ['', 684],
    ['a:anna', 827],
    ['u:42', 607],
    ['a:J\u00fcrgen \u{1f600}', 423],
    ['o:shardId-000000000000:49581544954143914480256700934210366840104395343224897586:0', 312],
  ])('puts %j where it always was', (visitor, lane) => {
    expect(laneOf(visitor, 1024)).toBe(lane)
  })

  it('halves each lane when the number of lanes doubles', () => {
    for (const name of ['a:anna', 'u:42', 'a:bert', 'a:1'])
      expect(laneOf(name, 8)).toBe(Math.floor(laneOf(name, 16) / 2))
  })

  it('puts everybody in the only lane', () => {
    expect(laneOf('a:anna', 1)).toBe(0)
  })

  it.each([
    ['counted visitors', (n: number) => `a:${n}`],
    ['random ids', (n: number) => `a:${(n * 2_654_435_761) % 4_294_967_296}-8f14-4e45`],
    [
      'sequence numbers',
      (n: number) => `4958154495414391448025670093421036684010${String(n).padStart(16, '0')}`,
    ],
  ])('spreads %s over 64 lanes, each within a fifth of its share', (_, nameOf) => {
    const share = 1_000
    const sizes = new Array<number>(64).fill(0)
    for (let n = 0; n < 64 * share; n++) {
      const lane = laneOf(nameOf(n), 64)
      sizes[lane] = (sizes[lane] ?? 0) + 1
    }
    expect(Math.min(...sizes)).toBeGreaterThan(0.8 * share)
    expect(Math.max(...sizes)).toBeLessThan(1.2 * share)
  })
})

describe('laneHashKey', () => {
  it.each([1, 2, 8, 64, 1024])('lies strictly inside the share of each of %i lanes', (lanes) => {
    const width = (1n << 128n) / BigInt(lanes)
    for (let lane = 0; lane < lanes; lane++) {
      const key = BigInt(laneHashKey(lane, lanes))
      expect(key > BigInt(lane) * width && key < BigInt(lane + 1) * width).toBe(true)
    }
  })

  it('is the key that running stages put their lanes under', () => {
    expect(laneHashKey(0, 8)).toBe('21267647932558653966460912964485513216')
    expect(laneHashKey(7, 8)).toBe('319014718988379809496913694467282698240')
  })
})

describe('checkLanes', () => {
  it.each([1, 2, 8, 1024])('takes %i', (lanes) => {
    expect(checkLanes(lanes)).toBe(lanes)
  })

  it.each([0, -8, 3, 12, 2048, 0.5, Number.NaN, Number.POSITIVE_INFINITY])('refuses %d', (lanes) => {
    expect(() => checkLanes(lanes)).toThrow(`LANES is ${lanes}; it must be a power of two`)
  })
})
