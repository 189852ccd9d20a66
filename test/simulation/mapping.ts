import type { Random } from './random.ts'
import { type Owner, type Scheduler, settle } from './scheduler.ts'
import type { SimRecord, SimShard, SimStream } from './stream.ts'

/** One execution environment: what is warm in it, and whether it is at work. */
export type Container<Memory> = { readonly memory: Memory; busy: boolean }

export type Invocation<Memory> = {
  readonly owner: Owner
  readonly memory: Memory
  readonly shard: SimShard
  readonly records: readonly SimRecord[]
}

/** Answers the first sequence number that is not done, undefined when the batch is; throws when it failed. */
export type Consumer<Memory> = (invocation: Invocation<Memory>) => Promise<string | undefined>

/** Reads one shard from a position on, one invocation at a time. */
type Poller = {
  readonly shardId: string
  position: number
  running: Owner | undefined
  invocationsLeft: number
  /** The batch of the last attempt. */
  last?: { readonly position: number; readonly size: number }
}

/** An event source mapping as Lambda runs it: at least once, in order the first time, and no promise beyond that. */
export class SimMapping<Memory> {
  readonly #stream: SimStream
  readonly #scheduler: Scheduler
  readonly #random: Random
  readonly #consume: Consumer<Memory>
  readonly #fresh: () => Memory
  readonly #name: string
  #containers: Container<Memory>[] = []
  /** Shard → its poller in force. Its position is what has been acknowledged. */
  readonly #pollers = new Map<string, Poller>()
  #zombies: Poller[] = []
  #count = 0
  /** Called at every acknowledgement, with the records that it covers. */
  onAcknowledged: (shard: SimShard, records: readonly SimRecord[]) => void = () => {}

  constructor(of: {
    name: string
    stream: SimStream
    scheduler: Scheduler
    random: Random
    consume: Consumer<Memory>
    fresh: () => Memory
  }) {
    this.#name = of.name
    this.#stream = of.stream
    this.#scheduler = of.scheduler
    this.#random = of.random
    this.#consume = of.consume
    this.#fresh = of.fresh
  }

  /** Starts an invocation on some shard that has records. False when none has, or all are at work. */
  async poll(): Promise<boolean> {
    const idle = [...this.#readable(), ...this.#zombies].filter(
      (poller) => poller.running === undefined && this.#waiting(poller) > 0 && poller.invocationsLeft > 0,
    )
    if (idle.length === 0) return false
    await this.#invoke(this.#random.pick(idle))
    return true
  }

  /** What is warm. */
  get memories(): Memory[] {
    return this.#containers.map(({ memory }) => memory)
  }

  get isDone(): boolean {
    return this.#readable().every((poller) => poller.running === undefined && this.#waiting(poller) === 0)
  }

