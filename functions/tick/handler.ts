import { Logger } from '@aws-lambda-powertools/logger'
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware'
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics'
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware'
import middy from '@middy/core'
import { createRecordWriter, listShards } from '../../shared/aws/kinesis.ts'
import { getParameter } from '../../shared/aws/parameters.ts'
import { parseControlKeys } from '../../shared/core/event/control.ts'
import { punctuations } from '../../shared/core/event/punctuations.ts'

const { RAW_STREAM = 'weir-local-raw', CONTROL_KEY_PARAMETER = '/weir/local/control-key' } = process.env

const logger = new Logger()
const metrics = new Metrics()
const writer = createRecordWriter({ streamName: RAW_STREAM })

const tick = async (): Promise<void> => {
  const [shards, keys] = await Promise.all([listShards(RAW_STREAM), getParameter(CONTROL_KEY_PARAMETER)])
  const [key] = parseControlKeys(keys)
  const records = punctuations(shards, { key, issuedAt: Date.now() })
  await writer.put(records)
  logger.info('ticked', { shards: shards.length, punctuations: records.length })
  metrics.addMetric('Punctuations', MetricUnit.Count, records.length)
}

/** A punctuation to every open shard of the raw stream, by the schedule. */
export const handler = middy<unknown, void>()
  .use(injectLambdaContext(logger))
  .use(logMetrics(metrics))
  .handler(tick)
