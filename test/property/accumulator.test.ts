import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { EncodedState } from '../../shared/core/metric/accumulator.ts'
import { accumulators } from '../../shared/core/metric/accumulators.ts'
import type { AccumulatorKind } from '../../shared/core/metric/contribution.ts'
import { hash64Hex } from '../../shared/core/metric/hash64.ts'
import { greatestMagnitude, leastMagnitude } from '../../shared/core/metric/log-bins.ts'
import { isAddable, toScaled } from '../../shared/core/metric/scaled.ts'

const number = fc.double({ noNaN: true, noDefaultInfinity: true }).filter(isAddable)

// Few and many distinct values, so that merges meet sparse and dense sketches alike.
const hashes = fc
  .tuple(fc.integer({ min: 0, max: 2_000 }), fc.integer({ min: 0, max: 1_200 }))
  .map(([from, size]) => Array.from({ length: size }, (_, i) => hash64Hex(`visitor ${from + i}`)))

const valuesOf: Record<AccumulatorKind, fc.Arbitrary<(number | string)[]>> = {
  count: fc.array(fc.integer({ min: 1, max: 1_000 })),
  sum: fc.array(number.map(toScaled)),
  min: fc.array(number),
  max: fc.array(number),
  unique: hashes,
  quantiles: fc.array(number),
}

const kinds: AccumulatorKind[] = ['count', 'sum', 'min', 'max', 'unique', 'quantiles']

describe.each(kinds)('%s', (kind) => {
  const { empty, add, merge, result, encode, decode, sizeBytes } = accumulators[kind]
  const values = valuesOf[kind]
  const stateOf = (items: readonly (number | string)[]): unknown => items.reduce(add, empty())
  const bits = (state: unknown): EncodedState => encode(state)

  it('merges in either order to the last bit', () => {
    fc.assert(
      fc.property(values, values, (a, b) => {
        expect(bits(merge(stateOf(a), stateOf(b)))).toEqual(bits(merge(stateOf(b), stateOf(a))))
      }),
    )
  })

  it('merges in any grouping to the last bit', () => {
    fc.assert(
      fc.property(values, values, values, (a, b, c) => {
        const left = merge(merge(stateOf(a), stateOf(b)), stateOf(c))
        const right = merge(stateOf(a), merge(stateOf(b), stateOf(c)))
        expect(bits(left)).toEqual(bits(right))
      }),
    )
  })

  it('is unchanged by merging with empty', () => {
    fc.assert(
      fc.property(values, (a) => {
        expect(bits(merge(stateOf(a), empty()))).toEqual(bits(stateOf(a)))
        expect(bits(merge(empty(), stateOf(a)))).toEqual(bits(stateOf(a)))
      }),
    )
  })

  it('gives the same whether values are added one by one or merged', () => {
    fc.assert(
      fc.property(values, values, (a, b) => {
        expect(bits(merge(stateOf(a), stateOf(b)))).toEqual(bits(stateOf([...a, ...b])))
      }),
    )
  })

  it('does not care for the order of values', () => {
    fc.assert(
      fc.property(values, (a) => {
        expect(bits(stateOf(a.toReversed()))).toEqual(bits(stateOf(a)))
      }),
    )
  })

  it('leaves the second argument of merge alone', () => {
    fc.assert(
      fc.property(values, values, values, (a, b, c) => {
        const from = stateOf(b)
        const before = bits(from)
        c.reduce(add, merge(merge(empty(), from), stateOf(a)))
        expect(bits(from)).toEqual(before)
      }),
    )
  })

  it('comes back from JSON of its encoding as it was', () => {
    fc.assert(
      fc.property(values, (a) => {
        const state = stateOf(a)
        const back = decode(JSON.parse(JSON.stringify(encode(state))))
        expect(bits(back)).toEqual(bits(state))
        expect(result(back)).toEqual(result(state))
        expect(sizeBytes(back)).toBe(sizeBytes(state))
      }),
    )
  })
})

describe('quantiles', () => {
  const { empty, add, result } = accumulators.quantiles
  const measured = fc.oneof(
    fc.double({ noNaN: true, min: leastMagnitude, max: greatestMagnitude }),
    fc.double({ noNaN: true, min: -greatestMagnitude, max: -leastMagnitude }),
    fc.constant(0),
  )

  it.each([
    ['p50', 0.5],
    ['p75', 0.75],
    ['p90', 0.9],
    ['p95', 0.95],
    ['p99', 0.99],
  ])('%s is within 1 %% of the value of that rank, negative ones and zero included', (name, quantile) => {
    fc.assert(
      fc.property(fc.array(measured, { minLength: 1, maxLength: 200 }), (values) => {
        const sorted = values.toSorted((a, b) => a - b)
        const exact = sorted[Math.floor(quantile * (values.length - 1))] ?? 0
        const estimate = new Map<string, number>(
          Object.entries(result(values.reduce<unknown>(add, empty())) ?? {}),
        ).get(name)
        expect(Math.abs((estimate ?? Number.NaN) - exact)).toBeLessThanOrEqual(Math.abs(exact) * 0.010001)
      }),
    )
  })
})

describe('sum', () => {
  it('is what exact arithmetic on millionths gives', () => {
    const cents = fc.array(fc.integer({ min: -1e9, max: 1e9 }))
    fc.assert(
      fc.property(cents, (amounts) => {
        const { empty, add, result } = accumulators.sum
        const state = amounts.map((cent) => toScaled(cent / 100)).reduce<unknown>(add, empty())
        expect(result(state)).toBe(amounts.reduce((total, cent) => total + cent, 0) / 100)
      }),
    )
  })
})
