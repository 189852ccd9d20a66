import type { EpochMs } from '../event/outcome.ts'
import { listOf, type OriginList } from './origin-list.ts'
import type { ListedShard, MarkPack } from './pack.ts'
import { compareSequenceNumbers } from './sequence-number.ts'

/** How far a lane is with one raw shard. Plain data: it is written to the manifest as it is. */
export type ShardProgress = {
  /** Every record up to here has been folded for certain; null until two marks have arrived. */
  readonly through: string | null
  /** Arrival time of `through`. */
  readonly arrival: EpochMs | null
  /** A mark that waits for the next one: packs put just before it may stand behind it in the lane stream. */
  readonly pending: PendingMark | null
  readonly parents: readonly string[]
  /** Its children have spoken, so all of it has been folded. */
  readonly closed: boolean
  /** Arrival time of the child's mark that closed it: nothing of it arrived later. */
  readonly closedAt?: EpochMs
}

type PendingMark = {
  readonly through: string
  readonly arrival: EpochMs
  /** When the mark itself arrived in the lane stream. */
  readonly laneArrival: EpochMs
}

/**
 * Kinesis may swap puts in quick succession. A mark is acted on when one arrives in the lane stream this much later:
 * in a backlog marks follow each other in no time, so that the next one alone would prove nothing.
 */
export const settleMs = 10_000

export type ShardList = { readonly issuedAt: EpochMs; readonly shards: readonly ListedShard[] }

export type ProgressSnapshot = {
  readonly through: Readonly<Record<string, ShardProgress>>
  readonly list: ShardList
}

/**
 * The raw stream keeps a record for 168 hours at the most (`extendedRetentionHours` in `serverless.yml`). A day later nobody can still hold one of a shard
 * that had ended: neither enrich, which lives for minutes, nor a pack, which stands in the lane stream before the mark
 * that moves the clock here. So what is forgotten cannot come again and pass for new.
 */
export const forgetAfterMs = 8 * 86_400_000

/** What marks have told a lane of the raw stream, and the origins it has seen beyond them. */
export class Progress {
  readonly #shards = new Map<string, ShardProgress>()
  /** By raw shard, beyond its `through`. */
  readonly #seen = new Map<string, OriginList>()
  #list: ShardList = { issuedAt: 0, shards: [] }

  restore({ through, list }: ProgressSnapshot): void {
    // Those closed before it was kept have none: not later than the last that the lane has heard.
    for (const [shard, progress] of Object.entries(through))
      this.#shards.set(shard, progress.closed ? { closedAt: list.issuedAt, ...progress } : progress)
    this.#list = list
  }

