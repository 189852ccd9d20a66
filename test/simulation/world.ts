import { zstdCompressSync } from 'node:zlib'
import { enrichBatch } from '../../shared/core/event/enrich-batch.ts'
import type { RawRecord } from '../../shared/core/event/outcome.ts'
import { flushes, punctuations } from '../../shared/core/event/punctuations.ts'
import { resendRefused } from '../../shared/core/lake/resend.ts'
import { aggregate } from '../../shared/core/lane/aggregate.ts'
import type { LaneCache, LaneContext } from '../../shared/core/lane/commit.ts'
import { laneHashKey } from '../../shared/core/lane/lane-of.ts'
import { encodePack, packVersion } from '../../shared/core/lane/pack.ts'
import type { PackLimits } from '../../shared/core/lane/packer.ts'
import { type Code, codes, most } from './code.ts'
import { type KeyMemory, noKeys, SimKeys } from './keys.ts'
import { simulatedLatest } from './latest.ts'
import { type Invocation, SimMapping } from './mapping.ts'
import { garbageKey, packOf } from './packs.ts'
import type { Random } from './random.ts'
import { Scheduler } from './scheduler.ts'
import { SimLake, SimObjects, SimTable } from './stores.ts'
import { SimStream } from './stream.ts'
import { Workload } from './workload.ts'

const minuteMs = 60_000

/** So that ordinary packs are split and halved, and large events put aside, as in production only huge ones are. */
const limits: PackLimits = { maxRowBytes: 1_500, targetRowBytes: 3_600, maxPackBytes: 1_700 }

type AggregateMemory = { readonly cache: LaneCache; readonly code: Code }
type EnrichMemory = { readonly keys: KeyMemory; readonly code: Code }

/** Everything there is in a run: streams, mappings, functions, stores, clients, and one seed. */
export class World {
  readonly random: Random
  readonly scheduler: Scheduler
  readonly lanes: number
  readonly raw: SimStream
  readonly laneStream: SimStream
  readonly objects: SimObjects
  readonly limits = limits
  readonly keys = new SimKeys()
  readonly table = new SimTable()
  readonly lake: SimLake
  readonly enrich: SimMapping<EnrichMemory>
  readonly aggregate: SimMapping<AggregateMemory>
  readonly workload: Workload
  #code: Code
  readonly #deployed = new Set<Code>()
  readonly #tickKeys = noKeys()
  #tickedMs: number[] = []
  #faulty = true
  /** Valid control records that somebody listened in on. */
  readonly #overheard: { partitionKey: string; explicitHashKey: string; data: Uint8Array; atMs: number }[] =
    []

