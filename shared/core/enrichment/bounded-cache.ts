/**
 * Answers already worked out. Forgets the older half when it is full: as cheap as a Map, and never larger than `maxEntries`. An
 * answer for a key of more than `maxKeyChars` is not kept: what clients send at length seldom comes twice, and would fill the memory.
 */
export const cached = <Value>(
  maxEntries: number,
  compute: (key: string) => Value,
  maxKeyChars = 256,
): ((key: string) => Value) => {
  let young = new Map<string, Value>()
  let old = new Map<string, Value>()
  return (key) => {
    const known = young.get(key)
    if (known !== undefined) return known
    const value = old.get(key) ?? compute(key)
    if (key.length > maxKeyChars) return value
    if (young.size >= maxEntries / 2) {
      old = young
      young = new Map()
    }
    young.set(key, value)
    return value
  }
}
