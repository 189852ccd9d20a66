import { randomBytes } from 'node:crypto'
import { Logger } from '@aws-lambda-powertools/logger'
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware'
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics'
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware'
import middy from '@middy/core'
import type { SQSEvent } from 'aws-lambda'
import { reports } from '../../analytics/reports/reports.ts'
import { createReportPorts } from '../../shared/aws/report-ports.ts'
import { answerMessage } from '../../shared/core/report/answer-message.ts'
import type { ReportMetric } from '../../shared/core/report/ports.ts'
import { readQuery } from '../../shared/files/named-queries.ts'

const { env } = process
const logger = new Logger()
const metrics = new Metrics()

const emit = ({ name, at, dimension, values }: ReportMetric): void => {
  for (const { value, of } of values) {
    const single = metrics.singleMetric()
    if (dimension !== '') single.addDimension(dimension, of)
    single.setTimestamp(at)
    single.addMetric(name, MetricUnit.NoUnit, value)
  }
}

const ports = {
  ...createReportPorts({
    reportsTable: env.REPORTS_TABLE ?? 'weir-local-reports',
    lakeBucket: env.LAKE_BUCKET ?? 'weir-local-lake',
    workGroup: env.WORK_GROUP ?? 'weir-local',
    database: env.LAKE_DATABASE ?? 'weir_local',
  }),
  emit,
  readQuery,
}

const handle = async ({ Records }: SQSEvent): Promise<void> => {
  for (const { body, attributes } of Records) {
    const attempt = randomBytes(6).toString('hex')
    const answered = await answerMessage({ body, attempt }, reports, ports)
    logger.info('answered', { ...answered, received: attributes.ApproximateReceiveCount })
    metrics.addMetric('ReportRunsDone', MetricUnit.Count, answered.outcome === 'done' ? 1 : 0)
    metrics.addMetric('ReportMessagesDropped', MetricUnit.Count, answered.outcome === 'dropped' ? 1 : 0)
  }
}

/** One run of one report. A failure throws, and SQS brings the run again, until it lays it aside. */
export const handler = middy<SQSEvent, void>()
  .use(injectLambdaContext(logger))
  .use(logMetrics(metrics))
  .handler(handle)
