import { enrichBatch } from '../../shared/core/event/enrich-batch.ts'
import { createJudge } from '../../shared/core/event/judge.ts'
import type { RawRecord } from '../../shared/core/event/outcome.ts'
import { flushes, punctuations } from '../../shared/core/event/punctuations.ts'
import { resendRefused } from '../../shared/core/lake/resend.ts'
import { aggregate } from '../../shared/core/lane/aggregate.ts'
import type { LaneCache, LaneContext } from '../../shared/core/lane/commit.ts'
import type { LaneSettings } from '../../shared/core/lane/fold.ts'
import { laneHashKey } from '../../shared/core/lane/lane-of.ts'
import { encodePack } from '../../shared/core/lane/pack.ts'
import { type CompiledMetrics, compileMetrics } from '../../shared/core/metric/compile.ts'
import { type Invocation, SimMapping } from './mapping.ts'
import { deployedMetrics, simulatedMetrics } from './metrics.ts'
import type { Random } from './random.ts'
import { Scheduler } from './scheduler.ts'
import { SimLake, SimObjects, SimTable } from './stores.ts'
import { SimStream } from './stream.ts'
import { Workload } from './workload.ts'

const minuteMs = 60_000

/** Shorter than in production, so that sessions close and ids are forgotten within a run. */
export const settings: LaneSettings = {
  gapMs: minuteMs,
  latenessMs: 45_000,
  horizonMs: 90_000,
  maxPanes: 60,
}

const controlKey = 'simulated'
const judge = createJudge({ plan: [], countryOf: () => '' })
const compiled = compileMetrics(simulatedMetrics)
const deployed = compileMetrics(deployedMetrics)

type AggregateMemory = { readonly cache: LaneCache; readonly metrics: CompiledMetrics }
type EnrichMemory = { readonly metrics: CompiledMetrics }

/** Everything there is in a run: streams, mappings, functions, stores, clients, and one seed. */
export class World {
  readonly random: Random
  readonly scheduler: Scheduler
  readonly lanes: number
  readonly raw: SimStream
  readonly laneStream: SimStream
  readonly objects = new SimObjects()
  readonly table = new SimTable()
  readonly lake: SimLake
  readonly enrich: SimMapping<EnrichMemory>
  readonly aggregate: SimMapping<AggregateMemory>
  readonly workload: Workload
  #metrics = compiled
  #faulty = true
  /** Valid control records that somebody listened in on. */
  readonly #overheard: { partitionKey: string; explicitHashKey: string; data: Uint8Array; atMs: number }[] =
    []

