import { Logger } from '@aws-lambda-powertools/logger'
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware'
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics'
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware'
import middy from '@middy/core'
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda'
import latestTables from '../../analytics/latest.ts'
import definitions from '../../analytics/metrics.ts'
import { createPaneStore } from '../../shared/aws/dynamodb.ts'
import { createLatestStore } from '../../shared/aws/latest-store.ts'
import { answerLatest, isLatestPath } from '../../shared/core/latest/answer.ts'
import { answer } from '../../shared/core/metric/answer.ts'
import { catalogueOf } from '../../shared/core/metric/catalogue.ts'

const { METRICS_TABLE = 'weir-local-metrics', LATEST_TABLE = 'weir-local-latest' } = process.env

const logger = new Logger()
const metrics = new Metrics()
const catalogue = catalogueOf(definitions)
const store = createPaneStore({ tableName: METRICS_TABLE })
const latest = createLatestStore({ tableName: LATEST_TABLE })

const query = async (event: APIGatewayProxyEventV2): Promise<APIGatewayProxyStructuredResultV2> => {
  const { rawPath, queryStringParameters, requestContext } = event
  const request = {
    path: rawPath,
    parameters: queryStringParameters ?? {},
    receivedAt: requestContext.timeEpoch,
  }
  const { status, body } = isLatestPath(rawPath)
    ? await answerLatest(request, latestTables, latest)
    : await answer(request, catalogue, store)
  const windows = 'windows' in body ? body.windows.length : 0
  logger.info('answered', { path: rawPath, status, windows })
  metrics.addMetric(status === 200 ? 'QueriesAnswered' : 'QueriesRefused', MetricUnit.Count, 1)
  return {
    statusCode: status,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
    body: JSON.stringify(body),
  }
}

/** HTTP API, payload 2.0. A fault of the table throws, and the caller gets a 500. */
export const handler = middy<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>()
  .use(injectLambdaContext(logger))
  .use(logMetrics(metrics))
  .handler(query)
