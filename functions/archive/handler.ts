import { Logger } from '@aws-lambda-powertools/logger'
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware'
import middy from '@middy/core'
import { createDeliveryStream } from '../../shared/aws/firehose.ts'
import { batchSpan, type KinesisEvent, rawRecords } from '../../shared/core/event/kinesis-event.ts'
import { gzipLines } from '../../shared/core/lake/gzip-lines.ts'
import { rawRows } from '../../shared/core/lake/raw-rows.ts'

const { RAW_DELIVERY = 'weir-local-raw' } = process.env

const logger = new Logger()
const delivery = createDeliveryStream(RAW_DELIVERY)

const archive = async (event: KinesisEvent): Promise<void> => {
  const records = rawRecords(event)
  const blocks = gzipLines(rawRows(records))
  await delivery.send(blocks)
  logger.info('archived', { ...batchSpan(records), blocks: blocks.length })
}

/** Raw records as received to the lake. A fault throws, and the batch is retried. */
export const handler = middy<KinesisEvent, void>().use(injectLambdaContext(logger)).handler(archive)