  constructor(random: Random) {
    this.random = random
    const level = random.pick([0, 0.01, 0.05, 0.12])
    const startMs = Date.UTC(2026, 2, 1) + random.between(0, 86_400_000)
    this.scheduler = new Scheduler(random, { fail: level, loseAnswer: level, delay: level / 2 }, startMs)
    this.lanes = random.pick([1, 2, 4])
    this.raw = new SimStream('raw', random.between(1, 2), random)
    this.laneStream = new SimStream('lanes', random.between(1, Math.min(2, this.lanes)), random)
    const refuse = () => this.#faulty && random.chance(level)
    this.lake = new SimLake(refuse)
    this.objects = new SimObjects(refuse)
    this.#code = random.chance(0.6) ? codes[0] : random.pick(codes)
    this.#deployed.add(this.#code)
    this.workload = new Workload(random, most.horizonMs)
    for (const stream of [this.raw, this.laneStream])
      stream.onSwapped = () => this.scheduler.play('puts that swapped')
    const shared = { scheduler: this.scheduler, random }
    this.enrich = new SimMapping({
      ...shared,
      name: 'enrich',
      stream: this.raw,
      consume: (invocation) => this.#enrich(invocation, refuse),
      fresh: () => ({ keys: noKeys(), code: this.#code }),
    })
    this.aggregate = new SimMapping({
      ...shared,
      name: 'aggregate',
      stream: this.laneStream,
      consume: (invocation) => this.#aggregate(invocation),
      fresh: () => ({ cache: new Map(), code: this.#code }),
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
    this.raw.put(this.workload.next(this.nowMs), this.nowMs)
  }

  tick(): void {
    const [key] = this.keys.read(this.#tickKeys, this.nowMs)
    const records = punctuations(this.#rawShards(), { key, issuedAt: this.nowMs })
    this.#tickedMs = [...this.#tickedMs.slice(-1), this.nowMs]
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
    this.scheduler.note(`flush ${id}`)
    this.scheduler.play('flush')
    const [key] = this.keys.read(noKeys(), this.nowMs)
    for (const record of flushes(this.#rawShards(), { key, issuedAt: this.nowMs, id }))
      this.raw.put(record, this.nowMs)
  }

  /** Someone without the key writes what looks like a tick, or sends a real one again, there or to another shard. */
  forge(): void {
    const shards = this.#rawShards()
    const recent = this.#overheard.filter(({ atMs }) => this.nowMs - atMs < 4 * minuteMs)
    const place = this.random.between(0, shards.length + recent.length - 1)
    const record =
      recent[place] ??
      this.random.pick(punctuations(shards, { key: 'guessed', issuedAt: this.nowMs + 600_000 }))
    this.scheduler.play(recent[place] === undefined ? 'mark forged' : 'mark replayed')
    const { data, partitionKey, explicitHashKey } = record
    const target = this.random.chance(0.3) ? this.random.pick(shards).startingHashKey : explicitHashKey
    this.raw.put({ data, partitionKey, explicitHashKey: target }, this.nowMs)
  }

  /** Someone writes into the lane stream what enrich never would. */
  litter(): void {
    const { random, laneStream } = this
    const packs = laneStream.shards.flatMap(({ records }) => records.slice(-1))
    const data = random.pick([
      Buffer.from('no pack'),
      zstdCompressSync('null'),
      zstdCompressSync(`{"v":${packVersion},"kind":"mark","lanes":1,"lane":0,"through":"x"}`),
      ...packs.map((record) => record.data.slice(0, record.data.length / 2)),
    ])
    this.scheduler.play('garbage in the lane stream')
    const hash = laneHashKey(random.between(0, this.lanes - 1), this.lanes)
    laneStream.put({ data, partitionKey: garbageKey, explicitHashKey: hash }, this.nowMs)
  }

  /** Other code, or what was there before it. */
  deploy(): void {
    const { random, scheduler } = this
    const next = random.pick(codes.filter((code) => code !== this.#code))
    scheduler.note(`deploy: ${next.name}`)
    if (next.judge !== this.#code.judge) scheduler.play('deploy of another plan')
    if (next.settings !== this.#code.settings) scheduler.play('deploy of other settings')
    this.#code = next
    this.#deployed.add(next)
    this.enrich.replaceContainers()
    this.aggregate.replaceContainers()
    // What the old code has judged comes again by the new one.
    if (random.chance(0.5)) this.enrich.addZombie()
  }

  /** The session gaps of all code that ran. */
  get gaps(): { readonly least: number; readonly most: number } {
    const gaps = [...this.#deployed].map(({ settings }) => settings.gapMs)
    return { least: Math.min(...gaps), most: Math.max(...gaps) }
  }

  /** When the tick before the last one was. */
  get lastTickButOneMs(): number | undefined {
    return this.#tickedMs[0]
  }

  /** One step of a rotation of the control key, when it is due. */
  rotateKeys(): void {
    if (this.keys.switch(this.nowMs)) this.scheduler.note('the new control key signs')
  }

  beginRotation(): void {
    if (this.keys.isRotating) return
    this.scheduler.note('the new control key is made known')
    this.scheduler.play('keys rotated')
    this.keys.begin(this.nowMs)
  }

  retireOldKey(): void {
    this.scheduler.note('the old control key is taken out')
    this.keys.retire(this.nowMs)
  }

  /** Someone kept the old key. */
  useRetiredKey(): void {
    this.scheduler.play('mark signed with the retired key')
    const by = { key: SimKeys.old, issuedAt: this.nowMs }
    this.raw.put(this.random.pick(punctuations(this.#rawShards(), by)), this.nowMs)
  }

  /** Enrich made several packs of one lane's events. */
  #playSplits(packs: readonly { readonly data: Uint8Array }[]): void {
    const bytes = new Map<number, number>()
    for (const { data } of packs) {
      const pack = packOf(data)
      if (pack.kind !== 'events') continue
      const rows = pack.events.reduce((sum, { row }) => sum + row.length, 0)
      const before = bytes.get(pack.lane)
      // Together they would have been one run of rows: it was its compressed size that made them two.
      if (before !== undefined)
        this.scheduler.play(before + rows <= limits.targetRowBytes ? 'pack halved' : 'pack split')
      bytes.set(pack.lane, rows)
    }
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
      metrics: memory.code.metrics.descriptors,
      measure: memory.code.metrics.measureEvent,
      latestOf: simulatedLatest,
      settings: memory.code.settings,
      judge: memory.code.judge,
      limits,
      controlKeys: this.keys.read(memory.keys, this.nowMs),
      putOverflow: ({ key, row }) => this.objects.port(owner, scheduler).put(key, Buffer.from(row)),
      putLaneRecords: (packs) => {
        this.#playSplits(packs)
        return resendRefused(packs, {
          name: 'lanes',
          put: (waiting) =>
            scheduler.call(owner, `put ${waiting.length} packs`, () => {
              const refused: number[] = []
              for (const [place, pack] of waiting.entries()) {
                if (refuse()) {
                  scheduler.play('pack refused')
                  refused.push(place)
                } else {
                  this.laneStream.put(pack, this.nowMs)
                  this.onPacked(pack.data)
                }
              }
              return { refused, reason: 'ProvisionedThroughputExceededException' }
            }),
          pause: async () => {},
        })
      },
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
      latest: this.table.latestPort(owner, scheduler),
      lanes: this.lanes,
      settings: memory.code.settings,
      sessionMetrics: memory.code.metrics,
      cache: memory.cache,
      isOutOfTime: () => {
        if (asked++ < outOfTimeAfter) return false
        scheduler.play('left before the timeout')
        return true
      },
    }
    const result = await aggregate({ laneShard: `1/${shard.id}`, records }, context)
    for (const error of result.errors) scheduler.note(`${owner.name} lane failed: ${String(error)}`)
    this.unexpected.push(...result.errors.filter((error) => !isInjected(error)))
    return result.firstFailed
  }

  /** Called with each pack that the lane stream took. */
  onPacked: (data: Uint8Array) => void = () => {}
  /** Faults that nobody injected. */
  readonly unexpected: unknown[] = []
}

const isInjected = (error: unknown): boolean =>
  error instanceof Error && /injected fault|answer lost|attempts lost|refused/.test(error.message)
