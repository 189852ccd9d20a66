import { setTimeout as sleep } from 'node:timers/promises'
import type { WireMessage } from './faults.ts'
import type { Random } from './random.ts'
import { createTraffic } from './traffic.ts'

export type DemoOptions = {
  /** Where the collector is, without a path: `http://127.0.0.1:3000`. */
  readonly url: string
  readonly writeKey: string
  readonly random?: Random
  readonly eventsPerSecond?: number
}

export type Demo = {
  /** Stops sending, gives up the request in flight, and resolves when nothing runs any more. */
  stop(): Promise<void>
  /** How many messages the collector has taken. */
  sent(): number
}

/** The shop opened a little before the stack did, so that the first batches already hold whole visits. */
const headStartMs = 60_000
const flushEveryMs = 500
const requestTimeoutMs = 10_000
const longestPauseMs = 15_000
/** While the collector is down the shop goes on; what is above this is lost, as from a full queue in a browser. */
const maxQueued = 2_000
/** Well below the 500 KB that Segment's API allows. */
const maxBatch = 100

/** Visits a small shop as long as it is let: one request at a time, slower while the collector refuses. */
export function startDemo(options: DemoOptions): Demo {
  const { url, writeKey, random = Math.random, eventsPerSecond = 20 } = options
  const traffic = createTraffic({ random, eventsPerSecond, startMs: Date.now() - headStartMs })
  const stopping = new AbortController()
  let queue: WireMessage[] = []
  let sent = 0

  async function run(): Promise<void> {
    let failures = 0
    while (!stopping.signal.aborted) {
      queue = [...queue, ...traffic.takeDue(Date.now())].slice(0, maxQueued)
      const batch = queue.slice(0, maxBatch)
      if (batch.length > 0) {
        const taken = await post({ url, writeKey, batch, signal: stopping.signal })
        if (taken) {
          queue = queue.slice(batch.length)
          sent += batch.length
        }
        failures = taken ? 0 : failures + 1
      }
      if (failures === 0 && queue.length > 0) continue
      await pause(Math.min(flushEveryMs * 2 ** failures, longestPauseMs), stopping.signal)
    }
  }

  const running = run()
  return {
    sent: () => sent,
    async stop() {
      stopping.abort()
      await running
    },
  }
}

type Post = {
  readonly url: string
  readonly writeKey: string
  readonly batch: readonly WireMessage[]
  readonly signal: AbortSignal
}

/** True when the collector took the batch. A fault is not worth telling: the next attempt resends all of it. */
async function post({ url, writeKey, batch, signal }: Post): Promise<boolean> {
  try {
    const response = await fetch(new URL('/v1/batch', url), {
      method: 'POST',
      headers: {
        authorization: `Basic ${Buffer.from(`${writeKey}:`).toString('base64')}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({ batch, sentAt: new Date().toISOString() }),
      signal: AbortSignal.any([signal, AbortSignal.timeout(requestTimeoutMs)]),
    })
    await response.arrayBuffer()
    return response.ok
  } catch {
    return false
  }
}

async function pause(durationMs: number, signal: AbortSignal): Promise<void> {
  await sleep(durationMs, undefined, { signal }).catch(() => undefined)
}
