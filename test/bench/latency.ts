import { measureLatency } from './end-to-end-latency.ts'
import { startBenchStack } from './end-to-end-stack.ts'
import { quantile } from './measure.ts'
import type { Measured, Part } from './part.ts'

const eventsPerSecond = 500
const seconds = 60

/** How old a number is when a dashboard shows it. */
export const latency: Part = {
  name: 'latency',
  title: 'From PutRecords to the number in a query',
  sizes: ['long'],
  run: async (): Promise<Measured> => {
    const stack = await startBenchStack()
    try {
      const found = await measureLatency(stack, { eventsPerSecond, seconds })
      const p99 = quantile(found, 0.99)
      const times = [quantile(found, 0.5), quantile(found, 0.9), p99, Math.max(...found)]
      return {
        table: {
          columns: ['', 'middle', '90 %', '99 %', 'longest'],
          rows: [['milliseconds', ...times.map((ms) => ms.toFixed(0))]],
        },
        figures: new Map([['latency, 99th percentile', p99]]),
        notes: [`${found.length} events with names of their own among ${eventsPerSecond} a second.`],
      }
    } finally {
      await stack.stop()
    }
  },
}
