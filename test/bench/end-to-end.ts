import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { measureLatency } from './end-to-end-latency.ts'
import { startBenchStack } from './end-to-end-stack.ts'
import { differences, measureThroughput, type Throughput, warmUpEvents } from './end-to-end-throughput.ts'
import { median, quantile } from './measure.ts'

const help = `npm run bench:e2e -- [options]

The local stack in a process of its own, events of 1 KB from another one over HTTP/2: events a second until every one of
them is counted and in Parquet, and the memory of the stack, after 20,000 that warm it up. With --latency how long it takes from PutRecords until the
query API shows the number, in stage local, whose batching window is 1 s.

  --events N         how many (default 300k; 5M is five million)
  --latency          latency instead, at a modest rate
  --rate N           events a second for --latency (default 500)
  --seconds N        how long for --latency (default 20)
  --max-seconds N    gives up after (default 900); sends for nine tenths of it at most
  --min-rate N       exits 1 when fewer events a second come through
  --max-memory N     exits 1 when the stack ever holds more MB than this
  --max-p99 N        exits 1 when the 99th percentile of the latency is above so many ms
  --profile DIR      leaves CPU profiles of the stack's threads there
  --verbose          tells how far it is
  --help             this text
`

const number = (text: string, option: string): number => {
  const [, digits, unit] = /^(\d{1,9})([kM]?)$/.exec(text) ?? []
  if (digits === undefined)
    throw new Error(`${option} takes a whole number such as 300, 300k or 5M, not ${text}`)
  return Number(digits) * (unit === 'M' ? 1_000_000 : unit === 'k' ? 1_000 : 1)
}

const options = {
  events: { type: 'string', default: '300k' },
  latency: { type: 'boolean', default: false },
  rate: { type: 'string', default: '500' },
  seconds: { type: 'string', default: '20' },
  'max-seconds': { type: 'string', default: '900' },
  'min-rate': { type: 'string', default: '0' },
  'max-memory': { type: 'string', default: '999M' },
  'max-p99': { type: 'string', default: '999M' },
  profile: { type: 'string' },
  verbose: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const

const parse = () => parseArgs({ options }).values
type Values = ReturnType<typeof parse>

/** Answers what is past its target, a line each. */
const throughput = async (values: Values): Promise<string[]> => {
  const stack = await startBenchStack(values.profile)
  try {
    const o = {
      maxSeconds: number(values['max-seconds'], '--max-seconds'),
      report: (line: string) => {
        if (values.verbose) console.log(line)
      },
    }
    await measureThroughput(stack, { ...o, events: warmUpEvents, seed: 2 })
    const result = await measureThroughput(stack, {
      ...o,
      events: number(values.events, '--events'),
      seed: 1,
    })
    print(result)
    const peakMb = Math.max(...result.memoryMb)
    return [
      ...differences(result),
      ...past('events a second', number(values['min-rate'], '--min-rate'), rateOf(result)),
      ...past('MB', peakMb, number(values['max-memory'], '--max-memory')),
    ]
  } finally {
    await stack.stop()
  }
}

const rateOf = ({ sent, seconds }: Throughput): number => sent / seconds.inLake

const print = (result: Throughput): void => {
  const { sent, seconds, memoryMb, counted } = result
  const at = (share: number) => (memoryMb[Math.round((memoryMb.length - 1) * share)] ?? Number.NaN).toFixed(0)
  const us = (cpuSeconds: number) => ((cpuSeconds * 1e6) / sent).toFixed(0)
  console.log(
    `${sent} events: ${counted.accepted} accepted, ${counted.quarantined} quarantined, ${counted.duplicate} duplicate; ${result.inParquet} in Parquet`,
  )
  console.log(
    `${rateOf(result).toFixed(0)} events/s: ${seconds.sent.toFixed(1)} s to send, ${seconds.counted.toFixed(1)} s until counted, ${seconds.inLake.toFixed(1)} s until in the lake`,
  )
  console.log(
    `CPU an event: ${us(result.stackCpuSeconds)} µs in the stack, ${us(result.producerCpuSeconds)} µs in the producer`,
  )
  console.log(
    `memory of the stack: ${at(0)} MB at the start, ${at(0.25)} at a quarter, ${at(0.5)} at the half, ${at(0.75)} at three quarters, ${at(1)} at the end, ${Math.max(...memoryMb).toFixed(0)} at the peak`,
  )
}

const past = (what: string, lesser: number, greater: number): string[] =>
  lesser <= greater ? [] : [`${what}: ${lesser.toFixed(0)} is more than ${greater.toFixed(0)}`]

const latency = async (values: Values): Promise<string[]> => {
  const stack = await startBenchStack(values.profile)
  try {
    const found = await measureLatency(stack, {
      eventsPerSecond: number(values.rate, '--rate'),
      seconds: number(values.seconds, '--seconds'),
    })
    const p99 = quantile(found, 0.99)
    console.log(
      `${found.length} probes at ${values.rate} events/s: ${median(found).toFixed(0)} ms in the middle, ${p99.toFixed(0)} ms at the 99th percentile, ${Math.max(...found).toFixed(0)} ms at most`,
    )
    return past('ms at the 99th percentile', p99, number(values['max-p99'], '--max-p99'))
  } finally {
    await stack.stop()
  }
}

const main = async (): Promise<number> => {
  const values = parse()
  if (values.help) {
    process.stdout.write(help)
    return 0
  }
  const problems = values.latency ? await latency(values) : await throughput(values)
  console.log(`${cpus().length} × ${cpus()[0]?.model}, Node ${process.version}`)
  for (const line of problems) console.log(line)
  return problems.length === 0 ? 0 : 1
}

process.exitCode = await main()
