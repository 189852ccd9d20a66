import { Logger } from '@aws-lambda-powertools/logger'
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware'
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics'
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware'
import middy from '@middy/core'
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda'
import { createRecordWriter } from '../../shared/aws/kinesis.ts'
import { getParameter } from '../../shared/aws/parameters.ts'
import { collect } from '../../shared/core/event/collect.ts'

const { RAW_STREAM = 'weir-local-raw', WRITE_KEYS_PARAMETER = '/weir/local/write-keys' } = process.env

const logger = new Logger()
const metrics = new Metrics()
const writer = createRecordWriter({ streamName: RAW_STREAM })

const respond = (statusCode: number, body: object, headers = {}): APIGatewayProxyStructuredResultV2 => ({
  statusCode,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body),
})

const handle = async (event: APIGatewayProxyEventV2): Promise<APIGatewayProxyStructuredResultV2> => {
  const { http, requestId } = event.requestContext
  const body = Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8')
  const authorization = event.headers.authorization ?? ''
  const request = { path: event.rawPath, body, authorization, ip: http.sourceIp, userAgent: http.userAgent }
  try {
    const writeKeys = (await getParameter(WRITE_KEYS_PARAMETER)).split(',').map((key) => key.trim())
    const collected = collect(request, writeKeys)
    if (!collected.ok) {
      logger.info('refused', { status: collected.status, bytes: body.length })
      return respond(collected.status, { success: false, message: collected.message })
    }
    const [placed] = await writer.put([{ data: collected.data, partitionKey: requestId }])
    logger.info('collected', { ...placed, events: collected.events, bytes: body.length })
    metrics.addMetric('EventsCollected', MetricUnit.Count, collected.events)
    return respond(200, { success: true })
  } catch (error) {
    // The stream or the keys are throttled or away: what the client holds, it can send again.
    logger.error('not collected', { error, bytes: body.length })
    return respond(429, { success: false, message: 'try again' }, { 'retry-after': '5' })
  }
}

/** Segment's HTTP API. 200 means that the events are in the raw stream. */
export const handler = middy<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>()
  .use(injectLambdaContext(logger))
  .use(logMetrics(metrics))
  .handler(handle)
