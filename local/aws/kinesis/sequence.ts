/**
 * Sequence numbers look like those of the service: 56 digits, greater for every later record of a shard, and
 * telling the time. What orders a shard's records is the tick: arrival time in ms × 1024, plus a count within
 * the millisecond; a burst of more than 1,024 runs ahead of the clock, by a millisecond.
 */
export type ShardOrigin = { index: number; createdMs: number }

export const ticksPerMs = 1024

const tickShift = 80n
const tickMask = 0xffff_ffff_ffff_ffffn

export function tickAt(ms: number): number {
  return ms * ticksPerMs
}

export function msOfTick(tick: number): number {
  return Math.floor(tick / ticksPerMs)
}

export function sequenceNumberOf(shard: ShardOrigin, tick: number): string {
  const seconds = BigInt(Math.floor(msOfTick(tick) / 1000))
  return (
    base(shard) |
    (BigInt(tick) << tickShift) |
    (seconds << 36n) |
    (BigInt(shard.index) << 4n) |
    2n
  ).toString()
}

/** The same for many of them, in half the time. */
export function sequenceNumbersOf(shard: ShardOrigin, ticks: readonly number[]): string[] {
  const sameInAll = base(shard) | (BigInt(shard.index) << 4n) | 2n
  let second = -1
  let sameInSecond = sameInAll
  return ticks.map((tick) => {
    const tickSecond = Math.floor(msOfTick(tick) / 1000)
    if (tickSecond !== second) {
      second = tickSecond
      sameInSecond = sameInAll | (BigInt(second) << 36n)
    }
    return (sameInSecond | (BigInt(tick) << tickShift)).toString()
  })
}

/** The tick within a sequence number; 0 for one that comes before all of the shard's. */
export function tickOf(shard: ShardOrigin, sequenceNumber: string): number {
  const above = BigInt(sequenceNumber) - base(shard)
  if (above < 0n) return 0
  const tick = above >> tickShift
  return tick > tickMask ? Number.MAX_SAFE_INTEGER : Number(tick)
}

function base(shard: ShardOrigin): bigint {
  const createdSeconds = BigInt(Math.floor(shard.createdMs / 1000))
  return (2n << 184n) | (createdSeconds << 148n) | (BigInt(shard.index % 16) << 144n)
}
