import { setTimeout as sleep } from 'node:timers/promises'
import { KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis'
import { cellsOf } from './end-to-end-account.ts'
import { Payloads } from './end-to-end-payloads.ts'
import type { BenchStack } from './end-to-end-stack.ts'

export type LatencyOptions = {
  readonly eventsPerSecond: number
  readonly seconds: number
}

const probeEveryMs = 100
const lookEveryMs = 50
const patienceMs = 30_000
/** Before the first invocations of all functions are over, nothing is measured. */
const warmUpMs = 5_000

/**
 * Milliseconds from just before a PutRecords until the query API shows the number that it changed: one for each probe,
 * an event with a name of its own among others, in order of sending.
 */
export const measureLatency = async (stack: BenchStack, o: LatencyOptions): Promise<readonly number[]> => {
  Object.assign(process.env, stack.environment)
  const client = new KinesisClient({})
  const payloads = new Payloads({ seed: 2, visitors: 20_000, distinct: 10_000 })
  const fromMs = Date.now() - 60_000
  const eventsPerProbe = Math.max(1, Math.round((o.eventsPerSecond * probeEveryMs) / 1000)) - 1
  const put = async (name: string): Promise<void> => {
    const datas = [...payloads.take(eventsPerProbe), probe(name)]
    const Records = datas.map((Data, index) => ({ Data, PartitionKey: `${name} ${index}` }))
    await client.send(new PutRecordsCommand({ StreamName: 'weir-local-raw', Records }))
  }
  const waiting = new Map<string, number>()
  const latencies: number[] = []
  const firstMs = performance.now()
  const rounds = Math.round((warmUpMs + o.seconds * 1000) / probeEveryMs)
  const send = async (): Promise<void> => {
    const puts: Promise<void>[] = []
    for (let round = 0; round < rounds; round++) {
      // The next is due at its time, however long this one took: a stall delays all that comes in it.
      const dueMs = firstMs + round * probeEveryMs
      await sleep(Math.max(0, dueMs - performance.now()))
      if (round * probeEveryMs >= warmUpMs) waiting.set(`Probe ${round}`, performance.now())
      puts.push(put(`Probe ${round}`))
    }
    await Promise.all(puts)
  }
  let isSending = true
  const sending = send().finally(() => {
    isSending = false
  })
  let lastFoundMs = performance.now()
  while (isSending || waiting.size > 0) {
    for (const { by } of await cellsOf(stack.url, 'events', { fromMs, grain: '1m', by: 'event' })) {
      const sentMs = waiting.get(by.event ?? '')
      if (sentMs === undefined) continue
      lastFoundMs = performance.now()
      latencies.push(lastFoundMs - sentMs)
      waiting.delete(by.event ?? '')
    }
    if (performance.now() - lastFoundMs > patienceMs)
      throw new Error(`${waiting.size} probes are not counted after ${patienceMs / 1000} s`)
    await sleep(lookEveryMs)
  }
  await sending
  client.destroy()
  return latencies
}

const probe = (name: string): Buffer =>
  Buffer.from(
    JSON.stringify({
      type: 'track',
      event: name,
      messageId: name,
      anonymousId: name,
      timestamp: new Date().toISOString(),
    }),
  )
