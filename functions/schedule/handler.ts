import { Logger } from '@aws-lambda-powertools/logger'
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware'
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics'
import middy from '@middy/core'
import { reports } from '../../analytics/reports/reports.ts'
import { createPlanPorts } from '../../shared/aws/report-ports.ts'
import { planRuns } from '../../shared/core/report/plan-runs.ts'

const { env } = process
const logger = new Logger()
const metrics = new Metrics()
const settleMs = Number(env.SETTLE_SECONDS ?? '5') * 1000
const ports = createPlanPorts({
  metricsTable: env.METRICS_TABLE ?? 'weir-local-metrics',
  reportsTable: env.REPORTS_TABLE ?? 'weir-local-reports',
  queueUrl: env.REPORTS_QUEUE ?? 'http://127.0.0.1:4566/000000000000/weir-local-reports',
})

const schedule = async (): Promise<void> => {
  const { sent, incomplete, skipped, errors } = await planRuns(
    reports,
    { nowMs: Date.now(), settleMs },
    ports,
  )
  logger.info('scheduled', { reports: reports.length, sent, incomplete, skipped })
  // Only when there are some: CloudWatch bills a metric for the hours in which somebody sends it.
  for (const [name, value] of Object.entries({
    ReportRunsIncomplete: incomplete,
    ReportRunsSkipped: skipped,
  }))
    if (value > 0) metrics.singleMetric().addMetric(name, MetricUnit.Count, value)
  for (const error of errors) logger.error('a report was not scheduled', { error })
  // The next time goes on from what is recorded; a failure is for the alarm.
  if (errors.length > 0) throw new Error(`${errors.length} of ${reports.length} reports were not scheduled`)
}

/** The runs of reports that are due, to their queue, by the schedule. */
export const handler = middy<unknown, void>().use(injectLambdaContext(logger)).handler(schedule)
