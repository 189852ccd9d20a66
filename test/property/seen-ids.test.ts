import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { eventKey } from '../../shared/core/event/event-key.ts'
import { arrivalMinute, SeenIds } from '../../shared/core/lane/seen-ids.ts'

type Operation = { readonly do: 'add' | 'forget'; readonly name: number; readonly minute: number }

const operations = fc.array(
  fc.record({
    do: fc.constantFrom('add', 'add', 'add', 'add', 'forget'),
    name: fc.integer({ min: 0, max: 40 }),
    minute: fc.integer({ min: 1, max: 60 }),
  }) as fc.Arbitrary<Operation>,
  { maxLength: 200 },
)

// Few values of the word that chooses the slot, so that keys crowd and searches go over dead slots.
const crowdedKey = (name: number): string =>
  `0000000${name % 3}${String(name).padStart(8, '0')}${'f'.repeat(16)}`

describe('SeenIds', () => {
  it('remembers what a map does, whatever is added and forgotten, through growth and crowding', () => {
    fc.assert(
      fc.property(operations, (list) => {
        const seen = new SeenIds(4)
        const oracle = new Map<string, number>()
        let first = 0
        for (const { do: what, name, minute } of list) {
          const key = crowdedKey(name)
          if (what === 'forget') {
            first = Math.max(first, minute)
            seen.forgetBefore(minute)
            for (const [known, at] of oracle) if (at < first) oracle.delete(known)
          } else if (minute >= first) {
            seen.add(key, minute)
            oracle.set(key, Math.max(oracle.get(key) ?? 0, minute))
          }
          expect(seen.minuteOf(key)).toBe(oracle.get(key))
        }
        expect(seen.count()).toBe(oracle.size)
        for (let name = 0; name <= 40; name++)
          expect(seen.minuteOf(crowdedKey(name))).toBe(oracle.get(crowdedKey(name)))
      }),
      { numRuns: 300 },
    )
  })

  it('takes 30 to 60 bytes a key, for 10,000 of them as for 100,000', () => {
    const seen = new SeenIds()
    const perKey: number[] = []
    for (let n = 1; n <= 100_000; n++) {
      seen.add(eventKey('a:anna', String(n)), 1)
      if (n >= 10_000) perKey.push(seen.bytes / n)
    }
    expect(Math.min(...perKey.slice(0, 1), ...sampled(perKey))).toBeGreaterThanOrEqual(29.9)
    expect(Math.max(...sampled(perKey))).toBeLessThanOrEqual(60.1)
  })

  it('does not grow while as many are forgotten as are added', () => {
    const seen = new SeenIds()
    for (let minute = 1; minute <= 200; minute++) {
      for (let n = 0; n < 100; n++) seen.add(eventKey('a:anna', `${minute}:${n}`), minute)
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
