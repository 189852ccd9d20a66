import { createRecordWriter, listShards } from '../../shared/aws/kinesis.ts'
import { punctuations } from '../../shared/core/event/punctuations.ts'
import type { Clients } from './clients.ts'
import type { MeteredStack } from './metered-stack.ts'

const rawStream = 'weir-local-raw'
const minuteMs = 60_000
/** How far apart things arrive within a step; a session closes by its last arrival, so that none is a crowd. */
const arrivalMs = 15_000
const arrivalsOfStep = { least: 4, most: 20 }

export type Windowed = { readonly name: string; readonly windowSeconds: number }

/** Lets time pass for a stack: clients send, the minute's punctuation comes, and functions run as their windows end. */
export class Time {
  readonly #stack: MeteredStack
  readonly #functions: readonly (Windowed & { drainedMs: number })[]
  readonly #writer = createRecordWriter({ streamName: rawStream })

  /** @param functions in the order in which records come to them. */
  constructor(stack: MeteredStack, functions: readonly Windowed[]) {
    this.#stack = stack
    this.#functions = functions.map((one) => ({ ...one, drainedMs: stack.nowMs }))
  }

  /** Lets it pass until then, in steps; answers how many events came. */
  async pass(clients: Clients, o: { readonly untilMs: number; readonly stepMs: number }): Promise<number> {
    let events = 0
    while (this.#stack.nowMs < o.untilMs) {
      events += await this.#step(clients, Math.min(o.untilMs, this.#stack.nowMs + o.stepMs))
    }
    return events
  }

  async #step(clients: Clients, untilMs: number): Promise<number> {
    const beganMs = this.#stack.nowMs
    const { least, most } = arrivalsOfStep
    const arrivals = Math.min(most, Math.max(least, Math.ceil((untilMs - beganMs) / arrivalMs)))
    let sent = 0
    for (let arrival = 1; arrival <= arrivals; arrival++) {
      this.#stack.nowMs = Math.floor(beganMs + ((untilMs - beganMs) * arrival) / arrivals)
      const { records, events } = clients.takeUntil(this.#stack.nowMs)
      sent += events
      if (records.length > 0) await this.#writer.put(records)
    }
    if (Math.floor(untilMs / minuteMs) > Math.floor(beganMs / minuteMs)) await this.#punctuate()
    for (const one of this.#functions) {
      if (untilMs - one.drainedMs < one.windowSeconds * 1000) continue
      await this.#stack.drain(one.name)
      one.drainedMs = untilMs
    }
    return sent
  }

  /** As `tick` does each minute. */
  async #punctuate(): Promise<void> {
    const { controlKey, nowMs } = this.#stack
    const shards = await listShards(rawStream)
    await this.#writer.put(punctuations(shards, { key: controlKey, issuedAt: nowMs }))
  }
}