  snapshot(): ProgressSnapshot {
    return { through: Object.fromEntries(this.#shards), list: this.#list }
  }

  /** Of an origin that is not through; see `originWords`. False when it is remembered already: folded before, for certain. */
  remember(shardId: string, origin: Uint32Array): boolean {
    return listOf(this.#seen, shardId).add(origin)
  }

  /** Those that are through are as good as remembered. */
  rememberAll(shardId: string, origins: OriginList): void {
    listOf(this.#seen, shardId).addAll(origins)
    this.#forgetSeen(shardId)
  }

  /** How many raw records are remembered beyond the marks; grows without bound only when no mark comes. */
  get recordsBeyond(): number {
    let count = 0
    for (const { records } of this.#seen.values()) count += records
    return count
  }

  /** Takes in a mark that arrived in the lane stream then; true when it acted on the mark before it. */
  apply(mark: MarkPack, laneArrival: EpochMs): boolean {
    // A forged list cannot get here; an old one can, when a batch comes again.
    if (mark.issuedAt > this.#list.issuedAt) this.#list = { issuedAt: mark.issuedAt, shards: mark.shards }
    const parents = mark.shards.find(({ id }) => id === mark.shard)?.parents ?? []
    const known = this.#shards.get(mark.shard) ?? { ...unheard, parents }
    if (known.closed) return false
    const last = known.pending?.through ?? known.through
    if (last !== null && compareSequenceNumbers(mark.through, last) <= 0) return false
    const pending = { through: mark.through, arrival: mark.arrival, laneArrival }
    if (known.pending === null) {
      this.#shards.set(mark.shard, { ...known, pending })
      return false
    }
    if (laneArrival < known.pending.laneArrival + settleMs) return false
    const arrival = Math.max(known.arrival ?? known.pending.arrival, known.pending.arrival)
    this.#shards.set(mark.shard, { ...known, through: known.pending.through, arrival, pending })
    this.#forgetSeen(mark.shard)
    this.#closeAncestors(parents, arrival)
    this.#forgetOldShards()
    return true
  }

  /** The least arrival time over the open shards of the list, undefined while one of them is unheard of. */
  clock(): EpochMs | undefined {
    let clock: EpochMs | undefined
    for (const shard of this.#list.shards) {
      if (!shard.open || this.#shards.get(shard.id)?.closed) continue
      const arrival = this.#arrivalOf(shard.id, shard.parents)
      if (arrival === undefined) return undefined
      if (clock === undefined || arrival < clock) clock = arrival
    }
    return clock
  }

  /** True when every record of the shard up to this one has been folded for certain. */
  isThrough(shardId: string, sequenceNumber: string): boolean {
    const progress = this.#shards.get(shardId)
    if (progress === undefined) return false
    if (progress.closed) return true
    return progress.through !== null && compareSequenceNumbers(sequenceNumber, progress.through) <= 0
  }

  /** Leaves those of the shard that are not through. */
  forgetThrough(shardId: string, origins: OriginList): void {
    const progress = this.#shards.get(shardId)
    if (progress?.closed) origins.clear()
    else if (progress !== undefined && progress.through !== null) origins.forgetThrough(progress.through)
  }

  /** Its own, or while it is silent the least of its parents': nothing of it can have arrived before them. */
  #arrivalOf(shardId: string, parents: readonly string[]): EpochMs | undefined {
    const own = this.#shards.get(shardId)?.arrival ?? undefined
    if (own !== undefined || parents.length === 0) return own
    let least: EpochMs | undefined
    for (const parent of parents) {
      const arrival = this.#arrivalOf(parent, this.#parentsOf(parent))
      if (arrival === undefined) return undefined
      if (least === undefined || arrival < least) least = arrival
    }
    return least
  }

  #parentsOf(shardId: string): readonly string[] {
    return (
      this.#list.shards.find(({ id }) => id === shardId)?.parents ?? this.#shards.get(shardId)?.parents ?? []
    )
  }

  /** Lambda reads a shard to its end before it reads its children. */
  #closeAncestors(parents: readonly string[], closedAt: EpochMs): void {
    for (const parent of parents) {
      const known = this.#shards.get(parent) ?? { ...unheard, parents: this.#parentsOf(parent) }
      if (known.closed) continue
      this.#shards.set(parent, { ...known, closed: true, pending: null, closedAt })
      this.#seen.delete(parent)
      this.#closeAncestors(known.parents, closedAt)
    }
  }

  #forgetSeen(shardId: string): void {
    const origins = this.#seen.get(shardId)
    if (origins === undefined) return
    this.forgetThrough(shardId, origins)
    if (origins.records === 0) this.#seen.delete(shardId)
  }

  /** By the clock, not by the mark at hand: while another shard is behind, so may be what is in front of the lane. */
  #forgetOldShards(): void {
    const clock = this.clock()
    if (clock === undefined) return
    // The parents of a listed shard too: it names them with every mark, and would only bring them back.
    const named = new Set(this.#list.shards.flatMap(({ id, parents }) => [id, ...parents]))
    for (const [shard, { closed, closedAt }] of this.#shards)
      if (closed && closedAt !== undefined && closedAt < clock - forgetAfterMs && !named.has(shard))
        this.#shards.delete(shard)
  }
}

const unheard: ShardProgress = { through: null, arrival: null, pending: null, parents: [], closed: false }
