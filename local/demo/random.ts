/** A source of numbers in [0, 1), so that whoever owns the seed owns the traffic. */
export type Random = () => number

/** A small seeded generator (mulberry32): for traffic that must be the same each time. */
export function seeded(seed: number): Random {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

export const chance = (random: Random, probability: number): boolean => random() < probability

/** A whole number in [least, most], both included. */
export const integer = (random: Random, least: number, most: number): number =>
  least + Math.floor(random() * (most - least + 1))

/** How long until the next of a series that has no memory, given how long it takes on average. */
export const waitMs = (random: Random, meanMs: number): number => -Math.log(1 - random()) * meanMs

export function pick<T>(random: Random, items: readonly T[]): T {
  const item = items[Math.floor(random() * items.length)]
  if (item === undefined) throw new Error('pick: the list is empty')
  return item
}

export function pickWeighted<T extends { readonly weight: number }>(random: Random, items: readonly T[]): T {
  let left = random() * items.reduce((sum, item) => sum + item.weight, 0)
  for (const item of items) {
    left -= item.weight
    if (left < 0) return item
  }
  return pick(random, items)
}

/** A version 4 UUID made of this source's numbers. */
export function uuid(random: Random): string {
  const digits = Array.from({ length: 32 }, () => integer(random, 0, 15).toString(16))
  digits[12] = '4'
  digits[16] = integer(random, 8, 11).toString(16)
  const hex = digits.join('')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}
