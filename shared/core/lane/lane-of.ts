/**
 * The lane of a visitor, from 0: the top bits of a hash, so that `lanes` must be a power of two.
 * Stored state depends on it: never change it for a stage that has state.
 */
export const laneOf = (visitor: string, lanes: number): number => {
  // FNV-1a over UTF-16 code units, then the finalizer of murmur3, since FNV's top bits mix badly on short text.
  let hash = 0x811c9dc5
  for (let i = 0; i < visitor.length; i++) hash = Math.imul(hash ^ visitor.charCodeAt(i), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  hash ^= hash >>> 16
  return Math.floor(((hash >>> 0) / 2 ** 32) * lanes)
}

const maxLanes = 1024

/** Throws one clear line when the number of lanes cannot be one. */
export const checkLanes = (lanes: number): number => {
  const isPowerOfTwo = Number.isInteger(Math.log2(lanes))
  if (isPowerOfTwo && lanes >= 1 && lanes <= maxLanes) return lanes
  throw new Error(`LANES is ${lanes}; it must be a power of two from 1 to ${maxLanes}`)
}

/**
 * The explicit hash key of a lane, as decimal text: the middle of its share of Kinesis' 128-bit key space,
 * one key for the whole lane, so that no split of a shard ever divides a lane.
 */
export const laneHashKey = (lane: number, lanes: number): string =>
  (((2n * BigInt(lane) + 1n) << 127n) / BigInt(lanes)).toString()
