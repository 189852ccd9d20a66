import type { KinesisStore, Shard } from '../aws/kinesis/store.ts'
import { Checkpoints } from './checkpoints.ts'
import type { MappingDeclaration } from './declaration.ts'
import { type Discarded, invocationRecord } from './failure-destination.ts'
import type { Invoke } from './invocation.ts'
import { ShardPoller } from './shard-poller.ts'
import { Gate, Signal } from './signal.ts'

export interface MappingOptions {
  readonly declaration: MappingDeclaration
  readonly kinesis: KinesisStore
  readonly invoke: Invoke
  /** Keeps how far the mapping has come in each shard. */
  readonly checkpointFile: string
  /** Writes a discarded batch to its destination. */
  putObject(o: { bucket: string; key: string; body: string }): Promise<void>
  onDiscard?(discarded: Discarded): void
  readonly firstBackoffMs?: number
}

const shardDiscoveryMs = 300

/** A Kinesis event source mapping as Lambda runs it: one poller a shard, parents before children, at least once. */
export class EventSourceMapping {
  readonly declaration: MappingDeclaration
  readonly #options: MappingOptions
  readonly #checkpoints: Checkpoints
  readonly #pollers = new Map<string, ShardPoller>()
  readonly #gate = new Gate()
  readonly #stopping = new AbortController()
  readonly #look = new Signal()
  readonly #runs = new Set<Promise<void>>()
  #faulted: ((error: unknown) => void) | undefined

  constructor(options: MappingOptions) {
    const { kinesis, declaration, checkpointFile } = options
    this.#options = options
    this.declaration = declaration
    this.#checkpoints = new Checkpoints(checkpointFile, kinesis.describe(declaration.streamName).createdMs)
    if (this.#checkpoints.isNew) this.#rememberStart()
  }

  /** Every shard that may be read is polled when this returns. `onFault` hears of what breaks the mapping itself. */
  start(onFault: (error: unknown) => void): void {
    this.#faulted = onFault
    this.#startPollers()
    this.#track(this.#discover())
  }

  /** Holds back the next batches; what is in flight ends. */
  pause(): void {
    this.#gate.shut()
  }

  resume(): void {
    this.#gate.open()
  }

  /** Every record of every shard is done with. */
  get isCaughtUp(): boolean {
    return this.#shards().every(
      ({ shardId }) =>
        this.#checkpoints.get(shardId).finished || (this.#pollers.get(shardId)?.isCaughtUp ?? false),
    )
  }

  /** Ends the invocations in flight and begins no other. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    this.#gate.open()
    this.#look.wake()
    for (const poller of this.#pollers.values()) poller.wake()
    await Promise.all(this.#runs)
  }

  // From now on, for LATEST: what came before the mapping is never delivered, though it starts again later.
  #rememberStart(): void {
    if (this.declaration.startingPosition === 'LATEST') {
      for (const { shardId, endingSequenceNumber } of this.#shards()) {
        const after = this.#options.kinesis.latest(this.declaration.streamName, shardId)
        this.#checkpoints.set(shardId, { after, finished: endingSequenceNumber !== undefined })
      }
    }
    this.#checkpoints.save()
  }

  async #discover(): Promise<void> {
    const off = this.#options.kinesis.onAppend((stream, shardId) => {
      if (stream !== this.declaration.streamName) return
      const poller = this.#pollers.get(shardId)
      if (poller) poller.wake()
      else this.#look.wake()
    })
    while (!this.#stopping.signal.aborted) {
      this.#startPollers()
      await this.#look.wait(shardDiscoveryMs)
    }
    off()
  }

  #startPollers(): void {
    const shards = this.#shards()
    const present = new Set(shards.map(({ shardId }) => shardId))
    const isDone = (shardId: string) => !present.has(shardId) || this.#checkpoints.get(shardId).finished
    for (const shard of shards) {
      const { shardId } = shard
      if (this.#pollers.has(shardId) || isDone(shardId) || !parentsOf(shard).every(isDone)) continue
      const poller = this.#poller(shardId)
      this.#pollers.set(shardId, poller)
      this.#track(this.#run(shardId, poller))
    }
  }

  async #run(shardId: string, poller: ShardPoller): Promise<void> {
    await poller.run()
    this.#pollers.delete(shardId)
    this.#look.wake()
  }

  #poller(shardId: string): ShardPoller {
    const { kinesis, invoke, firstBackoffMs = 100 } = this.#options
    return new ShardPoller({
      kinesis,
      mapping: this.declaration,
      shardId,
      invoke,
      gate: this.#gate,
      stopping: this.#stopping.signal,
      firstBackoffMs,
      start: this.#checkpoints.get(shardId),
      checkpoint: (checkpoint) => this.#checkpoints.set(shardId, checkpoint),
      discard: (discarded) => this.#discard(discarded),
    })
  }

  async #discard(discarded: Discarded): Promise<void> {
    this.#options.onDiscard?.(discarded)
    const bucket = this.declaration.onFailureBucket
    if (!bucket) return
    await this.#options.putObject({ bucket, ...invocationRecord(this.declaration, discarded, new Date()) })
  }

  #track(run: Promise<void>): void {
    const caught = run.catch((error: unknown) => this.#faulted?.(error))
    this.#runs.add(caught)
    void caught.then(() => this.#runs.delete(caught))
  }

  #shards(): Shard[] {
    return this.#options.kinesis.listShards(this.declaration.streamName)
  }
}

function parentsOf(shard: Shard): string[] {
  return [shard.parentShardId, shard.adjacentParentShardId].filter((id) => id !== undefined)
}
