import { Logger } from '@aws-lambda-powertools/logger'
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware'
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics'
import middy from '@middy/core'
import { createPaneStore } from '../../shared/aws/dynamodb.ts'
import { createRecordWriter, extendRetention, hoursKept, listShards } from '../../shared/aws/kinesis.ts'
import { getParameter } from '../../shared/aws/parameters.ts'
import { parseControlKeys } from '../../shared/core/event/control.ts'
import { punctuations } from '../../shared/core/event/punctuations.ts'
import { extendWhenBehind } from '../../shared/core/retention/extend-when-behind.ts'

const { env } = process
const { RAW_STREAM = 'weir-local-raw', CONTROL_KEY_PARAMETER = '/weir/local/control-key' } = env
const retention = {
  streams: [RAW_STREAM, env.LANE_STREAM ?? 'weir-local-lanes'],
  declaredHours: Number(env.RETENTION_HOURS ?? '168'),
  extendedHours: Number(env.EXTENDED_RETENTION_HOURS ?? '168'),
}

const logger = new Logger()
const metrics = new Metrics()
const writer = createRecordWriter({ streamName: RAW_STREAM })
const { lanes } = createPaneStore({ tableName: env.METRICS_TABLE ?? 'weir-local-metrics' })
const ports = { lanes, hoursKept, extend: extendRetention }

const punctuate = async (): Promise<void> => {
  const [shards, keys] = await Promise.all([listShards(RAW_STREAM), getParameter(CONTROL_KEY_PARAMETER)])
  const [key] = parseControlKeys(keys)
  const records = punctuations(shards, { key, issuedAt: Date.now() })
  await writer.put(records)
  logger.info('ticked', { shards: shards.length, punctuations: records.length })
}

const watchRetention = async (nowMs: number): Promise<void> => {
  const { aboveDeclared, ...found } = await extendWhenBehind({ ...retention, nowMs }, ports)
  if (found.extended.length > 0)
    logger.warn('the lanes are behind: docs/runbook.md, The streams keep records for longer', found)
  // While it is so and not else: CloudWatch bills a metric for the hours in which somebody sends it.
  if (aboveDeclared > 0)
    metrics.singleMetric().addMetric('RetentionExtended', MetricUnit.Count, aboveDeclared)
}

const tick = async (): Promise<void> => {
  await punctuate()
  // Only now: whatever is wrong with the lanes, clocks must go on.
  await watchRetention(Date.now())
}

/** A punctuation to every open shard of the raw stream, by the schedule, and a look at how far the lanes are. */
export const handler = middy<unknown, void>().use(injectLambdaContext(logger)).handler(tick)
