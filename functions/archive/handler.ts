import { Logger } from '@aws-lambda-powertools/logger'
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware'
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics'
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware'
import middy from '@middy/core'
import { createDeliveryStream } from '../../shared/aws/firehose.ts'
import { batchSpan, type KinesisEvent, rawRecords } from '../../shared/core/event/kinesis-event.ts'
import { joinRowsGzipped } from '../../shared/core/lake/firehose-records.ts'
import { rawRows } from '../../shared/core/lake/raw-rows.ts'

const { RAW_DELIVERY = 'weir-local-raw' } = process.env

const logger = new Logger()
const metrics = new Metrics()
const delivery = createDeliveryStream(RAW_DELIVERY)

const archive = async (event: KinesisEvent): Promise<void> => {
  const records = rawRecords(event)
  const blocks = joinRowsGzipped(records.flatMap(rawRows))
  await delivery.send(blocks)
  logger.info('archived', { ...batchSpan(records), blocks: blocks.length })
  metrics.addMetric('RecordsArchived', MetricUnit.Count, records.length)
}

/** Raw records as received to the lake. A fault throws, and the batch is retried. */
export const handler = middy<KinesisEvent, void>()
  .use(injectLambdaContext(logger))
  .use(logMetrics(metrics))
  .handler(archive)
