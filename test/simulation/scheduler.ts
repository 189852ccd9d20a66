import type { Random } from './random.ts'
import type { Scene } from './scenes.ts'

/** Chances of what may befall one call of a port, per call. */
export type Faults = {
  readonly fail: number
  readonly loseAnswer: number
  readonly delay: number
}

/** A line of the trace, written out only when somebody reads it. */
export type TraceLine = { readonly atMs: number; readonly line: string }

export const traceText = ({ atMs, line }: TraceLine): string =>
  `${String(atMs % 100_000_000).padStart(8)} ${line}`

type Call = {
  readonly owner: Owner
  readonly label: string
  /** It does not happen before so many others have. */
  readonly notBefore: number
  run(): void
  fail(error: Error): void
  loseAnswer(): void
}

/** Whoever makes calls: one attempt of a function. Frozen, its calls rest; dead, they never come back. */
export type Owner = { readonly name: string; state: 'running' | 'frozen' | 'dead' }

/**
 * Drives everything that is not computation: each call of a port waits here until it is chosen, by chance from the
 * seed. Nothing else decides an order, so that a seed replays exactly.
 */
export class Scheduler {
  readonly trace: TraceLine[] = []
  /** Scene → how often it was played: faults and what they led to. */
  readonly scenes = new Map<Scene, number>()
  nowMs: number
  #pending: Call[] = []
  #steps = 0
  readonly #random: Random
  #faults: Faults

  constructor(random: Random, faults: Faults, startMs: number) {
    this.#random = random
    this.#faults = faults
    this.nowMs = startMs
  }

  stopFaults(): void {
    this.#faults = { fail: 0, loseAnswer: 0, delay: 0 }
  }

  get hasCalls(): boolean {
    return this.#pending.some(({ owner }) => owner.state === 'running')
  }

  note(line: string): void {
    this.trace.push({ atMs: this.nowMs, line })
  }

  /** Counts a scene, so that a fault cannot stop being injected without anybody knowing. */
  play(scene: Scene, times = 1): void {
    this.scenes.set(scene, (this.scenes.get(scene) ?? 0) + times)
  }

  /** A call of a port: takes effect when it is chosen, or not at all. */
  call<T>(owner: Owner, label: string, effect: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const attempt = (lose: boolean) => {
        try {
          const answer = effect()
          if (lose) reject(new Error(`${label}: answer lost`))
          else resolve(answer)
        } catch (error) {
          reject(error)
        }
      }
      this.#pending.push({
        owner,
        label,
        notBefore: this.#steps + this.#delay(),
        run: () => attempt(false),
        fail: reject,
        loseAnswer: () => attempt(true),
      })
    })
  }

  /** Most calls take about as long; a few so long that others do all their work meanwhile. */
  #delay(): number {
    if (!this.#random.chance(this.#faults.delay)) return 0
    this.play('call that took long')
    return this.#random.between(20, 400)
  }

  /** Lets one waiting call happen. False when none can. */
  step(): boolean {
    const running = this.#pending.filter(({ owner }) => owner.state === 'running')
    if (running.length === 0) return false
    this.#steps++
    const ready = running.filter(({ notBefore }) => notBefore <= this.#steps)
    const call = this.#random.pick(ready.length > 0 ? ready : running)
    this.#pending.splice(this.#pending.indexOf(call), 1)
    if (this.#random.chance(this.#faults.fail)) {
      this.note(`${call.owner.name} ${call.label} FAILS`)
      this.play('call failed')
      call.fail(new Error(`${call.label}: injected fault`))
    } else if (this.#random.chance(this.#faults.loseAnswer)) {
      this.note(`${call.owner.name} ${call.label} ANSWER LOST`)
      this.play('answer lost')
      call.loseAnswer()
    } else {
      this.note(`${call.owner.name} ${call.label}`)
      call.run()
    }
    return true
  }

  /** A call of a dead owner never comes back; one last time its effect may still happen. */
  bury(owner: Owner, effectsLand: boolean): void {
    owner.state = 'dead'
    for (const call of this.#pending.filter((pending) => pending.owner === owner)) {
      if (effectsLand) {
        this.note(`${owner.name} ${call.label} lands after the crash`)
        this.play('call landed after a crash')
        call.loseAnswer()
      }
    }
    this.#pending = this.#pending.filter((pending) => pending.owner !== owner)
  }
}

/**
 * Lets every promise that can go on do so: a tick comes when no promise can. No port answers in here, so this always
 * comes to an end.
 */
export const settle = (): Promise<void> => new Promise((resolve) => process.nextTick(resolve))
