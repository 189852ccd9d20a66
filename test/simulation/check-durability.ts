import { originText } from '../../shared/core/event/outcome.ts'
import { compareSequenceNumbers } from '../../shared/core/lane/sequence-number.ts'
import { committedManifest } from './committed.ts'
import { eventsOf } from './oracle.ts'
import { packOf } from './packs.ts'
import type { SimRecord, SimShard } from './stream.ts'
import type { World } from './world.ts'

/** At every acknowledgement: what was acknowledged is durable (I5), and no clock has gone back. */
export class DurabilityCheck {
  readonly failures: string[] = []
  readonly #clocks = new Map<number, number>()
  readonly #inLanes = new Set<string>()

  constructor(world: World) {
    world.onPacked = (data) => this.#packed(world, data)
    world.enrich.onAcknowledged = (shard, records) => {
      for (const record of records) this.#enriched(world, shard, record)
    }
    world.aggregate.onAcknowledged = (shard, records) => {
      for (const record of records) this.#aggregated(world, shard, record)
    }
  }

  /** A pack is on its way: what its rows name must be there, and it must not be larger than it may. */
  #packed(world: World, data: Uint8Array): void {
    const pack = packOf(data)
    if (pack.kind !== 'events') return
    if (pack.events.length > 1 && data.length > world.limits.maxPackBytes)
      this.failures.push(`a pack of ${pack.events.length} events has ${data.length} bytes`)
    for (const { origin, row } of pack.events) {
      const text = originText(origin)
      this.#inLanes.add(text)
      if (row.includes('"payload_key":') && !world.objects.objects.has(JSON.parse(row).payload_key))
        this.failures.push(`${text} was packed before it was put aside`)
    }
  }

  #enriched(world: World, shard: SimShard, record: SimRecord): void {
    for (const { index } of eventsOf(record, shard.id, world.keys.retiredMs)) {
      const origin = originText({ shardId: shard.id, sequenceNumber: record.sequenceNumber, index })
      if (!this.#inLanes.has(origin)) this.failures.push(`enrich acknowledged ${origin}, which is in no lane`)
    }
  }

  #aggregated(world: World, shard: SimShard, { data, sequenceNumber }: SimRecord): void {
    const { lane } = packOf(data)
    const committed = committedManifest(world, lane)
    const clock = committed?.clock ?? undefined
    if (clock !== undefined) {
      if (clock < (this.#clocks.get(lane) ?? clock)) this.failures.push(`the clock of lane ${lane} went back`)
      this.#clocks.set(lane, clock)
    }
    const applied = committed?.applied[`1/${shard.id}`]
    if (applied === undefined || compareSequenceNumbers(applied, sequenceNumber) < 0)
      this.failures.push(`lane ${lane}: ${sequenceNumber} was acknowledged, committed is ${applied}`)
  }
}
