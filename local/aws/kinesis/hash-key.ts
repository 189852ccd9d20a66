import { hash } from 'node:crypto'

export const hashKeySpace = 2n ** 128n

/** Where a record belongs: the MD5 of its partition key, unless it says so itself. */
export function hashKeyOf(record: { partitionKey: string; explicitHashKey?: string }): bigint {
  if (record.explicitHashKey !== undefined) return BigInt(record.explicitHashKey)
  return BigInt(`0x${hash('md5', record.partitionKey, 'hex')}`)
}

/** Cuts the whole key space into even, adjoining ranges, both ends included. */
export function evenRanges(count: number): { startingHashKey: bigint; endingHashKey: bigint }[] {
  const start = (index: number) => (hashKeySpace * BigInt(index)) / BigInt(count)
  return Array.from({ length: count }, (_, index) => ({
    startingHashKey: start(index),
    endingHashKey: start(index + 1) - 1n,
  }))
}
