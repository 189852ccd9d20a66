import { startBenchStack } from './end-to-end-stack.ts'
import { differences, measureThroughput, type Throughput, warmUpEvents } from './end-to-end-throughput.ts'
import { sum } from './measure.ts'
import type { Measured, Part, PartRun } from './part.ts'

const events = 5_000_000
/** A stack too slow for all of them is given as many as it takes. */
const maxSeconds = 20 * 60
const reportEverySeconds = 60

/** The local stack as it is, sockets and Parquet included. */
export const endToEnd: Part = {
  name: 'end-to-end',
  title: 'Through the whole stack',
  sizes: ['long'],
  run: ({ report }: PartRun) => measureEndToEnd({ events, maxSeconds, report }),
}

export const measureEndToEnd = async (o: {
  readonly events: number
  readonly maxSeconds: number
  report(line: string): void
}): Promise<Measured> => {
  const stack = await startBenchStack()
  try {
    await measureThroughput(stack, { ...o, events: warmUpEvents, seed: 2, report() {} })
    const result = await measureThroughput(stack, { ...o, seed: 1, report: nowAndThen(o.report) })
    const wrong = differences(result)
    if (wrong.length > 0) throw new Error(wrong.join('; '))
    return measuredOf(result)
  } finally {
    await stack.stop()
  }
}

const measuredOf = ({
  sent,
  seconds,
  memoryMb,
  stackCpuSeconds,
  producerCpuSeconds,
}: Throughput): Measured => {
  const perSecond = sent / seconds.inLake
  const quarters = [0, 1, 2, 3].map((quarter) =>
    mean(memoryMb.slice((memoryMb.length * quarter) / 4, (memoryMb.length * (quarter + 1)) / 4)),
  )
  const [, second = Number.NaN, , last = Number.NaN] = quarters
  const peak = Math.max(...memoryMb)
  const us = (cpuSeconds: number) => ((cpuSeconds * 1e6) / sent).toFixed(0)
  return {
    table: {
      columns: ['', ''],
      rows: [
        ['events', String(sent)],
        ['events a second, until all of them are in Parquet', perSecond.toFixed(0)],
        ['processor time of the stack, µs an event', us(stackCpuSeconds)],
        ['processor time of the client, µs an event', us(producerCpuSeconds)],
        ['memory of the stack in the four quarters, MB', quarters.map((mb) => mb.toFixed(0)).join(', ')],
        ['at the peak, MB', peak.toFixed(0)],
      ],
    },
    figures: new Map([
      ['events a second, end to end', perSecond],
      ['memory of the stack', peak],
      ['growth of its memory', last / second],
    ]),
    notes: ['Each event is counted once, and stands once in the lake.'],
  }
}

const mean = (values: readonly number[]): number => sum(values) / values.length

const nowAndThen = (report: (line: string) => void): ((line: string) => void) => {
  let lastMs = performance.now()
  return (line) => {
    if (performance.now() - lastMs < reportEverySeconds * 1000) return
    lastMs = performance.now()
    report(line)
  }
}
