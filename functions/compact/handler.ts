import { Logger } from '@aws-lambda-powertools/logger'
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware'
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics'
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware'
import middy from '@middy/core'
import type { Context } from 'aws-lambda'
import definitions from '../../analytics/metrics.ts'
import { plan } from '../../analytics/plan/plan.ts'
import { createCompactionPorts } from '../../shared/aws/compaction-ports.ts'
import { type CompactionResult, compact } from '../../shared/core/lake/compaction/compact.ts'
import { lakeTables } from '../../shared/core/lake/tables.ts'
import { compileMetrics } from '../../shared/core/metric/compile.ts'

const { env } = process
/** No part is begun so late. One that is not done when the function ends is written again by the next run. */
const marginMs = 45_000
const logger = new Logger()
const metrics = new Metrics()
const ports = createCompactionPorts({
  lakeBucket: env.LAKE_BUCKET ?? 'weir-local-lake',
  metricsTable: env.METRICS_TABLE ?? 'weir-local-metrics',
  workGroup: env.WORK_GROUP ?? 'weir-local-compact',
  database: env.LAKE_DATABASE ?? 'weir_local',
})
const settings = { tables: lakeTables(plan), metrics: compileMetrics(definitions) }

const handle = async (_event: unknown, context: Context): Promise<CompactionResult> => {
  const isOutOfTime = () => context.getRemainingTimeInMillis() < marginMs
  const result = await compact(settings, { ...ports, isOutOfTime })
  const { outcome, isBehind, commits, missing, difference } = result
  logger.info('compacted', { ...result, through: new Date(result.through).toISOString() })
  metrics.addMetric('CompactionWaits', MetricUnit.Count, outcome === 'waits' ? 1 : 0)
  metrics.addMetric('CompactionBehind', MetricUnit.Count, isBehind ? 1 : 0)
  metrics.addMetric('LakeMissing', MetricUnit.Count, missing)
  // Only of a run that has compared: else the zeros of the runs that found nothing to do would hide it.
  if (commits > 0) metrics.addMetric('SpeedBatchDifference', MetricUnit.Count, difference)
  return result
}

/** The lake's closed days into the daily tables, some times a day: most runs find nothing to do. */
export const handler = middy<unknown, CompactionResult>()
  .use(injectLambdaContext(logger))
  .use(logMetrics(metrics))
  .handler(handle)
