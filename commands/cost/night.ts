import definitions from '../../analytics/metrics.ts'
import { plan } from '../../analytics/plan/plan.ts'
import type { Readout } from '../../local/metering/readout.ts'
import { createCompactionPorts } from '../../shared/aws/compaction-ports.ts'
import { compact } from '../../shared/core/lake/compaction/compact.ts'
import { lakeTables } from '../../shared/core/lake/tables.ts'
import { compileMetrics } from '../../shared/core/metric/compile.ts'
import type { MeteredStack } from './metered-stack.ts'
import { readoutDifference } from './readout-difference.ts'
import { hourMs, minuteMs, names } from './run.ts'

/** What the batch layer took to write the daily tables of the run's day. */
export type Night = {
  readonly units: Readout
  /** Of all daily tables. */
  readonly writtenBytes: number
}

const dailyFolders = ['events_daily/', 'sessions_daily/', 'persons/']

/** The night after `dayMs`: what `compact` does then, of what is in the lake. */
export async function measureNight(stack: MeteredStack, dayMs: number): Promise<Night> {
  const before = stack.readout()
  const ports = createCompactionPorts({
    lakeBucket: names.lakeBucket,
    metricsTable: names.metricsTable,
    workGroup: 'weir-local-compact',
    database: 'weir_local',
  })
  const result = await compact(
    // The clocks of the lanes stand at noon, where the run ended.
    { tables: lakeTables(plan), metrics: compileMetrics(definitions), fromScratch: false, unchecked: true },
    { ...ports, now: () => dayMs + 24 * hourMs + 45 * minuteMs, isOutOfTime: () => false },
  )
  if (result.outcome !== 'committed') throw new Error(`compact ${result.outcome}: ${result.reason}`)
  const units = readoutDifference(stack.readout(), before)
  const written = await Promise.all(dailyFolders.map((folder) => stack.bytesBelow(folder)))
  return { units, writtenBytes: written.reduce((sum, bytes) => sum + bytes, 0) }
}