  /** A second reader of a shard, from somewhere before: a replaced mapping, a poller that does not know it is dead. */
  addZombie(): void {
    const pollers = [...this.#pollers.values()].filter(({ position }) => position > 0)
    if (pollers.length === 0) return
    const { shardId, position } = this.#random.pick(pollers)
    const back = this.#random.chance(0.3) ? 0 : this.#random.between(0, position)
    this.#zombies.push({
      shardId,
      position: back,
      running: undefined,
      invocationsLeft: this.#random.between(1, 5),
    })
    this.#scheduler.note(`${this.#name} zombie on ${shardId} from ${back}`)
    this.#scheduler.play('zombie')
  }

  /** Reads everything again from the trim horizon. */
  rewind(): void {
    this.#scheduler.note(`${this.#name} replayed from the trim horizon`)
    this.#scheduler.play('replay from the trim horizon')
    for (const [shardId, poller] of this.#pollers)
      this.#pollers.set(shardId, { ...poller, position: 0, running: undefined })
  }

  /** The invocation is given up for failed; its calls may land later, land now, or never. */
  interrupt(): void {
    const pollers = [...this.#pollers.values(), ...this.#zombies].filter(
      ({ running }) => running !== undefined,
    )
    if (pollers.length === 0) return
    const poller = this.#random.pick(pollers)
    const owner = poller.running
    if (owner === undefined) return
    poller.running = undefined
    const fate = this.#random.pick([
      'killed',
      'killed, its calls land',
      'timed out and goes on',
      'frozen',
    ] as const)
    this.#scheduler.note(`${owner.name} ${fate}`)
    this.#scheduler.play(fate)
    if (fate === 'frozen') owner.state = 'frozen'
    else if (fate !== 'timed out and goes on') this.#scheduler.bury(owner, fate !== 'killed')
    if (fate === 'frozen') this.#frozen.push(owner)
  }

  readonly #frozen: Owner[] = []

  thaw(): void {
    const owner = this.#frozen.shift()
    if (owner === undefined) return
    this.#scheduler.note(`${owner.name} thawed`)
    this.#scheduler.play('thawed')
    owner.state = 'running'
  }

  /** New code: nothing is warm. */
  replaceContainers(): void {
    this.#scheduler.play('containers replaced')
    this.#containers = []
  }

  endZombies(): void {
    this.#zombies = []
    while (this.#frozen.length > 0) this.thaw()
  }

  #readable(): Poller[] {
    const readable: Poller[] = []
    for (const shard of this.#stream.shards) {
      if (!shard.parents.every((parent) => this.#isReadOut(parent))) continue
      const poller = this.#pollers.get(shard.id) ?? {
        shardId: shard.id,
        position: 0,
        running: undefined,
        invocationsLeft: Number.POSITIVE_INFINITY,
      }
      this.#pollers.set(shard.id, poller)
      readable.push(poller)
    }
    return readable
  }

  #isReadOut(shardId: string): boolean {
    const shard = this.#stream.shard(shardId)
    const poller = this.#pollers.get(shardId)
    return !shard.open && shard.settling.length === 0 && poller?.position === shard.records.length
  }

  #waiting(poller: Poller): number {
    return this.#stream.shard(poller.shardId).records.length - poller.position
  }

  async #invoke(poller: Poller): Promise<void> {
    const shard = this.#stream.shard(poller.shardId)
    // Any size again at every attempt: the same, halved, a suffix, regrouped larger.
    const size = this.#random.between(1, Math.min(this.#waiting(poller), 12))
    const records = shard.records.slice(poller.position, poller.position + size)
    const owner: Owner = { name: `${this.#name}#${++this.#count}`, state: 'running' }
    this.#playRegrouping(poller, size)
    poller.last = { position: poller.position, size }
    const container = this.#container()
    container.busy = true
    poller.running = owner
    poller.invocationsLeft--
    const span = `${shard.id.slice(-2)} [${poller.position}, ${poller.position + size})`
    this.#scheduler.note(`${owner.name} starts on ${span}`)
    const { memory } = container
    const finish = (firstLeft: string | undefined, failed: boolean) => {
      container.busy = false
      if (poller.running !== owner) return
      poller.running = undefined
      const left = failed ? 0 : records.findIndex(({ sequenceNumber }) => sequenceNumber === firstLeft)
      const done = left === -1 ? size : left
      if (!failed && done < size) this.#scheduler.play('partial batch response')
      this.#scheduler.note(`${owner.name} ${failed ? 'failed' : `acknowledges ${done} of ${size}`}`)
      poller.position += done
      if (done > 0) this.onAcknowledged(shard, records.slice(0, done))
    }
    this.#consume({ owner, memory, shard, records }).then(
      (firstLeft) => finish(firstLeft, false),
      () => finish(undefined, true),
    )
    await settle()
  }

  /** How this batch lies to the one that was tried before it. */
  #playRegrouping({ shardId, position, last }: Poller, size: number): void {
    const { length } = [...this.#pollers.values(), ...this.#zombies].filter(
      (other) => other.shardId === shardId && other.running !== undefined,
    )
    if (length > 1) this.#scheduler.play('two attempts at one shard')
    if (last === undefined) return
    if (position > last.position && position < last.position + last.size)
      this.#scheduler.play('batch again, a suffix')
    if (position !== last.position) return
    if (size === last.size) this.#scheduler.play('batch again, the same')
    else if (size < last.size) this.#scheduler.play('batch again, halved')
    else this.#scheduler.play('batch again, regrouped larger')
  }

  #container(): Container<Memory> {
    const warm = this.#containers.filter(({ busy }) => !busy)
    if (warm.length > 0 && this.#random.chance(0.8)) {
      this.#scheduler.play('warm container')
      return this.#random.pick(warm)
    }
    // A container whose attempt was given up goes on with the next one: what was frozen thaws beside it.
    if (this.#containers.length > 0 && this.#random.chance(0.15)) {
      const shared = this.#random.pick(this.#containers)
      if (shared.busy) this.#scheduler.play('container shared with an attempt given up')
      return shared
    }
    this.#scheduler.play('cold container')
    const container = { memory: this.#fresh(), busy: false }
    this.#containers.push(container)
    return container
  }
}
