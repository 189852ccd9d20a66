import { originText } from '../../shared/core/event/outcome.ts'
import { type Manifest, manifestKey, segmentPrefix } from '../../shared/core/lane/manifest.ts'
import { compareSequenceNumbers } from '../../shared/core/lane/sequence-number.ts'
import { rowByColumn } from '../support/row-by-column.ts'
import { checkComplete } from './check-complete.ts'
import { committedManifest } from './committed.ts'
import { eventsOf } from './oracle.ts'
import { packIn, packOf } from './packs.ts'
import type { SimRecord, SimShard } from './stream.ts'
import type { World } from './world.ts'

/** A handful of each level; dead ones leave. */
const maxSegments = 12
/** What one batch of at most a dozen packs may touch. */
const maxOutbox = 60

/**
 * At every acknowledgement: what was acknowledged is durable (I5), no clock has gone back, and readers are told of no
 * window that it is complete before it is published. At every change of an object: what a lane's manifest names is there.
 */
export class DurabilityCheck {
  readonly failures: string[] = []
  readonly #clocks = new Map<number, number>()
  readonly #inLanes = new Set<string>()

  constructor(world: World) {
    world.onPacked = (data) => this.#packed(world, data)
    world.objects.onChanged = (keys) => this.#changed(world, keys)
    world.enrich.onAcknowledged = (shard, records) => {
      for (const record of records) this.#enriched(world, shard, record)
    }
    world.aggregate.onAcknowledged = (shard, records) => {
      for (const record of records) this.#aggregated(world, shard, record)
      for (let lane = 0; lane < world.lanes; lane++) this.failures.push(...checkComplete(world, lane))
    }
  }

  /** Whoever loads a lane reads all segments that its manifest names; a writer that has them in memory would not notice. */
  #changed(world: World, keys: readonly string[]): void {
    const { objects } = world.objects
    for (let lane = 0; lane < world.lanes; lane++) {
      const isAbout =
        keys.includes(manifestKey(lane)) || keys.some((key) => key.startsWith(segmentPrefix(lane)))
      if (!isAbout) continue
      const gone = committedManifest(world, lane)?.segments.filter(
        ({ key, isInline }) => !isInline && !objects.has(key),
      )
      for (const { key } of gone ?? [])
        this.failures.push(`the manifest of lane ${lane} names ${key}, which is gone`)
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
      const { payload_key: aside } = rowByColumn(row)
      if (aside !== undefined && !world.objects.objects.has(aside))
        this.failures.push(`${text} was packed before it was put aside`)
    }
  }

  #enriched(world: World, shard: SimShard, record: SimRecord): void {
    for (const { index } of eventsOf(record, shard.id, world.keys.retiredMs)) {
      const origin = originText({ shardId: shard.id, sequenceNumber: record.sequenceNumber, index })
      if (!this.#inLanes.has(origin)) this.failures.push(`enrich acknowledged ${origin}, which is in no lane`)
    }
  }

  /** Nothing in the manifest, which is written at every commit, grows with the age of the lane. */
  #checkSize(world: World, { lane, applied, progress, segments, outbox }: Manifest): void {
    const sizes = {
      'applied lane shards': [Object.keys(applied).length, world.laneStream.shards.length],
      'raw shards': [Object.keys(progress.through).length, world.raw.shards.length],
      segments: [segments.length, maxSegments],
      'changed panes': [outbox.length, maxOutbox],
    }
    for (const [what, [size = 0, cap = 0]] of Object.entries(sizes)) {
      if (size > cap) this.failures.push(`lane ${lane}: ${size} ${what} in the manifest, at most ${cap}`)
    }
  }

  #aggregated(world: World, shard: SimShard, record: SimRecord): void {
    const { sequenceNumber } = record
    const lane = packIn(record)?.lane
    if (lane === undefined) return
    const committed = committedManifest(world, lane)
    if (committed !== undefined) this.#checkSize(world, committed)
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
