/**
 * Puts events on the raw stream as fast as it is taken, and then tells on stdout what it put: a process of its own, for
 * a client's work is not the stack's.
 *
 *   node test/bench/end-to-end-producer.ts EVENTS MAX_SECONDS SEED
 */
import { KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis'
import { type Expected, Payloads } from './end-to-end-payloads.ts'

export type Produced = {
  readonly sent: number
  readonly expected: Expected
  /** Of the first call, in ms since 1970. */
  readonly beganMs: number
  readonly endedMs: number
  readonly cpuSeconds: number
}

const recordsPerCall = 500
const callsInFlight = 4
const distinctEvents = 40_000
const visitors = 20_000

const produce = async (events: number, maxSeconds: number, seed: number): Promise<Produced> => {
  const payloads = new Payloads({ seed, visitors, distinct: distinctEvents })
  const client = new KinesisClient({})
  const beganMs = Date.now()
  const cpu = process.cpuUsage()
  let [begun, sent] = [0, 0]
  const work = async (): Promise<void> => {
    while (begun < events && Date.now() - beganMs < maxSeconds * 1000) {
      const count = Math.min(recordsPerCall, events - begun)
      begun += count
      const Records = payloads
        .take(count)
        .map((Data, index) => ({ Data, PartitionKey: String(begun + index) }))
      const answer = await client.send(new PutRecordsCommand({ StreamName: 'weir-local-raw', Records }))
      if (answer.FailedRecordCount) throw new Error(`${answer.FailedRecordCount} records were refused`)
      sent += count
    }
  }
  await Promise.all(Array.from({ length: callsInFlight }, work))
  const { user, system } = process.cpuUsage(cpu)
  const cpuSeconds = (user + system) / 1e6
  return { sent, expected: payloads.expected(sent), beganMs, endedMs: Date.now(), cpuSeconds }
}

const [events = 0, maxSeconds = 0, seed = 0] = process.argv.slice(2).map(Number)
console.log(JSON.stringify(await produce(events, maxSeconds, seed)))
