import { AwsError } from '../errors.ts'
import { evenRanges } from './hash-key.ts'
import { msOfTick, sequenceNumberOf, tickAt } from './sequence.ts'
import type { Shard } from './store.ts'

/** A shard as it is kept; `index` numbers it within its stream for ever. */
export type StoredShard = Shard & { index: number }

export function firstShards(count: number, createdMs: number): StoredShard[] {
  return evenRanges(count).map((range, index) => ({
    index,
    shardId: shardIdOf(index),
    startingHashKey: range.startingHashKey.toString(),
    endingHashKey: range.endingHashKey.toString(),
    startingSequenceNumber: sequenceNumberOf({ index, createdMs }, tickAt(createdMs)),
    createdMs,
  }))
}

function shardIdOf(index: number): string {
  return `shardId-${String(index).padStart(12, '0')}`
}

/** In the order of their hash keys. */
export function openShards(shards: readonly StoredShard[]): StoredShard[] {
  return shards
    .filter((shard) => shard.endingSequenceNumber === undefined)
    .sort((a, b) => (BigInt(a.startingHashKey) < BigInt(b.startingHashKey) ? -1 : 1))
}

/** The lower child first. `tick` is later than every record. */
export function splitShard(
  shards: StoredShard[],
  o: { shardId: string; at: bigint; tick: number },
): StoredShard[] {
  const parent = close(shards, o.shardId, o.tick)
  const start = BigInt(parent.startingHashKey)
  const end = BigInt(parent.endingHashKey)
  if (o.at <= start || o.at > end) {
    throw new AwsError(
      'InvalidArgumentException',
      `NewStartingHashKey ${o.at} used in SplitShard() on shard ${o.shardId} is not both greater than one plus the shard's StartingHashKey ${start} and less than the shard's EndingHashKey ${end}.`,
    )
  }
  const parents = { parentShardId: parent.shardId }
  add(shards, { range: [start, o.at - 1n], tick: o.tick, parents })
  add(shards, { range: [o.at, end], tick: o.tick, parents })
  return shards
}

export function mergeShards(
  shards: StoredShard[],
  o: { shardId: string; adjacentShardId: string; tick: number },
): StoredShard[] {
  const one = close(shards, o.shardId, o.tick)
  const other = close(shards, o.adjacentShardId, o.tick)
  const [low, high] =
    BigInt(one.startingHashKey) < BigInt(other.startingHashKey) ? [one, other] : [other, one]
  if (BigInt(low.endingHashKey) + 1n !== BigInt(high.startingHashKey)) {
    throw new AwsError(
      'InvalidArgumentException',
      `Shards ${o.shardId} and ${o.adjacentShardId} are not an adjacent pair of shards eligible for merging`,
    )
  }
  const parents = { parentShardId: o.shardId, adjacentParentShardId: o.adjacentShardId }
  add(shards, { range: [BigInt(low.startingHashKey), BigInt(high.endingHashKey)], tick: o.tick, parents })
  return shards
}

/** First cuts wherever an even range begins, then joins what lies within one. */
export function reshapeTo(shards: StoredShard[], o: { count: number; tick: number }): StoredShard[] {
  for (const { startingHashKey: at } of evenRanges(o.count)) {
    const straddling = openShards(shards).find(
      (shard) => BigInt(shard.startingHashKey) < at && at <= BigInt(shard.endingHashKey),
    )
    if (straddling) splitShard(shards, { shardId: straddling.shardId, at, tick: o.tick })
  }
  for (const range of evenRanges(o.count)) {
    const inside = () => openShards(shards).filter((shard) => isWithin(shard, range))
    for (let [one, next] = inside(); one && next; [one, next] = inside()) {
      mergeShards(shards, { shardId: one.shardId, adjacentShardId: next.shardId, tick: o.tick })
    }
  }
  return shards
}

function isWithin(shard: StoredShard, range: { startingHashKey: bigint; endingHashKey: bigint }): boolean {
  return (
    BigInt(shard.startingHashKey) >= range.startingHashKey &&
    BigInt(shard.endingHashKey) <= range.endingHashKey
  )
}

function close(shards: StoredShard[], shardId: string, tick: number): StoredShard {
  const shard = shards.find((one) => one.shardId === shardId)
  if (!shard) throw new AwsError('ResourceNotFoundException', `Shard ${shardId} not found.`)
  if (shard.endingSequenceNumber !== undefined) {
    throw new AwsError(
      'InvalidArgumentException',
      `Shard ${shardId} is closed: only open shards split or merge.`,
    )
  }
  shard.endingSequenceNumber = sequenceNumberOf(shard, tick)
  return shard
}

function add(
  shards: StoredShard[],
  o: {
    range: [bigint, bigint]
    tick: number
    parents: { parentShardId: string; adjacentParentShardId?: string }
  },
): void {
  const index = shards.length
  const createdMs = msOfTick(o.tick)
  shards.push({
    index,
    shardId: shardIdOf(index),
    ...o.parents,
    startingHashKey: o.range[0].toString(),
    endingHashKey: o.range[1].toString(),
    startingSequenceNumber: sequenceNumberOf({ index, createdMs }, o.tick),
    createdMs,
  })
}
