import { Logger } from '@aws-lambda-powertools/logger'
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware'
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics'
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware'
import middy from '@middy/core'
import type { Context, KinesisStreamBatchResponse } from 'aws-lambda'
import definitions from '../../analytics/metrics.ts'
import { createLanePorts, createShardNaming } from '../../shared/aws/lane-ports.ts'
import { batchSpan, type KinesisEvent, loggable, rawRecords } from '../../shared/core/event/kinesis-event.ts'
import { aggregate } from '../../shared/core/lane/aggregate.ts'
import { defaultLaneSettings } from '../../shared/core/lane/fold.ts'
import { checkLanes } from '../../shared/core/lane/lane-of.ts'
import { publishEveryOf } from '../../shared/core/lane/publishing.ts'
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
  const { firstFailed, errors, unreadable, conflicts } = result
  for (const error of errors) logger.error('a lane failed', { ...batchSpan(records), error: loggable(error) })
  logger.info('aggregated', { ...batchSpan(records), lanes: result.lanes.length, conflicts, firstFailed })
  metrics.addMetric('LaneConflicts', MetricUnit.Count, conflicts)
  metrics.addMetric('LanesFailed', MetricUnit.Count, errors.length)
  metrics.addMetric('UnreadablePacks', MetricUnit.Count, unreadable)
  for (const { held } of result.lanes) {
    metrics.addMetric('OpenVisitors', MetricUnit.Count, held.visitors)
    metrics.addMetric('OpenSessions', MetricUnit.Count, held.sessions)
    metrics.addMetric('SeenIdBytes', MetricUnit.Bytes, held.seenIdBytes)
    metrics.addMetric('RecordsBeyondMarks', MetricUnit.Count, held.recordsBeyondMarks)
  }
  return { batchItemFailures: firstFailed === undefined ? [] : [{ itemIdentifier: firstFailed }] }
}

/** Packs of one shard to lane states, panes and lake rows; names the first record that is not committed. */
export const handler = middy<KinesisEvent, KinesisStreamBatchResponse>()
  .use(injectLambdaContext(logger))
  .use(logMetrics(metrics))
  .handler(handle)
