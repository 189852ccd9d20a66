import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { arnOf } from '../arn.ts'
import { AwsError } from '../errors.ts'
import { readJsonFile, replaceFile } from '../file.ts'
import { hashKeyOf } from './hash-key.ts'
import { firstShards, mergeShards, openShards, reshapeTo, type StoredShard, splitShard } from './reshard.ts'
import { msOfTick, sequenceNumberOf, sequenceNumbersOf, tickAt, tickOf } from './sequence.ts'
import { ShardLog } from './shard-log.ts'
import type { KinesisStore, NewRecord, Placed } from './store.ts'

/** What stream.json holds. */
type StoredStream = { name: string; createdMs: number; retentionHours: number; shards: StoredShard[] }

type Stream = StoredStream & {
  folder: string
  logs: Map<string, ShardLog>
  ranges: Range[]
  now: () => number
}
type Range = { end: bigint; shard: StoredShard; log: ShardLog }

const trimEveryMs = 10 * 60_000

/** Streams as folders: stream.json beside one folder of log files for each shard. */
export function openKinesisStore(dataDir: string, now: () => number = Date.now): KinesisStore {
  const root = join(dataDir, 'kinesis')
  mkdirSync(root, { recursive: true })
  const streams = new Map<string, Stream>()
  const listeners = new Set<(stream: string, shardId: string) => void>()
  for (const name of readdirSync(root)) {
    const stored = readJsonFile(join(root, name, 'stream.json'))
    if (stored !== undefined)
      streams.set(name, openStream(join(root, name), { ...(stored as StoredStream), now }))
  }
  const trimming = setInterval(() => trimAll(streams.values()), trimEveryMs)
  trimming.unref()

  function streamNamed(name: string): Stream {
    const stream = streams.get(name)
    if (!stream) {
      throw new AwsError('ResourceNotFoundException', `Stream ${name} under account 000000000000 not found.`)
    }
    return stream
  }

  function createStream({ name, shardCount }: { name: string; shardCount: number }): void {
    if (streams.has(name)) return
    const createdMs = now()
    const stored = { name, createdMs, retentionHours: 24, shards: firstShards(shardCount, createdMs) }
    const folder = join(root, name)
    mkdirSync(folder, { recursive: true })
    const stream = openStream(folder, { ...stored, now })
    save(stream)
    streams.set(name, stream)
  }

  function deleteStream(name: string): void {
    const stream = streamNamed(name)
    closeLogs(stream)
    streams.delete(name)
    rmSync(stream.folder, { recursive: true })
  }

  function put(name: string, records: readonly NewRecord[]): Placed[] {
    const stream = streamNamed(name)
    const byRange = new Map<Range, number[]>()
    for (const [index, record] of records.entries()) {
      const range = rangeOf(stream, hashKeyOf(record))
      const indexes = byRange.get(range)
      if (indexes) indexes.push(index)
      else byRange.set(range, [index])
    }
    const placed: Placed[] = new Array(records.length)
    for (const [{ shard, log }, indexes] of byRange) {
      const ticks = log.append(indexes.flatMap((index) => records[index] ?? []))
      for (const [at, sequenceNumber] of sequenceNumbersOf(shard, ticks).entries()) {
        placed[indexes[at] ?? 0] = { shardId: shard.shardId, sequenceNumber }
      }
    }
    for (const { shard } of byRange.keys()) {
      for (const listener of listeners) listener(name, shard.shardId)
    }
    return placed
  }

  const read: KinesisStore['read'] = (o) => {
    const { shard, log } = shardIn(streamNamed(o.stream), o.shardId)
    const fromTick = fromTickOf(shard, o.after)
    const frames = log.read({ fromTick, maxRecords: o.maxRecords, maxBytes: o.maxBytes })
    const lastRead = frames.at(-1)?.tick ?? fromTick - 1
    return {
      records: frames.map(({ tick, ...record }) => ({
        ...record,
        sequenceNumber: sequenceNumberOf(shard, tick),
        arrivalMs: msOfTick(tick),
      })),
      atEnd: isAtEnd(shard, log, lastRead),
    }
  }

  const measure: KinesisStore['measure'] = (o, take) => {
    const { shard, log } = shardIn(streamNamed(o.stream), o.shardId)
    const fromTick = fromTickOf(shard, o.after)
    const lastTick = log.measure(fromTick, take)
    return {
      through: lastTick === undefined ? o.after : sequenceNumberOf(shard, lastTick),
      atEnd: isAtEnd(shard, log, lastTick ?? fromTick - 1),
    }
  }

  const columns: KinesisStore['columns'] = (o) => {
    const { shard, log } = shardIn(streamNamed(o.stream), o.shardId)
    const { ticks, ...rest } = log.columns(fromTickOf(shard, o.after), tickOf(shard, o.through))
    return { sequenceNumbers: sequenceNumbersOf(shard, ticks), ...rest }
  }

  /** Shards that were closed get their end, the new ones their logs, in one write of stream.json. */
  function reshape(
    stream: Stream,
    change: (shards: StoredShard[], at: number) => StoredShard[],
  ): StoredShard[] {
    const lastTicks = [...stream.logs.values()].map((log) => log.nextTick)
    const before = stream.shards.length
    stream.shards = change(structuredClone(stream.shards), Math.max(tickAt(now()), ...lastTicks))
    save(stream)
    openLogs(stream)
    for (const shard of stream.shards) for (const listener of listeners) listener(stream.name, shard.shardId)
    return stream.shards.slice(before)
  }

  return {
    createStream,
    deleteStream,
    streamNames: () => [...streams.keys()].sort(),
    describe(name) {
      const { createdMs, retentionHours, shards } = streamNamed(name)
      const openShardCount = openShards(shards).length
      return { name, arn: arnOf('kinesis', `stream/${name}`), createdMs, retentionHours, openShardCount }
    },
    setRetention(name, hours) {
      const stream = streamNamed(name)
      stream.retentionHours = hours
      save(stream)
    },
    listShards: (name) => streamNamed(name).shards.map(({ index: _, ...shard }) => shard),
    put,
    read,
    measure,
    columns,
    positionAt({ stream, shardId, timestampMs }) {
      const { shard } = shardIn(streamNamed(stream), shardId)
      return sequenceNumberOf(shard, Math.max(0, tickAt(Math.ceil(timestampMs)) - 1))
    },
    latest(stream, shardId) {
      const { shard, log } = shardIn(streamNamed(stream), shardId)
      return log.lastTick === undefined ? null : sequenceNumberOf(shard, log.lastTick)
    },
    split(o) {
      const made = reshape(streamNamed(o.stream), (shards, tick) =>
        splitShard(shards, { shardId: o.shardId, at: BigInt(o.newStartingHashKey), tick }),
      )
      const [low, high] = made
      if (!low || !high) throw new Error('a split makes two shards')
      return [low, high]
    },
    merge(o) {
      const made = reshape(streamNamed(o.stream), (shards, tick) => mergeShards(shards, { ...o, tick }))
      const [child] = made
      if (!child) throw new Error('a merge makes one shard')
      return child
    },
    updateShardCount(name, count) {
      reshape(streamNamed(name), (shards, tick) => reshapeTo(shards, { count, tick }))
    },
    onAppend(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    async close() {
      clearInterval(trimming)
      for (const stream of streams.values()) closeLogs(stream)
    },
  }
}

function openStream(folder: string, stored: StoredStream & Pick<Stream, 'now'>): Stream {
  const stream = { ...stored, folder, logs: new Map<string, ShardLog>(), ranges: [] }
  openLogs(stream)
  return stream
}

/** Logs for shards that have none yet, and where the open ones stand in the key space. */
function openLogs(stream: Stream): void {
  for (const shard of stream.shards) {
    if (stream.logs.has(shard.shardId)) continue
    const floorTick = tickOf(shard, shard.startingSequenceNumber)
    const folder = join(stream.folder, shard.shardId)
    stream.logs.set(shard.shardId, new ShardLog(folder, floorTick, { now: stream.now }))
  }
  stream.ranges = openShards(stream.shards).map((shard) => ({
    end: BigInt(shard.endingHashKey),
    ...shardIn(stream, shard.shardId),
  }))
}

function shardIn(stream: Stream, shardId: string): { shard: StoredShard; log: ShardLog } {
  const shard = stream.shards.find((one) => one.shardId === shardId)
  const log = stream.logs.get(shardId)
  if (!shard || !log) {
    throw new AwsError('ResourceNotFoundException', `Shard ${shardId} in stream ${stream.name} not found.`)
  }
  return { shard, log }
}

function fromTickOf(shard: StoredShard, after: string | null): number {
  return after === null ? 0 : tickOf(shard, after) + 1
}

/** The shard is closed and nothing comes after this tick. */
function isAtEnd(shard: StoredShard, log: ShardLog, tick: number): boolean {
  return shard.endingSequenceNumber !== undefined && tick >= (log.lastTick ?? -1)
}

function rangeOf(stream: Stream, hashKey: bigint): Range {
  const range = stream.ranges.find((one) => hashKey <= one.end)
  if (!range) throw new AwsError('InvalidArgumentException', `hash key ${hashKey} is beyond 2^128 - 1`)
  return range
}

function save({ name, createdMs, retentionHours, shards, folder }: Stream): void {
  const stored: StoredStream = { name, createdMs, retentionHours, shards }
  replaceFile(join(folder, 'stream.json'), JSON.stringify(stored, null, 2))
}

function closeLogs(stream: Stream): void {
  for (const log of stream.logs.values()) log.close()
}

function trimAll(streams: Iterable<Stream>): void {
  for (const stream of streams) {
    const beforeMs = stream.now() - stream.retentionHours * 3_600_000
    for (const log of stream.logs.values()) log.trim(beforeMs)
  }
}
