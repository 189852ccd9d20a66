import { type Origin, originText } from '../../shared/core/event/outcome.ts'
import type { FlushPack, LaneEvent } from '../../shared/core/lane/pack.ts'
import { type Code, codeOfPack } from './code.ts'
import { packOf } from './packs.ts'
import type { SimShard } from './stream.ts'

/** How an event first came to its lane: what counts, however often it comes again. */
export type FirstPacked = {
  readonly lane: number
  /** Place in the lane's order of first copies. */
  readonly place: number
  readonly event: LaneEvent
  /** The code that judged and measured it. */
  readonly code: Code | undefined
  /** How many flushes the lane had acted on. */
  readonly flushes: number
}

export type LaneLog = {
  /** By origin. */
  readonly first: ReadonlyMap<string, FirstPacked>
  /** Copies after the first. */
  readonly again: number
  /** Those of them that were judged otherwise. */
  readonly againOtherwise: number
}

/**
 * The lane stream read from its beginning, parents before children: which copy of an event was first, which code had
 * judged it, and which flushes stood before it. What the lanes made of it is not asked.
 */
export const laneLog = (shards: readonly SimShard[]): LaneLog => {
  const first = new Map<string, FirstPacked>()
  const flushes = new Map<number, FlushesOfLane>()
  let again = 0
  let againOtherwise = 0
  for (const { data } of shards.flatMap(({ records }) => records)) {
    const pack = packOf(data)
    if (pack.kind === 'mark') continue
    const ofLane = flushes.get(pack.lane) ?? new FlushesOfLane()
    flushes.set(pack.lane, ofLane)
    if (pack.kind === 'flush') {
      ofLane.take(pack)
      continue
    }
    const code = codeOfPack(pack.metrics)
    for (const event of pack.events) {
      const origin = originText(event.origin)
      const known = first.get(origin)
      if (known === undefined)
        first.set(origin, { lane: pack.lane, place: first.size, event, code, flushes: ofLane.acted })
      else {
        again++
        if (known.event.verdict !== event.verdict) againOtherwise++
      }
    }
  }
  return { first, again, againOtherwise }
}

/** A lane acts on a flush when it has come through every raw shard that was open. */
class FlushesOfLane {
  acted = 0
  readonly #seen = new Set<string>()
  readonly #left = new Map<string, Set<string>>()

  take({ id, origin, shards }: FlushPack & { readonly origin: Origin }): void {
    if (this.#seen.has(originText(origin))) return
    this.#seen.add(originText(origin))
    const left = this.#left.get(id) ?? new Set(shards.filter(({ open }) => open).map((shard) => shard.id))
    this.#left.set(id, left)
    left.delete(origin.shardId)
    if (left.size === 0) this.acted++
  }
}
