import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { type Demo, startDemo } from '../../../local/demo/demo.ts'
import { seeded } from '../../../local/demo/random.ts'

type Received = { batch: { messageId: string }[]; sentAt: string }

/** A collector that answers as it is told and remembers what it was sent. */
class Collector {
  status = 200
  hangs = false
  inFlight = 0
  mostInFlight = 0
  readonly requests: { received: Received; headers: IncomingMessage['headers']; url: string | undefined }[] =
    []
  readonly #server: Server = createServer((request, response) => {
    this.inFlight++
    this.mostInFlight = Math.max(this.mostInFlight, this.inFlight)
    response.once('close', () => {
      this.inFlight--
    })
    json(request).then((received) => {
      this.requests.push({ received: received as Received, headers: request.headers, url: request.url })
      if (!this.hangs) response.writeHead(this.status, { 'content-type': 'application/json' }).end('{}')
    })
  })

  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }
}

const running: { stop(): Promise<void> }[] = []
afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.stop()))
})

async function demoAgainst(collector: Collector, eventsPerSecond = 200): Promise<Demo> {
  const url = await collector.listen()
  const demo = startDemo({ url, writeKey: 'local', random: seeded(1), eventsPerSecond })
  running.push(demo, { stop: () => collector.close() })
  return demo
}

describe('the demo', () => {
  it('posts Segment batches with the write key, one request at a time', async () => {
    const collector = new Collector()
    const demo = await demoAgainst(collector)
    await vi.waitUntil(() => collector.requests.length > 5, 10_000)
    await demo.stop()
    const [first] = collector.requests
    expect(first?.url).toBe('/v1/batch')
    expect(first?.headers.authorization).toBe(`Basic ${btoa('local:')}`)
    expect(Date.parse(first?.received.sentAt ?? '')).toBeGreaterThan(Date.now() - 60_000)
    expect(collector.mostInFlight).toBe(1)
    // The request that was under way when it stopped may have arrived without an answer.
    const received = collector.requests.flatMap((request) => request.received.batch).length
    const last = collector.requests.at(-1)?.received.batch.length
    expect([received, received - (last ?? 0)]).toContain(demo.sent())
  })

  it('resends what was refused, ever more slowly, and counts it once', async () => {
    const collector = new Collector()
    collector.status = 503
    const demo = await demoAgainst(collector)
    await vi.waitUntil(() => collector.requests.length === 2, 10_000)
    expect(demo.sent()).toBe(0)
    collector.status = 200
    await vi.waitUntil(() => demo.sent() > 0, 10_000)
    const [refused, again, taken] = collector.requests
    expect(again?.received.batch).toEqual(refused?.received.batch)
    expect(taken?.received.batch).toEqual(refused?.received.batch)
  })

  it('stops at once, even in the middle of a request that nobody answers', async () => {
    const collector = new Collector()
    collector.hangs = true
    const demo = await demoAgainst(collector)
    await vi.waitUntil(() => collector.requests.length === 1, 10_000)
    const stoppedAt = performance.now()
    await demo.stop()
    expect(performance.now() - stoppedAt).toBeLessThan(500)
    expect(demo.sent()).toBe(0)
  })
})
