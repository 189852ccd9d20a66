import { createHash } from 'node:crypto'
import type { Random } from './random.ts'

export type SimRecord = {
  readonly sequenceNumber: string
  readonly partitionKey: string
  readonly arrivalMs: number
  readonly data: Uint8Array
}

export type SimShard = {
  readonly id: string
  readonly parents: readonly string[]
  readonly startingHash: bigint
  readonly endingHash: bigint
  open: boolean
  /** What readers see, in sequence order. */
  readonly records: SimRecord[]
  /** Acknowledged, and about to be in order: puts in quick succession may still swap. */
  settling: Omit<SimRecord, 'sequenceNumber'>[]
  /** The last sequence number given. */
  last: bigint
}

const hashSpace = 2n ** 128n
/** Puts of the same shard within this may swap. */
const swapWithinMs = 2_000

/** A Kinesis stream: at least once in, ordered out, resharded at any time. */
export class SimStream {
  readonly shards: SimShard[] = []
  /** Called when puts in quick succession have swapped their order. */
  onSwapped: () => void = () => {}
  readonly #random: Random
  readonly #name: string

  constructor(name: string, shardCount: number, random: Random) {
    this.#random = random
    this.#name = name
    const share = hashSpace / BigInt(shardCount)
    for (let i = 0n; i < BigInt(shardCount); i++)
      this.#add({ parents: [], startingHash: i * share, endingHash: (i + 1n) * share - 1n })
  }

  get openShards(): SimShard[] {
    return this.shards.filter(({ open }) => open)
  }

  shard(id: string): SimShard {
    const shard = this.shards.find((candidate) => candidate.id === id)
    if (shard === undefined) throw new Error(`no shard ${id}`)
    return shard
  }

  put(
    record: { partitionKey: string; explicitHashKey?: string | undefined; data: Uint8Array },
    nowMs: number,
  ): SimShard {
    const hash =
      record.explicitHashKey === undefined
        ? BigInt(`0x${createHash('md5').update(record.partitionKey).digest('hex')}`)
        : BigInt(record.explicitHashKey)
    const shard = this.openShards.find((open) => hash >= open.startingHash && hash <= open.endingHash)
    if (shard === undefined) throw new Error('the hash key belongs to no shard')
    this.settle(shard, nowMs)
    shard.settling.push({ partitionKey: record.partitionKey, arrivalMs: nowMs, data: record.data })
    return shard
  }

  /** Gives the records that can no longer swap their sequence numbers, in an order of chance. */
  settle(shard: SimShard, nowMs: number): void {
    const last = shard.settling.at(-1)
    if (last === undefined || (shard.open && nowMs - last.arrivalMs < swapWithinMs)) return
    const ordered = this.#random.chance(0.5) ? shard.settling : this.#random.shuffled(shard.settling)
    if (ordered.some((record, place) => record !== shard.settling[place])) this.onSwapped()
    for (const record of ordered) {
      shard.last += BigInt(this.#random.between(1, 3))
      shard.records.push({ ...record, sequenceNumber: shard.last.toString() })
    }
    shard.settling = []
  }

  settleAll(nowMs: number): void {
    for (const shard of this.shards) this.settle(shard, nowMs)
  }

  split(id: string, nowMs: number): void {
    const shard = this.#close(id, nowMs)
    const middle = (shard.startingHash + shard.endingHash) / 2n
    this.#add({ parents: [id], startingHash: shard.startingHash, endingHash: middle })
    this.#add({ parents: [id], startingHash: middle + 1n, endingHash: shard.endingHash })
  }

  /** Merges two neighbours, when there are. */
  merge(nowMs: number): boolean {
    const open = this.openShards.sort((a, b) => (a.startingHash < b.startingHash ? -1 : 1))
    const place = this.#random.between(0, open.length - 1)
    const [a, b] = [open[place], open[place + 1]]
    if (a === undefined || b === undefined) return false
    this.#close(a.id, nowMs)
    this.#close(b.id, nowMs)
    this.#add({ parents: [a.id, b.id], startingHash: a.startingHash, endingHash: b.endingHash })
    return true
  }

  #close(id: string, nowMs: number): SimShard {
    const shard = this.shard(id)
    shard.open = false
    this.settle(shard, nowMs)
    return shard
  }

  #add(shard: Pick<SimShard, 'parents' | 'startingHash' | 'endingHash'>): void {
    const id = `shardId-${String(this.shards.length).padStart(12, '0')}`
    // Neighbours differ beyond the 16 digits that a Number keeps, and those of two shards say nothing of each other.
    const last = BigInt(`4957${this.#name.length}${'0'.repeat(47)}${this.#random.between(100, 400)}`)
    this.shards.push({ ...shard, id, open: true, records: [], settling: [], last })
  }
}
