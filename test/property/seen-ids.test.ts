import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { eventKey } from '../../shared/core/event/event-key.ts'
import { keyWords } from '../../shared/core/lane/key-words.ts'
import { arrivalMinute, SeenIds } from '../../shared/core/lane/seen-ids.ts'

/** minutes: after the first that is not forgotten yet. */
type Operation = { readonly do: 'add' | 'forget'; readonly name: number; readonly minutes: number }

const names = 72
const operations = fc.array(
  fc.record({
    do: fc.constantFrom<Operation['do']>('add', 'add', 'add', 'add', 'add', 'add', 'forget'),
    name: fc.nat(names - 1),
    minutes: fc.nat(9),
  }),
  // Short ones, as they come without it, find nothing.
  { maxLength: 200, size: 'max' },
)

/**
 * In two of the tables, and few values of the word that chooses the slot, of which one is the last slot: keys crowd, and searches go over
 * dead slots and on at the first. Each word alone tells some of them apart.
 */
const crowdedKey = (name: number): string =>
  [
    ['00000000', 'f0000000', 'f0000001'][name % 3],
    ['00000000', '00000001', 'ffffffff'][Math.floor(name / 3) % 3],
    ['00000000', '80000000'][Math.floor(name / 9) % 2],
    ['00000000', '00000001', '7fffffff', 'ffffffff'][Math.floor(name / 18)],
  ].join('')

describe('SeenIds', () => {
  it('remembers what a map does, whatever is added and forgotten, through growth and crowding', () => {
    fc.assert(
      fc.property(operations, (list) => {
        const seen = new SeenIds()
        const oracle = new Map<string, number>()
        let first = 1
        for (const { do: what, name, minutes } of list) {
          const key = crowdedKey(name)
          const minute = first + minutes
          if (what === 'forget') {
            first += minutes % 4
            seen.forgetBefore(first)
            for (const [known, at] of oracle) if (at < first) oracle.delete(known)
          } else {
            seen.add(keyWords(key), minute)
            oracle.set(key, Math.max(oracle.get(key) ?? 0, minute))
          }
          expect(seen.minuteOf(keyWords(key))).toBe(oracle.get(key))
        }
        expect(seen.count()).toBe(oracle.size)
        for (let name = 0; name < names; name++)
          expect(seen.minuteOf(keyWords(crowdedKey(name)))).toBe(oracle.get(crowdedKey(name)))
      }),
      { numRuns: 300 },
    )
  })

  it('takes 25 to 31 bytes a key, for 10,000 of them as for 100,000', () => {
    const seen = new SeenIds()
    const perKey: number[] = []
    for (let n = 1; n <= 100_000; n++) {
      seen.add(keyWords(eventKey('a:anna', String(n))), 1)
      if (n >= 10_000) perKey.push(seen.bytes / n)
    }
    expect(Math.min(...perKey.slice(0, 1), ...sampled(perKey))).toBeGreaterThanOrEqual(25)
    expect(Math.max(...sampled(perKey))).toBeLessThanOrEqual(31.5)
  })

  it('does not grow while as many are forgotten as are added', () => {
    const seen = new SeenIds()
    for (let minute = 1; minute <= 200; minute++) {
      for (let n = 0; n < 100; n++) seen.add(keyWords(eventKey('a:anna', `${minute}:${n}`)), minute)
      seen.forgetBefore(minute - 9)
    }
    expect(seen.count()).toBe(1_000)
    expect(seen.bytes / seen.count()).toBeLessThanOrEqual(90)
  })
})

/** Every hundredth, and the ends: spreading them all would overflow the stack. */
const sampled = (values: readonly number[]): number[] =>
  values.filter((_, place) => place % 100 === 0 || place === values.length - 1)

it.each([
  [0, 0],
  [59_999, 0],
  [60_000, 1],
  [-1, -1],
])('puts an arrival at %i ms in minute %i', (receivedAt, minute) => {
  expect(arrivalMinute(receivedAt)).toBe(minute)
})
