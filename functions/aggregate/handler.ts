import { Logger } from '@aws-lambda-powertools/logger'
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware'
import { Metrics } from '@aws-lambda-powertools/metrics'
import middy from '@middy/core'
import type { Context, KinesisStreamBatchResponse } from 'aws-lambda'
import definitions from '../../analytics/metrics.ts'
import { createLanePorts, createShardNaming } from '../../shared/aws/lane-ports.ts'
import { batchSpan, type KinesisEvent, loggable, rawRecords } from '../../shared/core/event/kinesis-event.ts'
import { aggregate } from '../../shared/core/lane/aggregate.ts'
import { defaultLaneSettings } from '../../shared/core/lane/fold.ts'
import { checkLanes } from '../../shared/core/lane/lane-of.ts'
import { publishEveryOf } from '../../shared/core/lane/publishing.ts'
import { mostHeld, signsOf } from '../../shared/core/lane/signs.ts'
import { compileMetrics } from '../../shared/core/metric/compile.ts'

const { env } = process
/** Enough to write the lake rows, the segment, the manifest and the panes of what is folded. */
const marginMs = 15_000
const logger = new Logger()
const metrics = new Metrics()
const nameOf = createShardNaming(env.LANE_STREAM ?? 'weir-local-lanes')
const ports = createLanePorts({
  stateBucket: env.STATE_BUCKET ?? 'weir-local-state',
  metricsTable: env.METRICS_TABLE ?? 'weir-local-metrics',
  latestTable: env.LATEST_TABLE ?? 'weir-local-latest',
  events: env.EVENTS_DELIVERY ?? 'weir-local-events',
  sessions: env.SESSIONS_DELIVERY ?? 'weir-local-sessions',
  bad: env.BAD_DELIVERY ?? 'weir-local-bad',
})
const lanes = checkLanes(Number(env.LANES ?? '8'))
const settings = { ...defaultLaneSettings, publishEvery: publishEveryOf(env.PUBLISH ?? 'at-once') }
const fixed = { ...ports, lanes, settings, sessionMetrics: compileMetrics(definitions), cache: new Map() }

const handle = async (event: KinesisEvent, context: Context): Promise<KinesisStreamBatchResponse> => {
  const records = rawRecords(event)
  const laneShard = await nameOf(records[0]?.shardId ?? '')
  const isOutOfTime = () => context.getRemainingTimeInMillis() < marginMs
  const result = await aggregate({ laneShard, records }, { ...fixed, isOutOfTime })
  const { firstFailed, errors, conflicts } = result
  for (const error of errors) logger.error('a lane failed', { ...batchSpan(records), error: loggable(error) })
  const held = mostHeld(result.lanes)
  logger.info('aggregated', {
    ...batchSpan(records),
    lanes: result.lanes.length,
    conflicts,
    held,
    firstFailed,
  })
  for (const { name, unit, value } of signsOf(result)) metrics.singleMetric().addMetric(name, unit, value)
  return { batchItemFailures: firstFailed === undefined ? [] : [{ itemIdentifier: firstFailed }] }
}

/** Packs of one shard to lane states, panes and lake rows; names the first record that is not committed. */
export const handler = middy<KinesisEvent, KinesisStreamBatchResponse>()
  .use(injectLambdaContext(logger))
  .handler(handle)
