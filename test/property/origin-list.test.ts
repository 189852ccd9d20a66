import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { OriginList } from '../../shared/core/lane/origin-list.ts'
import { originWords } from '../../shared/core/lane/origin-words.ts'
import { type OriginText, originList, originTexts } from '../support/origin-texts.ts'

/** Neighbours, the lengths that need one word more, and numbers that are alike but for one digit. */
const sequenceNumber = fc.oneof(
  { weight: 6, arbitrary: fc.nat(30).map((n) => String(10n ** 55n + BigInt(n))) },
  { weight: 2, arbitrary: fc.nat(12).map(String) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(8, 9, 10, 18, 55, 63, 64, 72, 129).map((digits) => '9'.repeat(digits)),
  },
  { weight: 1, arbitrary: fc.nat(54).map((digits) => String(10n ** 55n + 10n ** BigInt(digits))) },
)
const origin: fc.Arbitrary<OriginText> = fc.tuple(sequenceNumber, fc.constantFrom(0, 1, 2, 499, 2 ** 31 - 1))

type Operation = { readonly do: 'add' | 'forget'; readonly origin: OriginText }
const operations: fc.Arbitrary<Operation[]> = fc.array(
  fc.record({ do: fc.constantFrom<Operation['do']>('add', 'add', 'add', 'add', 'add', 'forget'), origin }),
  { maxLength: 120, size: 'max' },
)

const inOrder = ([a, aIndex]: OriginText, [b, bIndex]: OriginText): number =>
  a === b ? aIndex - bIndex : BigInt(a) < BigInt(b) ? -1 : 1

const recordsIn = (origins: readonly OriginText[]): number => new Set(origins.map(([record]) => record)).size

describe('a list of origins', () => {
  it('holds what a set of text does, in order, whatever is added and forgotten', () => {
    fc.assert(
      fc.property(operations, (list) => {
        const origins = new OriginList()
        let known: OriginText[] = []
        for (const { do: what, origin } of list) {
          const [record, index] = origin
          if (what === 'forget') {
            origins.forgetThrough(record)
            known = known.filter(([other]) => BigInt(other) > BigInt(record))
          } else {
            const isNew = !known.some((other) => inOrder(other, origin) === 0)
            expect(origins.add(originWords(record, index))).toBe(isNew)
            if (isNew) known.push(origin)
          }
          expect(origins.records).toBe(recordsIn(known))
        }
        expect(originTexts(origins)).toEqual(known.toSorted(inOrder))
      }),
      { numRuns: 500 },
    )
  })

  it.each<[string, (n: number, of: number) => number]>([
    ['in order', (n) => n],
    ['backwards', (n, of) => of - n],
    // 7 and 5,000 have no common divisor: each of them once.
    ['from everywhere', (n, of) => (n * 7) % of],
    ['in two runs that take turns', (n, of) => (n % 2 === 0 ? n : n + of)],
  ])('holds thousands that come %s, and each but once', (_, placeOf) => {
    const all = Array.from(
      { length: 5_000 },
      (_, n): OriginText => [String(10n ** 55n + (BigInt(placeOf(n, 5_000)) << 40n)), n % 3],
    )
    const origins = originList(all)
    expect(originTexts(origins)).toEqual(all.toSorted(inOrder))
    expect(origins.records).toBe(5_000)
    expect(all.some(([record, index]) => origins.add(originWords(record, index)))).toBe(false)
    const [middle] = all.toSorted(inOrder)[2_499] ?? ['']
    origins.forgetThrough(middle)
    expect(origins.records).toBe(2_500)
    expect(originTexts(origins)).toEqual(all.toSorted(inOrder).slice(2_500))
  })

  it('takes in another, of longer or shorter numbers too', () => {
    fc.assert(
      fc.property(
        fc.array(origin, { maxLength: 40 }),
        fc.array(origin, { maxLength: 40 }),
        (some, others) => {
          const origins = originList(some)
          origins.addAll(originList(others))
          expect(originTexts(origins)).toEqual(originTexts(originList([...some, ...others])))
          expect(origins.records).toBe(recordsIn([...some, ...others]))
        },
      ),
    )
  })

  it('takes 32 bytes for each of many', () => {
    const origins = originList(
      Array.from({ length: 20_000 }, (_, n): OriginText => [String(10n ** 55n + BigInt(n)), 0]),
    )
    const bytes = origins.words.reduce((total, { buffer }) => total + buffer.byteLength, 0)
    expect(bytes / 20_000).toBeLessThan(33)
  })
})

it.each(['', '12a4', '1.5', '-1', '0x1f', '１２'])('"%s" is no sequence number', (text) => {
  expect(() => originWords(text, 0)).toThrow('is no sequence number')
})
