import { type Origin, originText } from '../../shared/core/event/outcome.ts'
import type { FlushPack, LaneEvent, MarkPack } from '../../shared/core/lane/pack.ts'
import { Progress } from '../../shared/core/lane/progress.ts'
import { type Code, codeOfPack, least } from './code.ts'
import { packIn } from './packs.ts'
import type { SimShard } from './stream.ts'

/** How far flushes and marks have brought a lane. */
export type Standing = {
  /** How many flushes it has acted on. */
  readonly flushes: number
  readonly clock: number | undefined
  readonly firstMinute: number
}

/** How an event first came to its lane: what counts, however often it comes again. */
export type FirstPacked = Standing & {
  readonly lane: number
  /** Place in the lane's order of first copies. */
  readonly place: number
  readonly event: LaneEvent
  /** The code that judged and measured it. */
  readonly code: Code | undefined
  /** By the settings in its pack. */
  readonly horizonMs: number
  readonly latenessMs: number
}

export type LaneLog = {
  /** By origin. */
  readonly first: ReadonlyMap<string, FirstPacked>
  /** By lane, what the marks and flushes have told it. */
  readonly lanes: ReadonlyMap<number, Standing>
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
  const lanes = new Map<number, LaneInLog>()
  let again = 0
  let againOtherwise = 0
  for (const record of shards.flatMap(({ records }) => records)) {
    const pack = packIn(record)
    if (pack === undefined) continue
    const lane = lanes.get(pack.lane) ?? new LaneInLog()
    lanes.set(pack.lane, lane)
    const { horizonMs, latenessMs } = pack.settings ?? least
    if (pack.kind === 'flush') lane.flush(pack)
    if (pack.kind === 'mark') lane.mark(pack, { laneArrival: record.arrivalMs, horizonMs })
    if (pack.kind !== 'events') continue
    const code = codeOfPack(pack.metrics)
    for (const event of pack.events) {
      const origin = originText(event.origin)
      const known = first.get(origin)
      if (known === undefined)
        first.set(origin, {
          lane: pack.lane,
          place: first.size,
          event,
          code,
          ...lane.standing(),
          horizonMs,
          latenessMs,
        })
      else {
        again++
        if (known.event.verdict !== event.verdict) againOtherwise++
      }
    }
  }
  const standings = new Map([...lanes].map(([lane, told]) => [lane, told.standing()]))
  return { first, lanes: standings, again, againOtherwise }
}

/** What the flushes and marks in the log have told a lane. */
class LaneInLog {
  #flushes = 0
  #clock: number | undefined
  #firstMinute = 0
  readonly #progress = new Progress()
  readonly #seen = new Set<string>()
  readonly #left = new Map<string, Set<string>>()

  standing(): Standing {
    return { flushes: this.#flushes, clock: this.#clock, firstMinute: this.#firstMinute }
  }

  /** Which marks count is `Progress`'s to say; that the clock it comes to is right, `checkLaneItems` checks. */
  mark(mark: MarkPack, by: { readonly laneArrival: number; readonly horizonMs: number }): void {
    if (!this.#progress.apply(mark, by.laneArrival)) return
    const clock = this.#progress.clock()
    if (clock === undefined || clock <= (this.#clock ?? 0)) return
    this.#clock = clock
    // Whatever is forgotten by a short horizon does not come back by a longer one.
    this.#firstMinute = Math.max(this.#firstMinute, Math.floor((clock - by.horizonMs) / 60_000))
  }

  /** A lane acts on a flush when it has come through every raw shard that was open. */
  flush({ id, origin, shards }: FlushPack & { readonly origin: Origin }): void {
    if (this.#seen.has(originText(origin))) return
    this.#seen.add(originText(origin))
    const left = this.#left.get(id) ?? new Set(shards.filter(({ open }) => open).map((shard) => shard.id))
    this.#left.set(id, left)
    left.delete(origin.shardId)
    if (left.size === 0) this.#flushes++
  }
}