  constructor(random: Random) {
    this.random = random
    const level = random.pick([0, 0.01, 0.05, 0.12])
    const startMs = Date.UTC(2026, 2, 1) + random.between(0, 86_400_000)
    this.scheduler = new Scheduler(random, { fail: level, loseAnswer: level }, startMs)
    this.lanes = random.pick([1, 2, 4])
    this.raw = new SimStream('raw', random.between(1, 2), random)
    this.laneStream = new SimStream('lanes', random.between(1, Math.min(2, this.lanes)), random)
    const refuse = () => this.#faulty && random.chance(level)
    this.lake = new SimLake(refuse)
    this.workload = new Workload(random, settings.horizonMs)
    const shared = { scheduler: this.scheduler, random }
    this.enrich = new SimMapping({
      ...shared,
      name: 'enrich',
      stream: this.raw,
      consume: (invocation) => this.#enrich(invocation, refuse),
      fresh: () => ({ metrics: this.#metrics }),
    })
    this.aggregate = new SimMapping({
      ...shared,
      name: 'aggregate',
      stream: this.laneStream,
      consume: (invocation) => this.#aggregate(invocation),
      fresh: () => ({ cache: new Map(), metrics: this.#metrics }),
    })
  }

  get nowMs(): number {
    return this.scheduler.nowMs
  }

  advance(ms: number): void {
    this.scheduler.nowMs += ms
    this.raw.settleAll(this.nowMs)
    this.laneStream.settleAll(this.nowMs)
  }

  calmDown(): void {
    this.#faulty = false
    this.scheduler.stopFaults()
  }

  produce(): void {
    this.workload.dropStaleResends(this.nowMs)
    this.raw.put(this.workload.next(this.nowMs), this.nowMs)
  }

  tick(): void {
    const records = punctuations(this.#rawShards(), { key: controlKey, issuedAt: this.nowMs })
    this.scheduler.note(`tick to ${records.length} shards`)
    for (const record of records) {
      this.raw.put(record, this.nowMs)
      this.#overheard.push({ ...record, atMs: this.nowMs })
    }
  }

  /** What no tick does, but a mutant: marks that overtake the records still waiting in front of enrich. */
  tickPastEnrich(record: { readonly data: Uint8Array; readonly explicitHashKey: string }): void {
    const shard = this.raw.put({ ...record, partitionKey: 'tick' }, this.nowMs)
    const control = JSON.parse(Buffer.from(record.data).toString('utf8'))
    for (let lane = 0; lane < this.lanes; lane++) {
      const mark = { kind: 'mark' as const, lanes: this.lanes, lane, shard: shard.id, arrival: this.nowMs }
      const through = `${BigInt(shard.records.at(-1)?.sequenceNumber ?? '0')}`
      const data = encodePack({ ...mark, through, issuedAt: control.issuedAt, shards: control.shards })
      this.laneStream.put(
        { data, partitionKey: 'tick', explicitHashKey: laneHashKey(lane, this.lanes) },
        this.nowMs,
      )
    }
  }

  /** Imports and tests do this; here it may come at any time. */
  flush(): void {
    const id = `flush-${this.random.between(0, 1e9)}`
    this.hasFlushed = true
    this.scheduler.note(`flush ${id}`)
    for (const record of flushes(this.#rawShards(), { key: controlKey, issuedAt: this.nowMs, id }))
      this.raw.put(record, this.nowMs)
  }

  /** Someone without the key writes what looks like a tick, or sends a real one again, there or to another shard. */
  forge(): void {
    const shards = this.#rawShards()
    const forged = punctuations(shards, { key: 'guessed', issuedAt: this.nowMs + 600_000 })
    const recent = this.#overheard.filter(({ atMs }) => this.nowMs - atMs < 4 * minuteMs)
    const candidates = [...forged, ...recent]
    const { data, partitionKey, explicitHashKey } = this.random.pick(candidates)
    const target = this.random.chance(0.3) ? this.random.pick(shards).startingHashKey : explicitHashKey
    this.raw.put({ data, partitionKey, explicitHashKey: target }, this.nowMs)
  }

  deploy(): void {
    this.scheduler.note('deploy')
    this.#metrics = deployed
    this.enrich.replaceContainers()
    this.aggregate.replaceContainers()
  }

  #rawShards() {
    return this.raw.shards.map(({ id, parents, open, startingHash }) => ({
      id,
      parents,
      open,
      startingHashKey: startingHash.toString(),
    }))
  }

  async #enrich({ owner, memory, shard, records }: Invocation<EnrichMemory>, refuse: () => boolean) {
    const raw: RawRecord[] = records.map((record) => ({ ...record, shardId: shard.id }))
    const { scheduler } = this
    await enrichBatch(raw, {
      lanes: this.lanes,
      metrics: memory.metrics.descriptors,
      measure: memory.metrics.measureEvent,
      judge,
      controlKey,
      putOverflow: ({ key, row }) => this.objects.port(owner, scheduler).put(key, Buffer.from(row)),
      putLaneRecords: (packs) =>
        resendRefused(packs, {
          name: 'lanes',
          put: (waiting) =>
            scheduler.call(owner, `put ${waiting.length} packs`, () => {
              const refused: number[] = []
              for (const [place, pack] of waiting.entries()) {
                if (refuse()) refused.push(place)
                else this.laneStream.put(pack, this.nowMs)
              }
              return { refused, reason: 'ProvisionedThroughputExceededException' }
            }),
          pause: async () => {},
        }),
    })
    return undefined
  }

  async #aggregate({
    owner,
    memory,
    shard,
    records,
  }: Invocation<AggregateMemory>): Promise<string | undefined> {
    const { scheduler, random } = this
    const outOfTimeAfter =
      this.#faulty && random.chance(0.1) ? random.between(0, 5) : Number.POSITIVE_INFINITY
    let asked = 0
    const context: LaneContext = {
      objects: this.objects.port(owner, scheduler),
      lake: this.lake.port(owner, scheduler),
      panes: this.table.port(owner, scheduler),
      lanes: this.lanes,
      settings,
      sessionMetrics: memory.metrics,
      cache: memory.cache,
      isOutOfTime: () => asked++ >= outOfTimeAfter,
    }
    const result = await aggregate({ laneShard: `1/${shard.id}`, records }, context)
    for (const error of result.errors) scheduler.note(`${owner.name} lane failed: ${String(error)}`)
    this.unexpected.push(...result.errors.filter((error) => !isInjected(error)))
    return result.firstFailed
  }

  /** A flush cuts sessions short, whoever may still come. */
  hasFlushed = false
  /** Faults that nobody injected. */
  readonly unexpected: unknown[] = []
}

const isInjected = (error: unknown): boolean =>
  error instanceof Error && /injected fault|answer lost|attempts lost|refused/.test(error.message)
