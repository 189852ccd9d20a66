import { describe, expect, it } from 'vitest'
import { hash64Hex } from '../../../shared/core/metric/hash64.ts'
import { unique } from '../../../shared/core/metric/unique.ts'

const sketchOf = (from: number, to: number) => {
  let state = unique.empty()
  for (let i = from; i < to; i++) state = unique.add(state, hash64Hex(`visitor-${i}`))
  return state
}

describe('hash64Hex', () => {
  // The test suite of RFC 1321, first halves.
  it.each([
    ['', 'd41d8cd98f00b204'],
    ['a', '0cc175b9c0f1b6a8'],
    ['abc', '900150983cd24fb0'],
    ['message digest', 'f96b697d7cb7938d'],
  ])('of %j is the first half of its MD5', (text, hex) => {
    expect(hash64Hex(text)).toBe(hex)
  })
})

describe('unique', () => {
  it('is 0 of nothing', () => {
    expect(unique.result(unique.empty())).toBe(0)
  })

  it('counts a value once however often it comes', () => {
    const state = sketchOf(0, 100)
    for (let i = 0; i < 100; i++) unique.add(state, hash64Hex(`visitor-${i}`))
    expect(unique.encode(state)).toBe(unique.encode(sketchOf(0, 100)))
  })

  it.each([1, 2, 10, 40])('is exact for %i values', (n) => {
    expect(unique.result(sketchOf(0, n))).toBe(n)
  })

  it.each([100, 500, 600, 1_000, 4_096, 10_000, 50_000, 200_000])(
    'is within three standard errors (4.9 %%) for %i values',
    (n) => {
      expect(Math.abs(Number(unique.result(sketchOf(0, n))) / n - 1)).toBeLessThan((3 * 1.04) / 64)
    },
  )

  it('is not biased: errors over 40 sets cancel out to under 1 %', () => {
    const errors = Array.from({ length: 40 }, (_, set) => {
      const from = set * 100_000
      return Number(unique.result(sketchOf(from, from + 3_000))) / 3_000 - 1
    })
    expect(Math.abs(errors.reduce((total, error) => total + error, 0) / errors.length)).toBeLessThan(0.01)
  })

  it('takes the rank from all 52 bits beside the register', () => {
    const state = ['0010000000000000', '0028000000000000', '0030000000000001'].reduce(
      unique.add,
      unique.empty(),
    )
    const ranks = [...Buffer.from(unique.encode(state).toString(), 'base64url')]
    // Three entries of register (12 bits) and rank (6 bits): 1 and 53, 2 and 1, 3 and 52.
    expect(ranks).toEqual([
      ...bitsToBytes([
        [1, 53],
        [2, 1],
        [3, 52],
      ]),
    ])
  })

  it('stays sparse up to 512 registers, 3 characters each, then takes 4,096', () => {
    const hashes = Array.from(
      { length: 513 },
      (_, register) => `${register.toString(16).padStart(3, '0')}8000000000000`,
    )
    expect(unique.encode(hashes.slice(0, 512).reduce(unique.add, unique.empty()))).toHaveLength(1_536)
    expect(unique.encode(hashes.reduce(unique.add, unique.empty()))).toHaveLength(4_096)
  })

  it.each([
    ['of no length it can have', 'AAAA'],
    ['with a character of another alphabet', 'AA+'],
    ['with registers out of order', 'ACBABB'],
    ['with a register twice', 'ABBABC'],
    ['with a rank above 53', 'AB2'],
    ['with a rank of 0', 'ABA'],
    ['dense, with a rank above 53', '2'.repeat(4_096)],
  ])('refuses text %s', (_, text) => {
    expect(() => unique.decode(text)).toThrow()
  })
})

const bitsToBytes = (entries: readonly (readonly [number, number])[]): number[] => {
  const bits = entries
    .map(([register, rank]) => (register * 64 + rank).toString(2).padStart(18, '0'))
    .join('')
  return bits.match(/.{8}/g)?.map((byte) => Number.parseInt(byte, 2)) ?? []
}
