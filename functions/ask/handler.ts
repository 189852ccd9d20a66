import { Logger } from '@aws-lambda-powertools/logger'
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware'
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics'
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware'
import middy from '@middy/core'
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda'
import { createAthena } from '../../shared/aws/athena.ts'
import { type AskSettings, answerQuery } from '../../shared/core/lake/answer-query.ts'
import { readQueries } from '../../shared/files/named-queries.ts'

const { env } = process
const logger = new Logger()
const metrics = new Metrics()
const athena = createAthena({
  workGroup: env.WORK_GROUP ?? 'weir-local',
  database: env.LAKE_DATABASE ?? 'weir_local',
  // Someone waits for the answer.
  longestPollMs: 500,
})
const settings: AskSettings = {
  queries: readQueries(),
  stage: env.STAGE ?? 'local',
  limits: {
    // An HTTP API cuts off at 30 s; the rest is for stopping the query or reading its result.
    timeoutMs: 20_000,
    maxScannedBytes: Number(env.MAX_SCANNED_BYTES ?? 10_000_000_000),
    maxRows: 5_000,
    // Lambda answers at most 6 MB, the quotes in the text escaped: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
    maxRowBytes: 2_500_000,
  },
}

const ask = async (event: APIGatewayProxyEventV2): Promise<APIGatewayProxyStructuredResultV2> => {
  const { rawPath, queryStringParameters } = event
  const given = Object.entries(queryStringParameters ?? {}).map(([name, text = '']) => [name, text])
  const request = { path: rawPath, parameters: Object.fromEntries(given) }
  const { status, body } = await answerQuery(request, settings, athena)
  const scannedBytes = 'scannedBytes' in body ? body.scannedBytes : 0
  logger.info('answered', { path: rawPath, status, scannedBytes })
  metrics.addMetric(status === 200 ? 'QueriesAnswered' : 'QueriesRefused', MetricUnit.Count, 1)
  metrics.addMetric('QueryScannedBytes', MetricUnit.Bytes, scannedBytes)
  return {
    statusCode: status,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
    body: JSON.stringify(body),
  }
}

/** HTTP API, payload 2.0. A fault of Athena throws, and the caller gets a 500. */
export const handler = middy<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>()
  .use(injectLambdaContext(logger))
  .use(logMetrics(metrics))
  .handler(ask)
