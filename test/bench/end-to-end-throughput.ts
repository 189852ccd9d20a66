import { spawn } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { DuckDBInstance } from '@duckdb/node-api'
import { countsOf } from './end-to-end-account.ts'
import type { Expected } from './end-to-end-payloads.ts'
import type { Produced } from './end-to-end-producer.ts'
import type { BenchStack, Usage } from './end-to-end-stack.ts'

export type Throughput = {
  readonly sent: number
  readonly expected: Expected
  readonly counted: Expected
  /** Distinct events in the Parquet files. */
  readonly inParquet: number
  /** From the first call until the last was answered, until all were counted, until all was in the lake. */
  readonly seconds: { readonly sent: number; readonly counted: number; readonly inLake: number }
  /** Of the stack, over the whole time. */
  readonly memoryMb: readonly number[]
  readonly stackCpuSeconds: number
  readonly producerCpuSeconds: number
}

const projectDir = join(import.meta.dirname, '../..')
const lookEveryMs = 500
/** Of the time there is: the rest is for what has been sent to come through. */
const sendingShare = 0.9
/** Functions loaded, code compiled: what every stack does once is not what an event costs. */
export const warmUpEvents = 20_000

/** Sends, and waits until the account shows every event and no delivery is under way. */
export const measureThroughput = async (
  stack: BenchStack,
  o: {
    readonly events: number
    readonly maxSeconds: number
    /** No two measures of one stack may have the same. */
    readonly seed: number
    report(line: string): void
  },
): Promise<Throughput> => {
  const before = await stack.usage()
  const fromMs = Date.now() - 3_600_000
  const countsBefore = await countsOf(stack.url, fromMs)
  const inParquetBefore = await distinctEvents(stack.dataDir)
  const counts = async () => minus(await countsOf(stack.url, fromMs), countsBefore)
  const memoryMb: number[] = [before.residentMb]
  const producer = startProducer(stack, [o.events, o.maxSeconds * sendingShare, o.seed])
  let produced: Produced | undefined
  producer.then((answer) => {
    produced = answer
  })
  const deadlineMs = Date.now() + o.maxSeconds * 1000
  let countedMs: number | undefined
  let usage: Usage = before
  for (;;) {
    await Promise.race([sleep(lookEveryMs), produced === undefined ? producer : undefined].filter(Boolean))
    usage = await stack.usage()
    memoryMb.push(usage.residentMb)
    const counted = total(await counts())
    o.report(`${counted} counted, ${usage.residentMb.toFixed(0)} MB`)
    if (produced !== undefined && counted >= produced.sent) countedMs ??= Date.now()
    if (countedMs !== undefined && isDelivered(stack.dataDir)) break
    if (Date.now() > deadlineMs) throw new Error(`${counted} events were counted in ${o.maxSeconds} s`)
  }
  const inLakeMs = Date.now()
  const { sent, expected, beganMs, endedMs, cpuSeconds } = await producer
  const seconds = (ms: number | undefined) => ((ms ?? Number.NaN) - beganMs) / 1000
  return {
    sent,
    expected,
    counted: await counts(),
    inParquet: (await distinctEvents(stack.dataDir)) - inParquetBefore,
    seconds: { sent: seconds(endedMs), counted: seconds(countedMs), inLake: seconds(inLakeMs) },
    memoryMb,
    stackCpuSeconds: usage.cpuSeconds - before.cpuSeconds,
    producerCpuSeconds: cpuSeconds,
  }
}

/** What became of them and should not have: a line each. */
export const differences = ({ expected, counted, inParquet, sent }: Throughput): string[] => [
  ...(['accepted', 'quarantined', 'duplicate'] as const)
    .filter((outcome) => counted[outcome] !== expected[outcome])
    .map((outcome) => `${counted[outcome]} events are counted as ${outcome}, ${expected[outcome]} were sent`),
  ...(total(counted) === sent ? [] : [`${total(counted)} events are counted, ${sent} were sent`]),
  ...(inParquet === expected.accepted ? [] : [`${inParquet} events are in Parquet`]),
]

const total = ({ accepted, quarantined, duplicate }: Expected): number => accepted + quarantined + duplicate

const minus = (a: Expected, b: Expected): Expected => ({
  accepted: a.accepted - b.accepted,
  quarantined: a.quarantined - b.quarantined,
  duplicate: a.duplicate - b.duplicate,
})

const startProducer = (stack: BenchStack, given: readonly number[]): Promise<Produced> => {
  const child = spawn(process.execPath, ['test/bench/end-to-end-producer.ts', ...given.map(String)], {
    cwd: projectDir,
    env: stack.environment,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  return new Promise((resolve, reject) => {
    child.once('close', (code) => {
      if (code === 0) resolve(JSON.parse(output))
      else reject(new Error(`the producer ended with ${code}`))
    })
  })
}

/** Firehose holds nothing that is not in the lake. */
const isDelivered = (dataDir: string): boolean =>
  readdirSync(join(dataDir, 'firehose'), { recursive: true }).every(
    (name) => !String(name).endsWith('.buffer'),
  )

const distinctEvents = async (dataDir: string): Promise<number> => {
  if (!existsSync(join(dataDir, 'lake/events'))) return 0
  const limits = { memory_limit: '2GB', temp_directory: join(dataDir, '..', 'duckdb') }
  const connection = await (await DuckDBInstance.create(':memory:', limits)).connect()
  const files = join(dataDir, 'lake/events/**/*.parquet')
  const answer = await connection.runAndReadAll(
    `SELECT count(DISTINCT origin)::INTEGER FROM read_parquet('${files}')`,
  )
  connection.closeSync()
  return Number(answer.getRows()[0]?.[0])
}
